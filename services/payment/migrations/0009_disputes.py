"""Disputes come to an end, and refunds may fail after they had succeeded."""

from pathlib import Path

from shared.postgres.migrate import run_sql

revision = "0009"
down_revision = "0008"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0009_disputes.sql")

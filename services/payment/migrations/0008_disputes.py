"""Disputes come to an end, and refunds may fail after they had succeeded."""

from pathlib import Path

from shared.postgres.migrate import run_sql

revision = "0008"
down_revision = "0007"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0008_disputes.sql")

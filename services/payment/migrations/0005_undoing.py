"""Payments registered by mistake can be undone, or moved to another contact."""

from pathlib import Path

from shared.postgres.migrate import run_sql

revision = "0005"
down_revision = "0004"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0005_undoing.sql")

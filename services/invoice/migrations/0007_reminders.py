"""Reminders of open invoices, by each workspace's schedule."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0007"
down_revision = "0006"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0007_reminders.sql", *shared_tables("row_security_v1"))

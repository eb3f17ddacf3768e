"""Editions of issued invoices, and what credit settled of them when they were issued."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0014"
down_revision = "0013"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0014_editions.sql", *shared_tables("row_security_v1"))

"""Refunds, credits, write-offs and the double-entry ledger."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0002"
down_revision = "0001"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0002_ledger.sql", *shared_tables("row_security_v1"))

"""Billings that wait for the workspace, numbers passed over, and names of workspaces."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0009"
down_revision = "0008"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0009_waiting_billings.sql", *shared_tables("row_security_v1"))

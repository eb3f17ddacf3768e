"""Rate limits, order, health, recovery and retention."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0002"
down_revision = "0001"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0002_operations.sql", *shared_tables("sandbox_event_v1", "row_security_v1"))

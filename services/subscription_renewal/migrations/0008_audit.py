"""Who changed subscriptions, runs and dunning."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0008"
down_revision = "0007"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(*shared_tables("audit_v1", "row_security_v1"), HERE / "0008_audit.sql")

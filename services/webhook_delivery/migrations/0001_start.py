"""Endpoints, messages in daily partitions, deliveries, attempts and the pull feed's positions."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0001"
down_revision = None
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(
        *shared_tables("outbox_v1", "inbox_v1", "idempotency_v1", "workspace_v1"),
        HERE / "0001_start.sql",
        *shared_tables("row_security_v1"),
    )

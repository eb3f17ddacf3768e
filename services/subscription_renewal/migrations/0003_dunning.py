"""Dunning: campaigns and their schedules."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0003"
down_revision = "0002"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0003_dunning.sql", *shared_tables("sandbox_event_v1", "row_security_v1"))

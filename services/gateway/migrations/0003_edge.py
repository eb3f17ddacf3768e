"""Keys that replace others, members of workspaces, allowed origins, and limits that replicas share."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0003"
down_revision = "0002"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0003_edge.sql", *shared_tables("row_security_v1"))

"""Who changed endpoints and secrets, and sent again."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0005"
down_revision = "0004"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(*shared_tables("audit_v1", "row_security_v1"), HERE / "0005_audit.sql")

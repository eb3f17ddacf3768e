"""Who changed documents, their parties and how they are sent."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0015"
down_revision = "0014"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(*shared_tables("audit_v1", "row_security_v1"), HERE / "0015_audit.sql")

"""Who changed money, and through whom it is collected."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0012"
down_revision = "0011"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(*shared_tables("audit_v1", "row_security_v1"), HERE / "0012_audit.sql")

"""The values of endpoints' own headers are encrypted, as their signing secrets are."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0004"
down_revision = "0003"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0004_endpoint_headers.sql", *shared_tables("row_security_v1"))

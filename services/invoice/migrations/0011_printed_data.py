"""What printed documents carry as data, and what the rules found in it."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0011"
down_revision = "0010"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0011_printed_data.sql", *shared_tables("row_security_v1"))

"""What running periods are charged for, piece by piece."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0005"
down_revision = "0004"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0005_segments.sql", *shared_tables("row_security_v1"))

"""Credit of subscriptions that have stopped."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0006"
down_revision = "0005"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0006_released_credit.sql", *shared_tables("row_security_v1"))

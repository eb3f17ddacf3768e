"""What channels report later of deliveries, each report once."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0018"
down_revision = "0017"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0018_delivery_reports.sql", *shared_tables("row_security_v1"))

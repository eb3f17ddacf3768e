"""What happened to an invoice's money, for its timeline."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0017"
down_revision = "0016"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0017_payment_facts.sql", *shared_tables("row_security_v1"))

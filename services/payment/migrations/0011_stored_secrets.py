"""Payers' secrets go out of the replies that are stored for repetitions."""

from pathlib import Path

from shared.postgres.migrate import run_sql

revision = "0011"
down_revision = "0010"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0011_stored_secrets.sql")

"""Payers' secrets go out of the replies that are stored for repetitions."""

from pathlib import Path

from shared.postgres.migrate import run_sql

revision = "0010"
down_revision = "0009"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0010_stored_secrets.sql")

"""Deliveries of all documents in one list, and whether whoever sent them gave the address."""

from pathlib import Path

from shared.postgres.migrate import run_sql

revision = "0015"
down_revision = "0014"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0015_document_deliveries.sql")

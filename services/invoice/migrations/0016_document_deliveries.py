"""Deliveries of all documents in one list, and whether whoever sent them gave the address."""

from pathlib import Path

from shared.postgres.migrate import run_sql

revision = "0016"
down_revision = "0015"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0016_document_deliveries.sql")

"""Invoices as their payers see them: the public page, the logo, and the documents as they were issued."""

from pathlib import Path

from shared.postgres.migrate import run_sql, shared_tables

revision = "0006"
down_revision = "0005"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0006_public_page.sql", *shared_tables("row_security_v1"))

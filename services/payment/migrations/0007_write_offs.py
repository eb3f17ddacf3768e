"""Parts of invoices are written off, and that is taken back."""

from pathlib import Path

from shared.postgres.migrate import run_sql

revision = "0007"
down_revision = "0006"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0007_write_offs.sql")

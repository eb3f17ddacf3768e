"""Why products have no tax, for the lines that sell them."""

from pathlib import Path

from shared.postgres.migrate import run_sql

revision = "0012"
down_revision = "0011"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0012_product_reasons.sql")

"""What messages are about and how their deliveries went, to be found by it."""

from pathlib import Path

from shared.postgres.migrate import run_sql

revision = "0005"
down_revision = "0004"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0005_outcomes.sql")

"""What messages are about and how their deliveries went, to be found by it."""

from pathlib import Path

from shared.postgres.migrate import run_sql

revision = "0006"
down_revision = "0005"
HERE = Path(__file__).parent


def upgrade() -> None:
    run_sql(HERE / "0006_outcomes.sql")

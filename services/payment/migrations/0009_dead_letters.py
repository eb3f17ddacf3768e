"""Dead letters that can be seen, replayed and dropped, and workspaces whose events are set aside."""

from shared.postgres.migrate import run_sql, shared_tables

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql(*shared_tables("dead_letter_v1", "row_security_v1"))

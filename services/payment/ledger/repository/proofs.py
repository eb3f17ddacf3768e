"""SQL of who had their money proved when."""

from datetime import datetime
from uuid import UUID

from shared.postgres.pool import Connection

EVERY_SECONDS = 60
_IS_ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('ledger proof ' || $1::uuid, 0))"
_CLAIM = """
INSERT INTO ledger_proof AS before (workspace_id, proved_at) VALUES ($1, now())
ON CONFLICT (workspace_id) DO UPDATE SET proved_at = excluded.proved_at
WHERE before.proved_at <= now() - make_interval(secs => $2)
RETURNING proved_at
"""
_LEFT = """
SELECT ceil(extract(epoch FROM proved_at + make_interval(secs => $2) - now()))::int
FROM ledger_proof WHERE workspace_id = $1
"""


async def claim(tx: Connection, workspace_id: UUID) -> datetime | None:
    """Take the workspace's turn and tell when that was; None where it had one less than a minute ago.

    Nobody waits behind a proof that runs: there is no turn meanwhile.
    """
    if not await tx.fetchval(_IS_ALONE, workspace_id):
        return None
    at: datetime | None = await tx.fetchval(_CLAIM, workspace_id, EVERY_SECONDS)
    return at


async def seconds_left(tx: Connection, workspace_id: UUID) -> int:
    """After how many seconds the workspace has its next turn, at least one."""
    left: int | None = await tx.fetchval(_LEFT, workspace_id, EVERY_SECONDS)
    return max(1, EVERY_SECONDS if left is None else left)

"""SQL of the limits that replicas share: each tells what it did, and learns what is left for all."""

from collections.abc import Mapping
from uuid import UUID

from shared.postgres.pool import Connection

Caller = tuple[UUID, str]
"""A workspace, and who asks within it: `key:…` or `user:…`."""
# The longest that a replica which tells nothing more counts for: it has died or cannot reach us.
_SILENT = "interval '5 seconds'"
# In the order of the key, so that two replicas never wait for each other; debts are bounded by one burst.
_SETTLE = """
INSERT INTO request_balance AS b (workspace_id, caller, tokens, refilled_at)
SELECT workspace_id, caller, $5::bigint - used, clock_timestamp()
FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS told (workspace_id, caller, used)
ORDER BY workspace_id, caller
ON CONFLICT (workspace_id, caller) DO UPDATE SET
    tokens = greatest(-$5::bigint,
        least($5::bigint, b.tokens + $4::bigint * greatest(0,
            extract(epoch FROM clock_timestamp() - b.refilled_at)))
        - ($5::bigint - excluded.tokens)),
    refilled_at = greatest(b.refilled_at, clock_timestamp())
RETURNING workspace_id, caller, floor(tokens)::bigint AS tokens
"""
_TELL = """
INSERT INTO request_in_flight (workspace_id, replica, in_flight, told_at)
SELECT workspace_id, $1, in_flight, clock_timestamp()
FROM unnest($2::uuid[], $3::integer[]) AS told (workspace_id, in_flight)
ORDER BY workspace_id
ON CONFLICT (workspace_id, replica) DO UPDATE SET
    in_flight = excluded.in_flight, told_at = excluded.told_at
"""
_OTHERS = f"""
SELECT workspace_id, sum(in_flight)::bigint AS in_flight FROM request_in_flight
WHERE replica <> $1 AND in_flight > 0 AND told_at > clock_timestamp() - {_SILENT}
GROUP BY workspace_id
"""
_JOIN = f"""
WITH joined AS (INSERT INTO replica (id, told_at) VALUES ($1, clock_timestamp())
                ON CONFLICT (id) DO UPDATE SET told_at = excluded.told_at)
SELECT count(*) FROM replica WHERE told_at > clock_timestamp() - {_SILENT} AND id <> $1
"""


async def settle(tx: Connection, used: Mapping[Caller, int], rate: int, burst: int) -> dict[Caller, int]:
    """Take what was used from the callers' buckets; what is left in each, below zero where too much was."""
    workspace_ids, callers = zip(*used, strict=True)
    rows = await tx.fetch(_SETTLE, list(workspace_ids), list(callers), list(used.values()), rate, burst)
    return {(row["workspace_id"], row["caller"]): row["tokens"] for row in rows}


async def tell_in_flight(tx: Connection, replica: UUID, in_flight: Mapping[UUID, int]) -> None:
    """Store how many requests of these workspaces the replica is working on."""
    await tx.execute(_TELL, replica, list(in_flight), list(in_flight.values()))


async def in_flight_elsewhere(tx: Connection, replica: UUID) -> dict[UUID, int]:
    """How many requests of each workspace all other replicas are working on."""
    rows = await tx.fetch(_OTHERS, replica)
    return {row["workspace_id"]: row["in_flight"] for row in rows}


async def join(connection: Connection, replica: UUID) -> int:
    """Tell that this replica runs; returns how many others do."""
    return int(await connection.fetchval(_JOIN, replica))


async def leave(tx: Connection, replica: UUID) -> None:
    """Tell that this replica ends."""
    await tx.execute("DELETE FROM replica WHERE id = $1", replica)


async def forget_silent(tx: Connection) -> None:
    """Remove what was told by replicas that are long gone, and buckets that are long full."""
    await tx.execute(
        """
        WITH gone AS (DELETE FROM replica WHERE told_at < clock_timestamp() - interval '1 hour'),
            finished AS (
                DELETE FROM request_in_flight WHERE told_at < clock_timestamp() - interval '1 hour')
        DELETE FROM request_balance WHERE refilled_at < clock_timestamp() - interval '1 hour'
        """
    )

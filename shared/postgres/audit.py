"""The audit log of one service: read, chained by a worker, and proved. Triggers write it (audit_v1.sql)."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared.kernel.json import Json, JsonObject
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

SEAL_LIMIT = 1_000
"""Entries that one transaction seals."""
LATE_SECONDS = 3600
"""An entry that is not sealed after this long counts as a fault."""
START = bytes(32)

# Times as microseconds: text would depend on the session's time zone.
_CANONICAL = """jsonb_build_array(workspace_id, position, resource, resource_id, sequence, types, actor,
    request_id, (extract(epoch FROM occurred_at) * 1000000)::bigint,
    (extract(epoch FROM recorded_at) * 1000000)::bigint, before, after, encode(data_sha256, 'hex'))::text"""
_FIND = """
SELECT position, resource, resource_id, sequence, types, actor, request_id, occurred_at, recorded_at,
    before::text AS before, after::text AS after,
    encode(coalesce(data_sha256, sha256(convert_to(coalesce(after, 'null')::text, 'UTF8'))), 'hex')
        AS data_sha256
FROM audit_entry
WHERE workspace_id = $1
  AND ($2::text IS NULL OR resource = $2)
  AND ($3::uuid IS NULL OR resource_id = $3)
  AND ($4::text IS NULL OR actor = $4)
  AND ($5::text IS NULL OR $5 = ANY(types))
  AND ($6::timestamptz IS NULL OR occurred_at >= $6)
  AND ($7::timestamptz IS NULL OR occurred_at < $7)
  AND ($8::bigint IS NULL OR position < $8)
ORDER BY position DESC LIMIT $9
"""
# One sealer a service; whoever comes second finds nothing to do.
_IS_OURS = "SELECT pg_try_advisory_xact_lock(hashtextextended('audit.' || current_schema(), 0))"
_UNSEALED = f"""
SELECT workspace_id, position, {_CANONICAL} AS text FROM audit_entry WHERE chain_sha256 IS NULL
ORDER BY workspace_id, position LIMIT $1
"""
_HEADS = (
    "SELECT workspace_id, chain_number, chain_sha256 FROM audit_head WHERE workspace_id = ANY($1::uuid[])"
)
_SEAL = """
UPDATE audit_entry SET chain_number = new.number, chain_sha256 = new.sha256
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bytea[])
    AS new (workspace_id, position, number, sha256)
WHERE audit_entry.workspace_id = new.workspace_id AND audit_entry.position = new.position
"""
_SAVE_HEADS = """
INSERT INTO audit_head (workspace_id, chain_number, chain_sha256, sealed_at)
SELECT *, now() FROM unnest($1::uuid[], $2::bigint[], $3::bytea[])
ON CONFLICT (workspace_id) DO UPDATE
SET chain_number = excluded.chain_number, chain_sha256 = excluded.chain_sha256, sealed_at = excluded.sealed_at
"""
_SEALED = f"""
SELECT position, chain_number, chain_sha256, {_CANONICAL} AS text FROM audit_entry
WHERE workspace_id = $1 AND chain_sha256 IS NOT NULL ORDER BY chain_number
"""
_WORKSPACES = """
SELECT workspace_id FROM audit_entry WHERE $1::uuid IS NULL OR workspace_id = $1
UNION SELECT workspace_id FROM audit_head WHERE $1::uuid IS NULL OR workspace_id = $1 ORDER BY 1
"""
_OLDEST = """
SELECT coalesce(extract(epoch FROM now() - min(recorded_at)), 0)::float8 FROM audit_entry
WHERE chain_sha256 IS NULL
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries are asked for; `before` is the place of the last one seen."""

    resource: str | None = None
    resource_id: UUID | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 100


@dataclass(slots=True)
class Proof:
    """What the chain of one workspace came to."""

    workspace_id: UUID
    entry_count: int = 0
    faults: list[str] = field(default_factory=list)


async def tell_requests(tx: Connection, requests: Mapping[UUID, str | None]) -> None:
    """Say, by the id of each resource that this transaction is to change, in which request that is done."""
    known = {str(id_): request for id_, request in requests.items() if request}
    await tx.execute("SELECT set_config('app.request_ids', $1, true)", json.dumps(known))


async def find(tx: Connection, workspace_id: UUID, filters: Filters) -> list[JsonObject]:
    """The workspace's entries of this service, newest first."""
    rows = await tx.fetch(
        _FIND,
        workspace_id,
        filters.resource,
        filters.resource_id,
        filters.actor,
        filters.action,
        filters.since,
        filters.until,
        filters.before,
        filters.limit,
    )
    return [dict(row) | {name: _decode(row[name]) for name in ("before", "after")} for row in rows]


def query(filters: Filters) -> dict[str, str]:
    """The filters as the query of a request that another service answers."""
    given = {name: getattr(filters, name) for name in Filters.__dataclass_fields__}
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in given.items()
        if value is not None
    }


def _decode(text: str | None) -> Json:
    # Prices are text as elsewhere in the API: no float has their digits.
    return None if text is None else json.loads(text, parse_float=str)


async def seal(database: Database, limit: int = SEAL_LIMIT) -> bool:
    """Give entries that have none yet their place in their workspace's chain; whether there may be more."""
    async with database.transaction() as tx:
        if not await tx.fetchval(_IS_OURS):
            return False
        rows = await tx.fetch(_UNSEALED, limit)
        if not rows:
            return False
        ends = {row["workspace_id"]: (0, START) for row in rows}
        for head in await tx.fetch(_HEADS, list(ends)):
            ends[head["workspace_id"]] = (head["chain_number"], head["chain_sha256"])
        sealed = []
        for row in rows:
            number, previous = ends[row["workspace_id"]]
            ends[row["workspace_id"]] = number + 1, link(previous, row["text"])
            sealed.append((row["workspace_id"], row["position"], *ends[row["workspace_id"]]))
        await tx.execute(_SEAL, *_columns(sealed))
        await tx.execute(_SAVE_HEADS, *_columns((key, *end) for key, end in ends.items()))
    return len(rows) == limit


def link(previous: bytes, text: str) -> bytes:
    """SHA-256 over the hash before and the entry's canonical text."""
    return hashlib.sha256(previous + text.encode()).digest()


async def oldest_unsealed_seconds(tx: Connection) -> float:
    """How long the oldest entry has waited for its place in a chain."""
    age: float = await tx.fetchval(_OLDEST)
    return age


async def next_workspace(tx: Connection, last: UUID) -> UUID | None:
    """The workspace with a chain that comes after this one; None after the last."""
    found: UUID | None = await tx.fetchval(
        "SELECT workspace_id FROM audit_head WHERE workspace_id > $1 ORDER BY 1 LIMIT 1", last
    )
    return found


async def prove(tx: Connection, workspace_id: UUID | None = None) -> AsyncIterator[Proof]:
    """Recompute the chains of all workspaces, or of one; a fault for each entry not as it was written."""
    for row in await tx.fetch(_WORKSPACES, workspace_id):
        yield await _prove(tx, row["workspace_id"])


async def _prove(tx: Connection, workspace_id: UUID) -> Proof:
    proof = Proof(workspace_id)
    number, sha256 = 0, START
    async for row in tx.cursor(_SEALED, workspace_id, prefetch=1_000):
        number += 1
        proof.entry_count += 1
        if row["chain_number"] != number:
            proof.faults.append(f"entries {number} to {row['chain_number'] - 1} are gone")
            number = row["chain_number"]
        elif link(sha256, row["text"]) != row["chain_sha256"]:
            proof.faults.append(f"entry {number} (position {row['position']}) is not as it was written")
        sha256 = row["chain_sha256"]
    for head in await tx.fetch(_HEADS, [workspace_id]):
        if (head["chain_number"], head["chain_sha256"]) != (number, sha256):
            proof.faults.append(f"the chain ends at {number}, not at {head['chain_number']} as it did")
    if number and not await tx.fetch(_HEADS, [workspace_id]):
        proof.faults.append("nothing says where the chain ends")
    late = await tx.fetchval(
        """SELECT count(*) FROM audit_entry WHERE workspace_id = $1 AND chain_sha256 IS NULL
            AND recorded_at < now() - make_interval(secs => $2)""",
        workspace_id,
        float(LATE_SECONDS),
    )
    if late:
        proof.faults.append(f"{late} entries have waited for their place in the chain for over an hour")
    return proof


def _columns(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]

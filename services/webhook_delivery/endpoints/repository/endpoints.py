"""Endpoints as rows, locked before a change; `touch` has whoever keeps a copy of them read anew."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from services.webhook_delivery.endpoints.domain.endpoint import Endpoint, EndpointStatus, Health, Ordering
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, where
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection, Row

_NAMES = (
    "workspace_id id version url event_types description headers timeout_seconds max_concurrency rate_limit "
    "ordering status disabled_reason disabled_at paused_until failing_since failure_count health deleted_at "
    "created_at updated_at headers_encrypted"
).split()
_COLUMNS = ", ".join(_NAMES)
_INSERT = Statement(f"INSERT INTO endpoint ({_COLUMNS}) VALUES ({places(_NAMES)})")
_SAVE = Statement(
    f"""UPDATE endpoint SET {", ".join(f"{name} = :{name}" for name in _NAMES[2:])}
    WHERE workspace_id = :workspace_id AND id = :id"""
)
_GET = f"SELECT {_COLUMNS} FROM endpoint WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL"
_OF_WORKSPACES = f"""
SELECT {_COLUMNS} FROM endpoint WHERE workspace_id = ANY($1::uuid[]) AND deleted_at IS NULL ORDER BY id
"""
_THESE = f"""
SELECT e.* FROM unnest($1::uuid[], $2::uuid[]) AS wanted (workspace_id, id)
CROSS JOIN LATERAL (
    SELECT {_COLUMNS} FROM endpoint
    WHERE workspace_id = wanted.workspace_id AND id = wanted.id LIMIT 1) AS e
"""
# Successes matter only to endpoints that had failed, so that a sound endpoint is never locked. One probe
# each, in the order of the arrays; one that the planner cannot look into spares it to plan each time anew.
_LOCK_HEALTH = f"""
SELECT e.* FROM unnest((SELECT $1::uuid[]), (SELECT $2::uuid[]), (SELECT $3::boolean[]))
    AS tried (workspace_id, id, has_failed)
CROSS JOIN LATERAL (
    SELECT {_COLUMNS} FROM endpoint
    WHERE workspace_id = tried.workspace_id AND id = tried.id
      AND (tried.has_failed OR failing_since IS NOT NULL) FOR UPDATE) AS e
"""
# LATERAL, so that the queue is asked for each of them by its index and never read whole.
_NOT_TAKING = f"""
SELECT {_COLUMNS} FROM endpoint e
CROSS JOIN LATERAL (
    SELECT FROM delivery_due d
    WHERE d.endpoint_id = e.id AND d.workspace_id = e.workspace_id AND d.lease_token IS NULL
    LIMIT 1) AS queued
WHERE status <> 'enabled' OR deleted_at IS NOT NULL
LIMIT $1
"""
# Values in the open, of before they were encrypted or of a process that did not yet; and older keys.
_TO_SEAL = f"""
SELECT {_COLUMNS} FROM endpoint
WHERE id > $1 AND headers <> '{{}}' AND (
    headers_encrypted IS NULL
    OR substring(headers_encrypted FROM 1 FOR octet_length($2::bytea)) <> $2
    OR EXISTS (SELECT FROM jsonb_each_text(headers) AS one WHERE one.value <> $3))
ORDER BY id LIMIT $4 FOR UPDATE
"""
_SEAL = "UPDATE endpoint SET headers = $3, headers_encrypted = $4 WHERE workspace_id = $1 AND id = $2"
_TOUCH = """
INSERT INTO feed_head (workspace_id, position, endpoints_version)
SELECT DISTINCT w, 0, 1 FROM unnest($1::uuid[]) AS w ORDER BY w
ON CONFLICT (workspace_id) DO UPDATE SET endpoints_version = feed_head.endpoints_version + 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFilter:
    """Which endpoints."""

    status: Annotated[EndpointStatus | None, where("status = :status")] = None


_LIST = Listing(
    EndpointFilter, "endpoint", _COLUMNS, scope="workspace_id = :workspace_id AND deleted_at IS NULL"
)


async def insert(tx: Connection, endpoint: Endpoint) -> None:
    """Store a new endpoint."""
    await _INSERT.execute(tx, endpoint, headers=dict(endpoint.headers))


async def save(tx: Connection, endpoint: Endpoint) -> None:
    """Store the endpoint as it is now."""
    await _SAVE.execute(tx, endpoint, headers=dict(endpoint.headers))


async def get(tx: Connection, workspace_id: UUID, endpoint_id: UUID) -> Endpoint:
    """The endpoint; raises NotFound, also for a deleted one."""
    row = await tx.fetchrow(_GET, workspace_id, endpoint_id)
    return _to_endpoint(row) if row else raise_not_found("webhook endpoint", endpoint_id)


async def lock(tx: Connection, workspace_id: UUID, endpoint_id: UUID) -> Endpoint:
    """The endpoint, its row locked until the transaction ends; raises NotFound, also for a deleted one."""
    row = await tx.fetchrow(_GET + " FOR UPDATE", workspace_id, endpoint_id)
    return _to_endpoint(row) if row else raise_not_found("webhook endpoint", endpoint_id)


async def find_page(
    tx: Connection, workspace_id: UUID, wanted: EndpointFilter, window: Window
) -> Found[Endpoint]:
    """The workspace's endpoints, newest first."""
    return await _LIST.find(tx, workspace_id, wanted, window, _to_endpoint)


async def count(tx: Connection, workspace_id: UUID) -> int:
    """How many endpoints the workspace has."""
    return await _LIST.count(tx, workspace_id, EndpointFilter())


async def of_workspaces(tx: Connection, workspace_ids: Sequence[UUID]) -> list[Endpoint]:
    """Every endpoint of these workspaces."""
    return [_to_endpoint(row) for row in await tx.fetch(_OF_WORKSPACES, workspace_ids)]


async def these(tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> list[Endpoint]:
    """The endpoints of these workspace ids and ids, deleted ones too."""
    return [_to_endpoint(row) for row in await tx.fetch(_THESE, *_columns(keys))]


async def find(tx: Connection, workspace_id: UUID, endpoint_id: UUID) -> Endpoint | None:
    """The endpoint, also a deleted one."""
    rows = await these(tx, [(workspace_id, endpoint_id)])
    return rows[0] if rows else None


async def lock_health(
    tx: Connection, keys: Sequence[tuple[UUID, UUID]], failed: Collection[UUID]
) -> list[Endpoint]:
    """Of these endpoints, those that failed now or before, locked in the order of their ids."""
    ordered = sorted(keys, key=lambda key: key[1])
    has_failed = [endpoint_id in failed for _, endpoint_id in ordered]
    return [_to_endpoint(row) for row in await tx.fetch(_LOCK_HEALTH, *_columns(ordered), has_failed)]


async def not_taking(tx: Connection, limit: int) -> list[Endpoint]:
    """Disabled and deleted endpoints of any workspace that still have deliveries in the queue."""
    return [_to_endpoint(row) for row in await tx.fetch(_NOT_TAKING, limit)]


async def to_seal(tx: Connection, after: UUID, newest_key: bytes, hidden: str, limit: int) -> list[Endpoint]:
    """Endpoints of any workspace whose headers are not all encrypted with the newest key; locked."""
    rows = await tx.fetch(_TO_SEAL, after, newest_key, hidden, limit)
    return [_to_endpoint(row) for row in rows]


async def seal(tx: Connection, endpoint: Endpoint) -> None:
    """Store the endpoint's headers as they are now: their meaning is the same, so its version is, too."""
    await tx.execute(
        _SEAL, endpoint.workspace_id, endpoint.id, dict(endpoint.headers), endpoint.headers_encrypted
    )


async def touch(tx: Connection, workspace_ids: Sequence[UUID]) -> None:
    """Tell whoever keeps a copy of these workspaces' endpoints that it is out of date."""
    await tx.execute(_TOUCH, workspace_ids)


def _columns(keys: Sequence[tuple[UUID, UUID]]) -> tuple[list[UUID], list[UUID]]:
    return [workspace_id for workspace_id, _ in keys], [endpoint_id for _, endpoint_id in keys]


def _to_endpoint(row: Row) -> Endpoint:
    typed = {
        "event_types": tuple(row["event_types"]),
        "ordering": Ordering(row["ordering"]),
        "status": EndpointStatus(row["status"]),
        "health": Health(row["health"]),
    }
    return Endpoint(**dict(row) | typed)

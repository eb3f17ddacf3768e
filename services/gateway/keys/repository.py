"""API keys as rows: a key is found by the keyed hash of its text, which alone is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg

from services.gateway.keys.domain.api_key import ApiKey, KeyAlreadyRotated
from services.gateway.workspaces.domain import Workspace
from services.gateway.workspaces.repository import to_workspace
from shared.kernel.errors import raise_not_found
from shared.kernel.json import JsonObject
from shared.postgres.listing import Found, Listing, Window, where
from shared.postgres.pool import Connection, Row

_COLUMNS = (
    "workspace_id, id, name, digest, prefix, last4, scopes, created_by, created_at, "
    "expires_at, last_used_at, revoked_at, replaces_id"
)
_INSERT = f"""
INSERT INTO api_key ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
_FIND = """
SELECT k.id AS key_id, k.name AS key_name, k.digest, k.prefix, k.last4, k.scopes, k.created_by,
       k.created_at AS key_created_at, k.expires_at, k.last_used_at, k.revoked_at, k.replaces_id,
       w.workspace_id, w.version, w.created_at, w.updated_at, w.slug, w.name, w.mode, w.zone, w.currency,
       w.clock_offset_ms, w.allowed_origins
FROM api_key k JOIN workspace w ON w.workspace_id = k.workspace_id
WHERE k.digest = $1
"""
_NOTE_USE = """
UPDATE api_key k SET last_used_at = used.at
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS used (workspace_id, id, at)
WHERE k.workspace_id = used.workspace_id AND k.id = used.id
  AND (k.last_used_at IS NULL OR k.last_used_at < used.at)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which keys."""

    is_revoked: Annotated[bool | None, where("(revoked_at IS NOT NULL) = :is_revoked")] = None


_LIST = Listing(Filter, "api_key", _COLUMNS)


async def insert(tx: Connection, key: ApiKey) -> None:
    """Store a new key; raises KeyAlreadyRotated when another one takes the same key's place."""
    try:
        await tx.execute(
            _INSERT,
            key.workspace_id,
            key.id,
            key.name,
            key.digest,
            key.prefix,
            key.last4,
            list(key.scopes),
            key.created_by,
            key.created_at,
            key.expires_at,
            key.last_used_at,
            key.revoked_at,
            key.replaces_id,
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "api_key_is_replaced_once":
            raise
        raise KeyAlreadyRotated from error


async def lock(tx: Connection, workspace_id: UUID, key_id: UUID) -> ApiKey:
    """The key, its row locked until the transaction ends; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM api_key WHERE workspace_id = $1 AND id = $2 FOR UPDATE", workspace_id, key_id
    )
    return _to_key(row) if row else raise_not_found("API key", key_id)


async def get(tx: Connection, workspace_id: UUID, key_id: UUID) -> ApiKey:
    """The key; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM api_key WHERE workspace_id = $1 AND id = $2", workspace_id, key_id
    )
    return _to_key(row) if row else raise_not_found("API key", key_id)


async def page(tx: Connection, workspace_id: UUID, keys: Filter, window: Window) -> Found[ApiKey]:
    """The workspace's keys, newest first."""
    return await _LIST.find(tx, workspace_id, keys, window, _to_key)


async def count(tx: Connection, workspace_id: UUID, keys: Filter) -> int:
    """How many keys the workspace has."""
    return await _LIST.count(tx, workspace_id, keys)


async def save_end(tx: Connection, key: ApiKey) -> None:
    """Store since when the key is of no use, or from when on."""
    await tx.execute(
        "UPDATE api_key SET revoked_at = $3, expires_at = $4 WHERE workspace_id = $1 AND id = $2",
        key.workspace_id,
        key.id,
        key.revoked_at,
        key.expires_at,
    )


async def find(tx: Connection, digest: bytes) -> tuple[ApiKey, Workspace] | None:
    """The key with this digest and its workspace, whichever that is."""
    row = await tx.fetchrow(_FIND, digest)
    if row is None:
        return None
    key = {**row, "id": row["key_id"], "name": row["key_name"], "created_at": row["key_created_at"]}
    return _to_key(key), to_workspace(row)


async def note_use(tx: Connection, used_at: Mapping[tuple[UUID, UUID], datetime]) -> None:
    """Store when keys, named by workspace and id, were last used."""
    workspace_ids, ids = zip(*used_at, strict=True)
    await tx.execute(_NOTE_USE, list(workspace_ids), list(ids), list(used_at.values()))


def _to_key(row: Row | JsonObject) -> ApiKey:
    return ApiKey(
        workspace_id=row["workspace_id"],
        id=row["id"],
        name=row["name"],
        digest=row["digest"],
        prefix=row["prefix"],
        last4=row["last4"],
        scopes=tuple(row["scopes"]),
        created_by=row["created_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
        replaces_id=row["replaces_id"],
    )

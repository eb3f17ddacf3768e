"""Workspaces as rows; only the worker's login sees those of others."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import asyncpg

from services.gateway.workspaces.domain import SlugTaken, Workspace
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, in_order
from shared.postgres.pool import Connection, Row

_COLUMNS = (
    "workspace_id, version, created_at, updated_at, slug, name, mode, zone, currency, clock_offset_ms, "
    "allowed_origins"
)
_INSERT = f"INSERT INTO workspace ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
_SAVE = """
UPDATE workspace
SET version = $2, updated_at = $3, name = $4, zone = $5, currency = $6, clock_offset_ms = $7,
    allowed_origins = $8
WHERE workspace_id = $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which workspaces: all, or that with a slug."""

    slug: Annotated[str | None, in_order("slug = :slug")] = None


_LIST = Listing(Filter, "workspace", _COLUMNS, key="workspace_id")


async def insert(tx: Connection, workspace: Workspace) -> None:
    """Store a new workspace; raises SlugTaken."""
    try:
        await tx.execute(
            _INSERT,
            workspace.id,
            workspace.version,
            workspace.created_at,
            workspace.updated_at,
            workspace.slug,
            workspace.name,
            workspace.mode,
            workspace.zone,
            workspace.currency,
            workspace.clock_offset_ms,
            list(workspace.allowed_origins),
        )
    except asyncpg.UniqueViolationError as error:
        raise SlugTaken(field="slug") from error


async def lock(tx: Connection, workspace_id: UUID) -> Workspace:
    """The workspace, its row locked until the transaction ends; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM workspace WHERE workspace_id = $1 FOR UPDATE", workspace_id
    )
    return to_workspace(row) if row else raise_not_found("workspace", workspace_id)


async def get(tx: Connection, workspace_id: UUID) -> Workspace:
    """The workspace; raises NotFound."""
    row = await tx.fetchrow(f"SELECT {_COLUMNS} FROM workspace WHERE workspace_id = $1", workspace_id)
    return to_workspace(row) if row else raise_not_found("workspace", workspace_id)


async def find_by_slug(tx: Connection, slug: str) -> Workspace | None:
    """The workspace with this slug, if there is one."""
    row = await tx.fetchrow(f"SELECT {_COLUMNS} FROM workspace WHERE slug = $1", slug)
    return to_workspace(row) if row else None


async def save(tx: Connection, workspace: Workspace) -> None:
    """Store what can change of a workspace."""
    await tx.execute(
        _SAVE,
        workspace.id,
        workspace.version,
        workspace.updated_at,
        workspace.name,
        workspace.zone,
        workspace.currency,
        workspace.clock_offset_ms,
        list(workspace.allowed_origins),
    )


async def page(tx: Connection, wanted: Filter, window: Window) -> Found[Workspace]:
    """Workspaces, newest first."""
    return await _LIST.find(tx, None, wanted, window, to_workspace)


async def is_origin_allowed(tx: Connection, origin: str) -> bool:
    """Whether any workspace lets pages of this origin read its answers."""
    found = await tx.fetchval(
        "SELECT EXISTS (SELECT FROM workspace WHERE allowed_origins @> ARRAY[$1])", origin
    )
    return bool(found)


def to_workspace(row: Row) -> Workspace:
    """The workspace in a row that has its columns."""
    return Workspace(
        id=row["workspace_id"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        slug=row["slug"],
        name=row["name"],
        mode=row["mode"],
        zone=row["zone"],
        currency=row["currency"],
        clock_offset_ms=row["clock_offset_ms"],
        allowed_origins=tuple(row["allowed_origins"]),
    )

"""SQL of memberships: who may enter a workspace with a token of an issuer, and as what."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.gateway.memberships.domain import AlreadyMember, Membership
from services.gateway.workspaces.domain import Workspace
from services.gateway.workspaces.repository import to_workspace
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window
from shared.postgres.pool import Connection, Row

_COLUMNS = "workspace_id, id, issuer, subject, role, created_by, created_at"
_INSERT = f"INSERT INTO membership ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)"
_WORKSPACES_OF = """
SELECT w.* FROM workspace w
WHERE (w.slug = ANY($3) OR EXISTS (
    SELECT FROM membership m WHERE m.workspace_id = w.workspace_id AND m.issuer = $1 AND m.subject = $2))
  AND ($4::text IS NULL OR w.slug = $4) AND ($5::uuid IS NULL OR w.workspace_id < $5)
ORDER BY w.workspace_id DESC LIMIT $6
"""
_FIND_BY_SLUG = """
SELECT w.*, m.role FROM workspace w
LEFT JOIN membership m ON m.workspace_id = w.workspace_id AND m.issuer = $2 AND m.subject = $3
WHERE w.slug = $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which memberships: all of the workspace."""


_LIST = Listing(Filter, "membership", _COLUMNS)


async def insert(tx: Connection, membership: Membership) -> None:
    """Store a new membership; raises AlreadyMember."""
    try:
        await tx.execute(
            _INSERT,
            membership.workspace_id,
            membership.id,
            membership.issuer,
            membership.subject,
            membership.role,
            membership.created_by,
            membership.created_at,
        )
    except asyncpg.UniqueViolationError as error:
        raise AlreadyMember(field="subject") from error


async def lock(tx: Connection, workspace_id: UUID, membership_id: UUID) -> Membership:
    """The membership, its row locked until the transaction ends; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM membership WHERE workspace_id = $1 AND id = $2 FOR UPDATE",
        workspace_id,
        membership_id,
    )
    return _to_membership(row) if row else raise_not_found("membership", membership_id)


async def page(tx: Connection, workspace_id: UUID, window: Window) -> Found[Membership]:
    """The workspace's memberships, newest first."""
    return await _LIST.find(tx, workspace_id, Filter(), window, _to_membership)


async def delete(tx: Connection, membership: Membership) -> None:
    """Remove the membership."""
    await tx.execute(
        "DELETE FROM membership WHERE workspace_id = $1 AND id = $2", membership.workspace_id, membership.id
    )


async def find_by_slug(
    tx: Connection, slug: str, issuer: str, subject: str
) -> tuple[Workspace, str | None] | None:
    """The workspace with this slug, and as what the subject is a member of it, if it is one."""
    row = await tx.fetchrow(_FIND_BY_SLUG, slug, issuer, subject)
    return (to_workspace(row), row["role"]) if row else None


async def workspaces_of(
    tx: Connection,
    issuer: str,
    subject: str,
    claimed_slugs: Sequence[str],
    *,
    slug: str | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Workspace]:
    """Workspaces (with this slug) that the subject's token names or that it is a member of, newest first."""
    rows = await tx.fetch(_WORKSPACES_OF, issuer, subject, list(claimed_slugs), slug, after, limit)
    return [to_workspace(row) for row in rows]


def _to_membership(row: Row) -> Membership:
    return Membership(
        workspace_id=row["workspace_id"],
        id=row["id"],
        issuer=row["issuer"],
        subject=row["subject"],
        role=row["role"],
        created_by=row["created_by"],
        created_at=row["created_at"],
    )

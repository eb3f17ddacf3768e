"""SQL of the contacts that are known to exist."""

from collections.abc import Collection, Sequence
from uuid import UUID

from shared.postgres.pool import Connection


async def note(tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> None:
    """Remember that these (workspace, contact) exist."""
    await tx.execute(
        """INSERT INTO contact (workspace_id, id)
        SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS contact ORDER BY 1, 2 ON CONFLICT DO NOTHING""",
        *map(list, zip(*keys, strict=True)),
    )


async def filter_known(tx: Connection, workspace_id: UUID, contact_ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of these contacts exist, as far as we have heard."""
    rows = await tx.fetch(
        "SELECT id FROM contact WHERE workspace_id = $1 AND id = ANY($2::uuid[])",
        workspace_id,
        list(contact_ids),
    )
    return frozenset(row["id"] for row in rows)


async def is_known(tx: Connection, workspace_id: UUID, contact_id: UUID) -> bool:
    """Whether there is such a contact, as far as we have heard."""
    is_there: bool = await tx.fetchval(
        "SELECT EXISTS (SELECT FROM contact WHERE workspace_id = $1 AND id = $2)", workspace_id, contact_id
    )
    return is_there

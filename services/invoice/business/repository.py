"""The business profile, its logos (by their content), and what its workspace is called."""

from typing import Any
from uuid import UUID

from services.invoice.business.domain.business import Business
from services.invoice.business.domain.logo import Logo
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_NAMES = (
    "id version created_at updated_at name address country email phone vat_id registration_number iban bic "
    "tax_number logo_url logo_sha256 currency payment_terms_days rounding_level rounding_mode number_formats"
).split()
_COLUMNS = ", ".join(_NAMES)
_LOGO_COLUMNS = "workspace_id, sha256, media_type, width, height, content, created_at"
_PLACES = ", ".join(f"${number}" for number in range(2, len(_NAMES) + 2))


async def get(tx: Connection, workspace_id: UUID) -> Business | None:
    """The workspace's profile, if it has said anything yet."""
    row = await tx.fetchrow(
        f"SELECT workspace_id, {_COLUMNS} FROM business WHERE workspace_id = $1", workspace_id
    )
    return Business(**row) if row else None


async def lock(tx: Connection, start: Business) -> Business:
    """The workspace's profile, locked; `start` is stored where there is none."""
    await tx.execute(
        f"INSERT INTO business (workspace_id, {_COLUMNS}) VALUES ($1, {_PLACES}) ON CONFLICT DO NOTHING",
        start.workspace_id,
        *_values(start),
    )
    row = await tx.fetchrow(
        f"SELECT workspace_id, {_COLUMNS} FROM business WHERE workspace_id = $1 FOR NO KEY UPDATE",
        start.workspace_id,
    )
    assert row is not None
    return Business(**row)


async def update(tx: Connection, business: Business) -> None:
    """Store the changed profile."""
    await tx.execute(
        f"UPDATE business SET ({_COLUMNS}) = ROW({_PLACES}) WHERE workspace_id = $1",
        business.workspace_id,
        *_values(business),
    )


async def get_many(tx: Connection, workspace_ids: list[UUID]) -> dict[UUID, Business]:
    """The profiles of these workspaces that have said anything yet."""
    rows = await tx.fetch(
        f"SELECT workspace_id, {_COLUMNS} FROM business WHERE workspace_id = ANY($1::uuid[])", workspace_ids
    )
    return {row["workspace_id"]: Business(**row) for row in rows}


async def workspace_name(tx: Connection, workspace_id: UUID) -> str | None:
    """What the workspace is called, where it has been heard of."""
    return (await workspace_names(tx, [workspace_id])).get(workspace_id)


async def workspace_names(tx: Connection, workspace_ids: list[UUID]) -> dict[UUID, str]:
    """What these workspaces are called; those heard of before names were kept, by their slugs."""
    rows = await tx.fetch(
        """SELECT workspace_id, coalesce(name, slug) AS name FROM workspace
        WHERE workspace_id = ANY($1::uuid[])""",
        workspace_ids,
    )
    return {row["workspace_id"]: row["name"] for row in rows}


async def note_workspace_name(tx: Connection, workspace_id: UUID, sequence: int, name: str) -> None:
    """Keep the name that the workspace has at this version of its copy."""
    await tx.execute(
        "UPDATE workspace SET name = $3 WHERE workspace_id = $1 AND sequence = $2",
        workspace_id,
        sequence,
        name,
    )


async def keep_logo(tx: Connection, logo: Logo) -> None:
    """Store the logo, once."""
    await tx.execute(
        f"INSERT INTO logo ({_LOGO_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        logo.workspace_id,
        logo.sha256,
        logo.media_type,
        logo.width,
        logo.height,
        logo.content,
        logo.created_at,
    )


async def get_logo(tx: Connection, workspace_id: UUID, sha256: str) -> Logo:
    """The logo with this content; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_LOGO_COLUMNS} FROM logo WHERE workspace_id = $1 AND sha256 = $2", workspace_id, sha256
    )
    return Logo(**row) if row else raise_not_found("logo", sha256)


def _values(business: Business) -> list[Any]:
    return [getattr(business, name) for name in _NAMES]

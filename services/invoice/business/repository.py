"""The business profile, its logos (by their content), and what its workspace is called."""

from collections.abc import Mapping
from uuid import UUID

from asyncpg import Record

from services.invoice.business.domain.business import Business
from services.invoice.business.domain.logo import Logo
from shared.events.contact import Address
from shared.kernel.errors import raise_not_found
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = (
    "id version created_at updated_at name address country email phone vat_id registration_number iban bic "
    "tax_number logo_url logo_sha256 currency payment_terms_days rounding_level rounding_mode number_formats"
).split()
_COLUMNS = f"workspace_id, {', '.join(_NAMES)}"
_BY_ID = f"SELECT {_COLUMNS} FROM business WHERE workspace_id = :workspace_id"
_GET, _LOCK = Statement(_BY_ID), Statement(f"{_BY_ID} FOR NO KEY UPDATE")
_INSERT = Statement(
    f"INSERT INTO business ({_COLUMNS}) VALUES (:workspace_id, {places(_NAMES)}) ON CONFLICT DO NOTHING"
)
_UPDATE = Statement(
    f"UPDATE business SET ({', '.join(_NAMES)}) = ROW({places(_NAMES)}) WHERE workspace_id = :workspace_id"
)
_LOGO_NAMES = "workspace_id sha256 media_type width height content created_at".split()
_LOGO_COLUMNS = ", ".join(_LOGO_NAMES)
_KEEP_LOGO = Statement(
    f"INSERT INTO logo ({_LOGO_COLUMNS}) VALUES ({places(_LOGO_NAMES)}) ON CONFLICT DO NOTHING"
)


async def get(tx: Connection, workspace_id: UUID) -> Business | None:
    """The workspace's profile, if it has said anything yet."""
    row = await _GET.fetchrow(tx, workspace_id=workspace_id)
    return _business(row) if row else None


async def lock(tx: Connection, start: Business) -> Business:
    """The workspace's profile, locked; `start` is stored where there is none."""
    await _INSERT.execute(tx, start, address=_address(start))
    row = await _LOCK.fetchrow(tx, workspace_id=start.workspace_id)
    assert row is not None
    return _business(row)


async def update(tx: Connection, business: Business) -> None:
    """Store the changed profile."""
    await _UPDATE.execute(tx, business, address=_address(business))


async def get_many(tx: Connection, workspace_ids: list[UUID]) -> dict[UUID, Business]:
    """The profiles of these workspaces that have said anything yet."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM business WHERE workspace_id = ANY($1::uuid[])", workspace_ids
    )
    return {row["workspace_id"]: _business(row) for row in rows}


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
    await _KEEP_LOGO.execute(tx, logo)


async def get_logo(tx: Connection, workspace_id: UUID, sha256: str) -> Logo:
    """The logo with this content; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_LOGO_COLUMNS} FROM logo WHERE workspace_id = $1 AND sha256 = $2", workspace_id, sha256
    )
    return Logo(**row) if row else raise_not_found("logo", sha256)


def _address(business: Business) -> Mapping[str, object] | None:
    return business.address.model_dump(mode="json") if business.address else None


def _business(row: Record) -> Business:
    fields = dict(row)
    address = fields.pop("address")
    return Business(**fields, address=Address(**address) if address else None)

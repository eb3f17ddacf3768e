"""SQL of contacts."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import asyncpg

from services.invoice.common.domain.parties import ContactOnInvoice, CreditBalance
from services.invoice.common.repository.patterns import END
from services.invoice.contacts.domain import Contact, ContactExternalIdTaken
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_COLUMNS = """id, version, created_at, updated_at, name, email, phone, address, country, locale, vat_id,
    e_invoice_address, external_id, tags, metadata, archived_at"""
_BALANCES = """(SELECT coalesce(jsonb_agg(
    jsonb_build_object('currency', b.currency, 'amount_minor', b.amount_minor) ORDER BY b.currency), '[]')
    FROM contact_credit_balance b WHERE b.workspace_id = contact.workspace_id AND b.contact_id = contact.id)
    AS credit_balances"""
_FILTERS = """($3::text IS NULL OR external_id = $3)
    AND ($4::text IS NULL OR $4 = ANY(tags))
    AND ($5::boolean IS NULL OR (archived_at IS NOT NULL) = $5)"""
_BEFORE = f"id < coalesce($6::uuid, '{END}'::uuid)"
_FIND = f"""
SELECT workspace_id, {_COLUMNS}, {_BALANCES} FROM contact
WHERE workspace_id = $1 AND $2::text IS NULL AND {_FILTERS} AND {_BEFORE}
ORDER BY id DESC LIMIT $7 OFFSET $8
"""
# Folded once, as `search` is; its wildcards mean nothing to strpos.
_HOLDS = """strpos(search, (SELECT casefold($2::text COLLATE pg_unicode_fast)) COLLATE "C") > 0"""
# The first part reads nothing but the index contact_search, which holds `search` itself; only what it
# finds is looked up. OFFSET 0 keeps the planner from joining the other way round.
SEARCH = f"""
SELECT contact.* FROM (
    SELECT id FROM contact WHERE workspace_id = $1 AND {_HOLDS} AND {_BEFORE} ORDER BY id DESC
) AS found, LATERAL (
    SELECT workspace_id, {_COLUMNS}, {_BALANCES} FROM contact
    WHERE workspace_id = $1 AND id = found.id AND {_FILTERS} OFFSET 0
) AS contact
ORDER BY found.id DESC LIMIT $7 OFFSET $8
"""


async def get(tx: Connection, workspace_id: UUID, contact_id: UUID) -> Contact:
    """The contact; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT workspace_id, {_COLUMNS}, {_BALANCES} FROM contact WHERE workspace_id = $1 AND id = $2",
        workspace_id,
        contact_id,
    )
    return _contact(row) if row else raise_not_found("contact", contact_id)


async def get_many(tx: Connection, workspace_id: UUID, contact_ids: list[UUID]) -> dict[UUID, Contact]:
    """The contacts that exist among these ids."""
    rows = await tx.fetch(
        f"SELECT workspace_id, {_COLUMNS}, {_BALANCES} FROM contact "
        "WHERE workspace_id = $1 AND id = ANY($2::uuid[])",
        workspace_id,
        contact_ids,
    )
    return {row["id"]: _contact(row) for row in rows}


async def on_documents(
    tx: Connection, keys: Collection[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], ContactOnInvoice]:
    """What of these (workspace, contact) ids that exist stands on a document, archived ones too."""
    rows = await tx.fetch(
        """SELECT workspace_id, id, name, email, phone, address, country, locale, vat_id,
            e_invoice_address, external_id
        FROM contact WHERE (workspace_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))""",
        [workspace_id for workspace_id, _ in keys],
        [contact_id for _, contact_id in keys],
    )
    return {(row["workspace_id"], row["id"]): ContactOnInvoice(**row) for row in rows}


async def lock(tx: Connection, workspace_id: UUID, contact_id: UUID) -> Contact:
    """The contact, locked against other changes; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT workspace_id, {_COLUMNS}, {_BALANCES} FROM contact "
        "WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE",
        workspace_id,
        contact_id,
    )
    return _contact(row) if row else raise_not_found("contact", contact_id)


async def insert(tx: Connection, contact: Contact) -> None:
    """Store a new contact; raises ContactExternalIdTaken."""
    try:
        await tx.execute(
            f"INSERT INTO contact (workspace_id, {_COLUMNS}) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
            contact.workspace_id,
            *_values(contact),
        )
    except asyncpg.UniqueViolationError as error:
        raise ContactExternalIdTaken(field="external_id") from error


async def update(tx: Connection, contact: Contact) -> None:
    """Store a changed contact; raises ContactExternalIdTaken."""
    try:
        await tx.execute(
            f"UPDATE contact SET ({_COLUMNS}) = "
            "ROW($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) "
            "WHERE workspace_id = $1 AND id = $2",
            contact.workspace_id,
            *_values(contact),
        )
    except asyncpg.UniqueViolationError as error:
        raise ContactExternalIdTaken(field="external_id") from error


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[Contact]:
    """Contacts, newest first: `q`, `external_id`, `tag`, `archived`, `after`, `limit`, `offset`."""
    rows = await tx.fetch(
        _FIND if filters["q"] is None else SEARCH,
        workspace_id,
        *_filter_values(filters),
        filters["after"],
        filters["limit"],
        filters["offset"],
    )
    return [_contact(row) for row in rows]


async def count(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> int:
    """How many contacts the filters find."""
    found: int = await tx.fetchval(
        f"""SELECT count(*) FROM contact WHERE workspace_id = $1 AND {_FILTERS}
        AND ($2::text IS NULL OR {_HOLDS})""",
        workspace_id,
        *_filter_values(filters),
    )
    return found


async def show_credit_balance(
    tx: Connection, workspace_id: UUID, contact_id: UUID, currency: str, amount_minor: int, sequence: int
) -> bool:
    """Keep the newest snapshot of a credit balance; returns whether it was news."""
    done = await tx.execute(
        """INSERT INTO contact_credit_balance (workspace_id, contact_id, currency, amount_minor, sequence)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (workspace_id, contact_id, currency) DO UPDATE
        SET amount_minor = excluded.amount_minor, sequence = excluded.sequence
        WHERE contact_credit_balance.sequence < excluded.sequence""",
        workspace_id,
        contact_id,
        currency,
        amount_minor,
        sequence,
    )
    return done == "INSERT 0 1"


def _filter_values(filters: dict[str, Any]) -> tuple[Any, ...]:
    return (filters["q"], filters["external_id"], filters["tag"], filters["archived"])


def _values(contact: Contact) -> tuple[Any, ...]:
    return (
        contact.id,
        contact.version,
        contact.created_at,
        contact.updated_at,
        contact.name,
        contact.email,
        contact.phone,
        contact.address,
        contact.country,
        contact.locale,
        contact.vat_id,
        contact.e_invoice_address,
        contact.external_id,
        contact.tags,
        contact.metadata,
        contact.archived_at,
    )


def _contact(row: Any) -> Contact:
    fields = dict(row)
    balances = tuple(CreditBalance(**balance) for balance in fields.pop("credit_balances"))
    return Contact(**fields, credit_balances=balances)

"""Contacts, their credit balances as the payment service tells them, and the search of `q`."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import asyncpg

from services.invoice.contacts.domain import Contact, ContactExternalIdTaken
from shared.events.contact import Address, CreditBalance
from shared.events.invoice import ContactOnInvoice
from shared.events.payment import CreditBalanceData
from shared.kernel.errors import raise_not_found
from shared.postgres import search
from shared.postgres.listing import Found, Listing, Window, in_order, where, where_by
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = (
    "id version created_at updated_at name email phone address country locale vat_id e_invoice_address "
    "external_id tags metadata archived_at"
).split()
_BALANCES = """(SELECT coalesce(jsonb_agg(
    jsonb_build_object('currency', b.currency, 'amount_minor', b.amount_minor) ORDER BY b.currency), '[]')
    FROM contact_credit_balance b WHERE b.workspace_id = contact.workspace_id AND b.contact_id = contact.id)
    AS credit_balances"""
_COLUMNS = f"workspace_id, {', '.join(_NAMES)}, {_BALANCES}"
# Folded once, as `search` is; its wildcards mean nothing to strpos.
_HOLDS = """strpos(search, (SELECT casefold(:literal::text COLLATE pg_unicode_fast)) COLLATE "C") > 0"""
_BY_ID = f"SELECT {_COLUMNS} FROM contact WHERE workspace_id = :workspace_id AND id = :id"
_GET, _LOCK = Statement(_BY_ID), Statement(f"{_BY_ID} FOR NO KEY UPDATE")
_INSERT = Statement(
    f"INSERT INTO contact (workspace_id, {', '.join(_NAMES)}) VALUES (:workspace_id, {places(_NAMES)})"
)
_UPDATE = Statement(
    f"UPDATE contact SET ({', '.join(_NAMES)}) = ROW({places(_NAMES)}) "
    "WHERE workspace_id = :workspace_id AND id = :id"
)
_STORE_BALANCE = Statement("""
INSERT INTO contact_credit_balance (workspace_id, contact_id, currency, amount_minor, sequence)
VALUES (:workspace_id, :contact_id, :currency, :amount_minor, :sequence)
ON CONFLICT (workspace_id, contact_id, currency) DO UPDATE
SET amount_minor = excluded.amount_minor, sequence = excluded.sequence
WHERE contact_credit_balance.sequence < excluded.sequence
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFilter:
    """Which contacts; `q` are beginnings of words of name, e-mail or phone."""

    q: Annotated[
        str | None, where(search.has_words("name", "email", "phone"), found_in=search.found_in("contact"))
    ] = None
    literal: Annotated[str | None, where(_HOLDS)] = None
    external_id: Annotated[str | None, in_order("external_id = :external_id")] = None
    tag: Annotated[str | None, where(":tag = ANY(tags)", found_in=search.found_whole("contact", "tag"))] = (
        None
    )
    is_archived: Annotated[
        bool | None, where_by({True: "archived_at IS NOT NULL", False: "archived_at IS NULL"})
    ] = None


_LIST = Listing(ContactFilter, "contact", _COLUMNS)


async def get(tx: Connection, workspace_id: UUID, contact_id: UUID) -> Contact:
    """The contact; raises NotFound."""
    row = await _GET.fetchrow(tx, workspace_id=workspace_id, id=contact_id)
    return _contact(row) if row else raise_not_found("contact", contact_id)


async def lock(tx: Connection, workspace_id: UUID, contact_id: UUID) -> Contact:
    """The contact, locked against other changes; raises NotFound."""
    row = await _LOCK.fetchrow(tx, workspace_id=workspace_id, id=contact_id)
    return _contact(row) if row else raise_not_found("contact", contact_id)


async def get_many(tx: Connection, workspace_id: UUID, contact_ids: list[UUID]) -> dict[UUID, Contact]:
    """The contacts that exist among these ids."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM contact WHERE workspace_id = $1 AND id = ANY($2::uuid[])",
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


async def insert(tx: Connection, contact: Contact) -> None:
    """Store a new contact; raises ContactExternalIdTaken."""
    await _write(tx, _INSERT, contact)


async def update(tx: Connection, contact: Contact) -> None:
    """Store a changed contact; raises ContactExternalIdTaken."""
    await _write(tx, _UPDATE, contact)


async def find(tx: Connection, workspace_id: UUID, filters: ContactFilter, window: Window) -> Found[Contact]:
    """The contacts of this part of the list, newest first."""
    return await _LIST.find(tx, workspace_id, filters, window, _contact)


async def store_credit_balance(
    tx: Connection, workspace_id: UUID, balance: CreditBalanceData, sequence: int
) -> bool:
    """Keep the newest snapshot of a credit balance; returns whether this is it."""
    done = await _STORE_BALANCE.execute(tx, balance, workspace_id=workspace_id, sequence=sequence)
    return done == "INSERT 0 1"


async def _write(tx: Connection, statement: Statement, contact: Contact) -> None:
    address = contact.address.model_dump(mode="json") if contact.address else None
    try:
        await statement.execute(tx, contact, address=address)
    except asyncpg.UniqueViolationError as error:
        raise ContactExternalIdTaken(field="external_id") from error


def _contact(row: asyncpg.Record) -> Contact:
    fields = dict(row)
    balances = tuple(CreditBalance(**balance) for balance in fields.pop("credit_balances"))
    address = fields.pop("address")
    return Contact(**fields, address=Address(**address) if address else None, credit_balances=balances)

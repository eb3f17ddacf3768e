"""SQL that finds entries by account, contact, source or day; ledger.py writes them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from services.payment.ledger.domain import Entry, SourceType
from shared.postgres import search
from shared.postgres.listing import Found, Listing, Window, in_order, where
from shared.postgres.pool import Connection

_COLUMNS = """id, currency, debit_account_id, credit_account_id, amount_minor, source_type, source_id,
    booked_on, created_at"""
_OF_CONTACT = """SELECT id FROM ledger_account a
    WHERE a.workspace_id = :workspace_id AND a.contact_id = :contact_id"""
_OF_ACCOUNTS = """SELECT e.id FROM ledger_account a JOIN ledger_entry e
    ON e.workspace_id = a.workspace_id AND e.{}_account_id = a.id
WHERE a.workspace_id = :workspace_id AND a.contact_id = :contact_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries; an account is debited or credited, days are inclusive."""

    account_id: Annotated[
        UUID | None,
        where(
            "debit_account_id = :account_id OR credit_account_id = :account_id",
            found_in="""SELECT id FROM ledger_entry
                WHERE workspace_id = :workspace_id AND debit_account_id = :account_id
            UNION ALL SELECT id FROM ledger_entry
                WHERE workspace_id = :workspace_id AND credit_account_id = :account_id""",
        ),
    ] = None
    contact_id: Annotated[
        UUID | None,
        where(
            f"debit_account_id IN ({_OF_CONTACT}) OR credit_account_id IN ({_OF_CONTACT})",
            found_in=search.either(_OF_ACCOUNTS.format("debit"), _OF_ACCOUNTS.format("credit")),
        ),
    ] = None
    source_type: Annotated[SourceType | None, where("source_type = :source_type")] = None
    source_id: Annotated[UUID | None, in_order("source_id = :source_id")] = None
    booked_from: Annotated[date | None, where("booked_on >= :booked_from")] = None
    booked_to: Annotated[date | None, where("booked_on <= :booked_to")] = None
    currency: Annotated[str | None, where("currency = :currency")] = None


_LIST = Listing(EntryFilter, "ledger_entry", _COLUMNS)


async def find(tx: Connection, workspace_id: UUID, filters: EntryFilter, window: Window) -> Found[Entry]:
    """Entries, newest first."""
    return await _LIST.find(tx, workspace_id, filters, window, lambda row: Entry(*row))

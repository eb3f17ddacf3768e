"""SQL that finds entries by account, contact, source or day; ledger.py writes them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from services.payment.ledger.domain import Entry, SourceType
from shared.postgres.listing import Listing, Window, where
from shared.postgres.pool import Connection

_COLUMNS = """id, currency, debit_account_id, credit_account_id, amount_minor, source_type, source_id,
    booked_on, created_at"""
_OF_CONTACT = """SELECT id FROM ledger_account a
    WHERE a.workspace_id = :workspace_id AND a.contact_id = :contact_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries; an account is debited or credited, days are inclusive."""

    account_id: Annotated[
        UUID | None, where("debit_account_id = :account_id OR credit_account_id = :account_id")
    ] = None
    contact_id: Annotated[
        UUID | None,
        where(f"debit_account_id IN ({_OF_CONTACT}) OR credit_account_id IN ({_OF_CONTACT})"),
    ] = None
    source_type: Annotated[SourceType | None, where("source_type = :source_type")] = None
    source_id: Annotated[UUID | None, where("source_id = :source_id")] = None
    booked_from: Annotated[date | None, where("booked_on >= :booked_from")] = None
    booked_to: Annotated[date | None, where("booked_on <= :booked_to")] = None
    currency: Annotated[str | None, where("currency = :currency")] = None


_LIST = Listing(EntryFilter, "ledger_entry", _COLUMNS)


async def find(tx: Connection, workspace_id: UUID, filters: EntryFilter, window: Window) -> list[Entry]:
    """Entries, newest first."""
    return [Entry(*row) for row in await _LIST.page(tx, workspace_id, filters, window)]


async def count(tx: Connection, workspace_id: UUID, filters: EntryFilter) -> int:
    """How many the filters find."""
    return await _LIST.count(tx, workspace_id, filters)

"""SQL that finds entries by account, contact, source or day; ledger.py writes them."""

from typing import Any
from uuid import UUID

from services.payment.ledger.domain import Entry
from shared.postgres.pool import Connection

_COLUMNS = """id, currency, debit_account_id, credit_account_id, amount_minor, source_type, source_id,
    booked_on, created_at"""
_FILTERS = """workspace_id = $1
  AND ($2::uuid IS NULL OR debit_account_id = $2 OR credit_account_id = $2)
  AND ($3::uuid IS NULL OR debit_account_id IN (SELECT id FROM ledger_account a
           WHERE a.workspace_id = $1 AND a.contact_id = $3)
       OR credit_account_id IN (SELECT id FROM ledger_account a
           WHERE a.workspace_id = $1 AND a.contact_id = $3))
  AND ($4::text IS NULL OR source_type = $4)
  AND ($5::uuid IS NULL OR source_id = $5)
  AND ($6::date IS NULL OR booked_on >= $6)
  AND ($7::date IS NULL OR booked_on <= $7)
  AND ($8::text IS NULL OR currency = $8)"""
_FILTER_NAMES = "account_id contact_id source_type source_id booked_from booked_to currency".split()


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[Entry]:
    """Entries, newest first, by any of the filters and a slice."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM ledger_entry WHERE {_FILTERS} AND ($9::uuid IS NULL OR id < $9)
        ORDER BY id DESC LIMIT $10 OFFSET $11""",
        workspace_id,
        *(filters[name] for name in _FILTER_NAMES),
        filters["after"],
        filters["limit"],
        filters["offset"],
    )
    return [Entry(*row) for row in rows]


async def count(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> int:
    """How many entries the filters find."""
    found: int = await tx.fetchval(
        f"SELECT count(*) FROM ledger_entry WHERE {_FILTERS}",
        workspace_id,
        *(filters[name] for name in _FILTER_NAMES),
    )
    return found

"""SQL of reading ledger accounts. A balance is the sum of the account's entries, taken from an index alone.

No row holds a balance, so no two payments of a workspace wait for each other; reading costs one index entry
for each ledger entry of the account.
"""

from typing import Any
from uuid import UUID

from asyncpg import Record

from services.payment.ledger.domain import Account, AccountType, Balance
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_FILTERS = """workspace_id = $1
  AND ($2::text IS NULL OR type = $2)
  AND ($3::uuid IS NULL OR contact_id = $3)
  AND ($4::text IS NULL OR currency = $4)"""
_FILTER_NAMES = "type contact_id currency".split()
_BALANCE = """SELECT a.workspace_id, a.id, a.type, a.currency, a.contact_id, a.method,
    (SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_entry
        WHERE workspace_id = a.workspace_id AND debit_account_id = a.id) AS debits_minor,
    (SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_entry
        WHERE workspace_id = a.workspace_id AND credit_account_id = a.id) AS credits_minor
FROM ledger_account a"""


async def get(tx: Connection, workspace_id: UUID, account_id: UUID) -> Balance:
    """The account with its balance; raises NotFound."""
    row = await tx.fetchrow(f"{_BALANCE} WHERE a.workspace_id = $1 AND a.id = $2", workspace_id, account_id)
    return _balance(row) if row else raise_not_found("ledger account", account_id)


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[Balance]:
    """Accounts with their balances, in the order of their ids: `type`, `contact_id`, `currency`, a slice."""
    rows = await tx.fetch(
        f"""WITH a AS (
            SELECT * FROM ledger_account WHERE {_FILTERS} AND ($5::uuid IS NULL OR id < $5)
            ORDER BY id DESC LIMIT $6 OFFSET $7)
        {_BALANCE.replace("ledger_account a", "a")} ORDER BY id DESC""",
        workspace_id,
        *(filters[name] for name in _FILTER_NAMES),
        filters["after"],
        filters["limit"],
        filters["offset"],
    )
    return [_balance(row) for row in rows]


async def count(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> int:
    """How many accounts the filters find."""
    found: int = await tx.fetchval(
        f"SELECT count(*) FROM ledger_account WHERE {_FILTERS}",
        workspace_id,
        *(filters[name] for name in _FILTER_NAMES),
    )
    return found


def _balance(row: Record) -> Balance:
    *account, debits_minor, credits_minor = row
    workspace_id, id_, type_, currency, contact_id, method = account
    found = Account(workspace_id, id_, AccountType(type_), currency, contact_id, method)
    return Balance(found, debits_minor, credits_minor)

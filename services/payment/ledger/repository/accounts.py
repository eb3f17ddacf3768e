"""SQL of reading ledger accounts. A balance is the sum of the account's entries, taken from an index alone.

No row holds a balance, so no two payments of a workspace wait for each other; reading costs one index entry
for each ledger entry of the account.
"""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from asyncpg import Record

from services.payment.ledger.domain import Account, AccountType, Balance
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Listing, Window, where
from shared.postgres.named import compile_statement, merge_values
from shared.postgres.pool import Connection

_BALANCE = """SELECT a.workspace_id, a.id, a.type, a.currency, a.contact_id, a.method,
    (SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_entry
        WHERE workspace_id = a.workspace_id AND debit_account_id = a.id) AS debits_minor,
    (SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_entry
        WHERE workspace_id = a.workspace_id AND credit_account_id = a.id) AS credits_minor
FROM ledger_account a"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """Which accounts."""

    type: Annotated[AccountType | None, where("type = :type")] = None
    contact_id: Annotated[UUID | None, where("contact_id = :contact_id")] = None
    currency: Annotated[str | None, where("currency = :currency")] = None


_LIST = Listing(AccountFilter, "ledger_account", "*")


async def get(tx: Connection, workspace_id: UUID, account_id: UUID) -> Balance:
    """The account with its balance; raises NotFound."""
    row = await tx.fetchrow(f"{_BALANCE} WHERE a.workspace_id = $1 AND a.id = $2", workspace_id, account_id)
    return _balance(row) if row else raise_not_found("ledger account", account_id)


async def find(tx: Connection, workspace_id: UUID, filters: AccountFilter, window: Window) -> list[Balance]:
    """Accounts with their balances, in the order of their ids, the last first."""
    conditions, part = _LIST.where(workspace_id, filters), _LIST.part(window)
    statement = compile_statement(f"""WITH a AS (SELECT * FROM ledger_account WHERE {conditions}{part})
        {_BALANCE.replace("ledger_account a", "a")} ORDER BY id DESC""")
    return [
        _balance(row) for row in await statement.fetch(tx, **merge_values(conditions.values, part.values))
    ]


async def count(tx: Connection, workspace_id: UUID, filters: AccountFilter) -> int:
    """How many the filters find."""
    return await _LIST.count(tx, workspace_id, filters)


def _balance(row: Record) -> Balance:
    workspace_id, id_, type_, currency, contact_id, method, debits_minor, credits_minor = row
    account = Account(workspace_id, id_, AccountType(type_), currency, contact_id, method)
    return Balance(account, debits_minor, credits_minor)

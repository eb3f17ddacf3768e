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
from shared.postgres.listing import Found, Listing, Window, in_order, where
from shared.postgres.pool import Connection

_COLUMNS = """workspace_id, id, type, currency, contact_id, method,
    (SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_entry e
        WHERE e.workspace_id = ledger_account.workspace_id AND debit_account_id = ledger_account.id)
        AS debits_minor,
    (SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_entry e
        WHERE e.workspace_id = ledger_account.workspace_id AND credit_account_id = ledger_account.id)
        AS credits_minor"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """Which accounts."""

    type: Annotated[AccountType | None, where("type = :type")] = None
    contact_id: Annotated[UUID | None, in_order("contact_id = :contact_id")] = None
    currency: Annotated[str | None, where("currency = :currency")] = None


_LIST = Listing(AccountFilter, "ledger_account", _COLUMNS)


async def get(tx: Connection, workspace_id: UUID, account_id: UUID) -> Balance:
    """The account with its balance; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM ledger_account WHERE workspace_id = $1 AND id = $2", workspace_id, account_id
    )
    return _balance(row) if row else raise_not_found("ledger account", account_id)


async def find(tx: Connection, workspace_id: UUID, filters: AccountFilter, window: Window) -> Found[Balance]:
    """Accounts with their balances, in the order of their ids, the last first."""
    return await _LIST.find(tx, workspace_id, filters, window, _balance)


def _balance(row: Record) -> Balance:
    workspace_id, id_, type_, currency, contact_id, method, debits_minor, credits_minor = row
    account = Account(workspace_id, id_, AccountType(type_), currency, contact_id, method)
    return Balance(account, debits_minor, credits_minor)

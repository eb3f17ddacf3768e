"""SQL of bank accounts: one row each."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import asyncpg

from services.payment.bank_accounts.domain import BankAccount, BankAccountExists
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, where
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = "id version created_at updated_at name currency iban number archived_at".split()
_COLUMNS = f"workspace_id, {', '.join(_NAMES)}"
_BY_ID = f"SELECT {_COLUMNS} FROM bank_account WHERE workspace_id = :workspace_id AND id = :id"
_GET, _LOCK = Statement(_BY_ID), Statement(f"{_BY_ID} FOR NO KEY UPDATE")
_INSERT = Statement(f"INSERT INTO bank_account ({_COLUMNS}) VALUES (:workspace_id, {places(_NAMES)})")
_UPDATE = Statement(
    "UPDATE bank_account SET name = :name, archived_at = :archived_at, version = :version, "
    "updated_at = :updated_at WHERE workspace_id = :workspace_id AND id = :id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountFilter:
    """Which accounts."""

    currency: Annotated[str | None, where("currency = :currency")] = None
    is_archived: Annotated[bool | None, where("(archived_at IS NOT NULL) = :is_archived")] = None


_LIST = Listing(BankAccountFilter, "bank_account", _COLUMNS)


async def get(tx: Connection, workspace_id: UUID, account_id: UUID) -> BankAccount:
    """The account; raises NotFound."""
    row = await _GET.fetchrow(tx, workspace_id=workspace_id, id=account_id)
    return BankAccount(**row) if row else raise_not_found("bank account", account_id)


async def lock(tx: Connection, workspace_id: UUID, account_id: UUID) -> BankAccount:
    """The account, locked against other changes; raises NotFound."""
    row = await _LOCK.fetchrow(tx, workspace_id=workspace_id, id=account_id)
    return BankAccount(**row) if row else raise_not_found("bank account", account_id)


async def lock_named(tx: Connection, workspace_id: UUID) -> list[BankAccount]:
    """All accounts, locked in the order of their ids: two files of one account wait for each other."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM bank_account WHERE workspace_id = $1 ORDER BY id FOR NO KEY UPDATE",
        workspace_id,
    )
    return [BankAccount(**row) for row in rows]


async def find(
    tx: Connection, workspace_id: UUID, filters: BankAccountFilter, window: Window
) -> Found[BankAccount]:
    """Accounts, newest first."""
    return await _LIST.find(tx, workspace_id, filters, window, lambda row: BankAccount(**row))


async def insert(tx: Connection, account: BankAccount) -> None:
    """Store a new account; raises BankAccountExists."""
    try:
        await _INSERT.execute(tx, account)
    except asyncpg.UniqueViolationError as error:
        raise BankAccountExists(field="iban" if account.iban else "number") from error


async def update(tx: Connection, account: BankAccount) -> None:
    """Store what of an account may change."""
    await _UPDATE.execute(tx, account)

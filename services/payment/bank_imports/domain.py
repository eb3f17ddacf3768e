"""A file of a bank that was imported: which statements it had, and what of it was new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from services.payment.bank_accounts.domain import BankAccount
from services.payment.bank_files.domain.statement import BankStatement, StatementKind
from shared.kernel.errors import Conflict, Invalid


class UnknownBankAccount(Invalid):
    """The file is of a bank account that the workspace does not have."""

    code: ClassVar[str] = "unknown_bank_account"


class StatementNotFinal(Invalid):
    """The file tells of movements before they are final (camt.052, camt.054, MT942): import the statement."""

    code: ClassVar[str] = "statement_not_final"


class BankAccountArchived(Conflict):
    """The bank account is archived: it takes no more files."""

    code = "bank_account_archived"


@dataclass(frozen=True, slots=True)
class BankImport:
    """One file, known by its SHA-256."""

    workspace_id: UUID
    id: UUID
    created_at: datetime
    sha256: bytes
    format: str
    file_name: str | None
    statement_count: int
    line_count: int
    new_line_count: int
    created_by: str | None


@dataclass(frozen=True, slots=True)
class ImportedStatement:
    """A statement of a file, without its lines; balances in minor units of `currency`."""

    workspace_id: UUID
    id: UUID
    created_at: datetime
    import_id: UUID
    bank_account_id: UUID
    number: str | None
    currency: str
    from_on: date | None
    until_on: date | None
    opening_minor: int | None
    closing_minor: int | None
    is_balanced: bool | None
    line_count: int
    new_line_count: int


def find_account(
    statement: BankStatement, accounts: Sequence[BankAccount], account_id: UUID | None
) -> BankAccount:
    """Whose the statement is: by what it names, or where it names nothing by what the caller says.

    Raises StatementNotFinal, UnknownBankAccount, BankAccountArchived, or Invalid where the two differ.
    """
    if statement.kind is not StatementKind.STATEMENT:
        raise StatementNotFinal(field="file")
    named = statement.account.iban or statement.account.number
    chosen = next((account for account in accounts if account.id == account_id), None)
    if account_id is not None and chosen is None:
        raise UnknownBankAccount("There is no such bank account.", field="account_id")
    if chosen is None or (named and not _is_of(statement, chosen)):
        chosen = next((account for account in accounts if _is_of(statement, account)), None)
        if chosen is None or account_id is not None:
            raise _unknown(statement, named)
    if chosen.currency != statement.currency:
        raise Invalid(
            f"The statement is in {statement.currency}, {chosen.name} in {chosen.currency}.", field="file"
        )
    if chosen.archived_at:
        raise BankAccountArchived(f"{chosen.name} is archived.", field="account_id")
    return chosen


def _is_of(statement: BankStatement, account: BankAccount) -> bool:
    if account.currency != statement.currency:
        return False
    named = statement.account.iban or statement.account.number
    if named in (account.iban, account.number):
        return named is not None
    # A bank that writes no IBAN writes the national number, with or without what stands before it.
    digits = "".join(sign for sign in named or "" if sign.isalnum()).lstrip("0")
    return account.iban is not None and len(digits) >= _LEAST_DIGITS and account.iban.endswith(digits)


_LEAST_DIGITS = 7


def _unknown(statement: BankStatement, named: str | None) -> UnknownBankAccount:
    if named is None:
        return UnknownBankAccount(
            "The file names no account: say by account_id whose it is.", field="account_id"
        )
    return UnknownBankAccount(
        f"The file is of {named} in {statement.currency}, which is none of the bank accounts here.",
        field="file",
        account=named,
        currency=statement.currency,
    )

"""Bank accounts: where a workspace's money comes in, as its bank names them."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from stdnum import iban as iban_rules

from shared.kernel.errors import Conflict, Invalid
from shared.kernel.money import exponent
from shared.kernel.unset import UNSET, Unset, applied


class BankAccountExists(Conflict):
    """The workspace has a bank account with this IBAN or number and currency."""

    code = "bank_account_exists"


@dataclass(frozen=True, slots=True)
class BankAccount:
    """One account of one currency; it has an IBAN, or a number where there are none."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    currency: str
    iban: str | None = None
    number: str | None = None
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountEdit:
    """What may be changed: which account it is, never."""

    name: str | Unset = UNSET
    is_archived: bool | Unset = UNSET


def new_bank_account(account: BankAccount) -> BankAccount:
    """The account, if it can be one; raises Invalid for an IBAN that is none, UnknownCurrency."""
    exponent(account.currency)
    if (account.iban is None) == (account.number is None):
        raise Invalid("Give the IBAN, or the number of an account that has none.", field="iban")
    if account.iban is None:
        return account
    iban = "".join(account.iban.split()).upper()
    if not iban_rules.is_valid(iban):
        raise Invalid("Its check digits are not those of an IBAN (ISO 13616).", field="iban")
    return replace(account, iban=iban)


def edit(account: BankAccount, changes: BankAccountEdit, now: datetime) -> BankAccount:
    """The account with these changes."""
    renamed = applied(BankAccountEdit(name=changes.name), to=account)
    is_archived = changes.is_archived
    if not isinstance(is_archived, Unset):
        renamed = replace(renamed, archived_at=(account.archived_at or now) if is_archived else None)
    return replace(renamed, version=account.version + 1, updated_at=now)

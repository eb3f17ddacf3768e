"""The ledger, double entry: a transfer moves money between two accounts of one currency and stays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Literal
from uuid import UUID

from shared.kernel.ids import new_id

SourceType = Literal[
    "invoice",
    "void",
    "write_off",
    "reinstatement",
    "credit_note",
    "credit_release",
    "payment",
    "payment_void",
    "payment_move",
    "allocation",
    "reversal",
    "refund",
    "dispute",
    "bank_line",
    "bank_match",
]
"""What a transfer books. `source_id` names the invoice (invoice, void, write_off, reinstatement), the credit
note, payment (payment, credit_release, payment_void, payment_move, dispute), allocation (allocation,
reversal), refund or line of a bank's file (bank_line: imported, bank_match: decided, or that undone)."""


class AccountType(StrEnum):
    """What kind of money stands in an account."""

    ACCOUNTS_RECEIVABLE = "accounts_receivable"
    CASH = "cash"
    WRITE_OFF = "write_off"
    CREDIT_BALANCE = "credit_balance"
    REFUNDS_PAYABLE = "refunds_payable"
    REVENUE = "revenue"
    TAX_PAYABLE = "tax_payable"
    OVERDRAWN = "overdrawn"
    BANK = "bank"
    SUSPENSE = "suspense"
    BANK_CHARGES = "bank_charges"
    UNRELATED = "unrelated"


DEBIT_ACCOUNTS = frozenset(
    {
        AccountType.ACCOUNTS_RECEIVABLE,
        AccountType.CASH,
        AccountType.WRITE_OFF,
        AccountType.OVERDRAWN,
        AccountType.BANK,
        AccountType.BANK_CHARGES,
    }
)
"""Their balance is debits − credits; that of the others is credits − debits."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where money of one workspace and currency stands: a contact's, a method's, or the workspace's own.

    `method` is the id of the bank account, of bank and suspense.
    """

    workspace_id: UUID
    id: UUID
    type: AccountType
    currency: str
    contact_id: UUID | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """One entry: `amount_minor` > 0 is debited to one account and credited to another."""

    workspace_id: UUID
    id: UUID
    currency: str
    debit: Account
    credit: Account
    amount_minor: int
    source_type: SourceType
    source_id: UUID
    booked_on: date
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why and when a transfer is made; the day is the workspace's."""

    source_type: SourceType
    source_id: UUID
    booked_on: date
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is read back."""

    id: UUID
    currency: str
    debit_account_id: UUID
    credit_account_id: UUID
    amount_minor: int
    source_type: SourceType
    source_id: UUID
    booked_on: date
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """An account with the sums of its entries, in minor units."""

    account: Account
    debits_minor: int
    credits_minor: int

    @property
    def balance_minor(self) -> int:
        """What stands in it, on the side that its kind grows on."""
        more = self.debits_minor - self.credits_minor
        return more if self.account.type in DEBIT_ACCOUNTS else -more


@lru_cache(maxsize=65_536)
def account(
    workspace_id: UUID,
    type_: AccountType,
    currency: str,
    contact_id: UUID | None = None,
    method: str | None = None,
) -> Account:
    """The account of this kind and owner; its id is made of these, so that nobody has to look it up."""
    owner = str(contact_id) if contact_id else method or ""
    digest = sha256(f"{workspace_id}:{type_.value}:{currency}:{owner}".encode()).digest()
    return Account(workspace_id, UUID(bytes=digest[:16]), type_, currency, contact_id, method)


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts that one contact's money moves between."""

    workspace_id: UUID
    currency: str
    contact_id: UUID

    @property
    def receivable(self) -> Account:
        """What the contact's invoices ask for."""
        return self._of_contact(AccountType.ACCOUNTS_RECEIVABLE)

    @property
    def credit(self) -> Account:
        """What is owed to the contact."""
        return self._of_contact(AccountType.CREDIT_BALANCE)

    @property
    def refunds(self) -> Account:
        """What is on its way back to the contact."""
        return self._of_contact(AccountType.REFUNDS_PAYABLE)

    @property
    def overdrawn(self) -> Account:
        """What banks took for disputes beyond what payments still held: owed back by the contact."""
        return self._of_contact(AccountType.OVERDRAWN)

    @property
    def revenue(self) -> Account:
        """What was sold, without tax."""
        return account(self.workspace_id, AccountType.REVENUE, self.currency)

    @property
    def tax(self) -> Account:
        """Tax that was invoiced."""
        return account(self.workspace_id, AccountType.TAX_PAYABLE, self.currency)

    @property
    def write_off(self) -> Account:
        """What is not expected any more."""
        return account(self.workspace_id, AccountType.WRITE_OFF, self.currency)

    def cash(self, method: str) -> Account:
        """Money that came in by this method."""
        return account(self.workspace_id, AccountType.CASH, self.currency, None, method)

    def _of_contact(self, type_: AccountType) -> Account:
        return account(self.workspace_id, type_, self.currency, self.contact_id)


def transfer(debit: Account, credit: Account, amount_minor: int, occasion: Occasion) -> Iterator[Transfer]:
    """The entry that moves so much; none for 0, and the other way round for a negative amount."""
    if amount_minor < 0:
        debit, credit, amount_minor = credit, debit, -amount_minor
    if amount_minor:
        yield Transfer(
            workspace_id=debit.workspace_id,
            id=new_id(),
            currency=debit.currency,
            debit=debit,
            credit=credit,
            amount_minor=amount_minor,
            source_type=occasion.source_type,
            source_id=occasion.source_id,
            booked_on=occasion.booked_on,
            created_at=occasion.created_at,
        )


def sale(
    accounts: Accounts, total_minor: int, tax_minor: int, occasion: Occasion, *, is_reversed: bool = False
) -> Iterator[Transfer]:
    """What an invoice books: its tax and the rest, as asked for; reversed for what takes it back."""
    sign = -1 if is_reversed else 1
    yield from transfer(accounts.receivable, accounts.revenue, sign * (total_minor - tax_minor), occasion)
    yield from transfer(accounts.receivable, accounts.tax, sign * tax_minor, occasion)

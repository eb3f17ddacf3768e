"""What a bank's file tells, in one form whatever its format."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Self

from shared.kernel.errors import Invalid

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def to_iban(text: str) -> str | None:
    """The text without spaces, if it has the form of an IBAN (ISO 13616); check digits are not judged."""
    joined = "".join(text.split()).upper()
    return joined if _IBAN.fullmatch(joined) else None


class UnreadableFile(Invalid):
    """The file is none that a bank gives."""

    code: ClassVar[str] = "unreadable_bank_file"


class NoStatement(UnreadableFile):
    """The file has no statement in it."""

    code: ClassVar[str] = "no_statement"


class StatementKind(StrEnum):
    """How final a file is: camt.053 and MT940, camt.052 and MT942, camt.054."""

    STATEMENT = "statement"
    REPORT = "report"
    NOTIFICATION = "notification"


@dataclass(frozen=True, slots=True)
class Counterparty:
    """Who is at the other end of a movement, as far as the bank tells."""

    name: str | None = None
    iban: str | None = None
    bic: str | None = None
    ultimate_name: str | None = None


@dataclass(frozen=True, slots=True)
class Remittance:
    """What the payer said about a payment, and the references that went with it.

    `structured` are creditor references in a form of their own; `text` is free text, its lines joined by
    spaces.
    """

    text: str = ""
    structured: tuple[str, ...] = ()
    end_to_end_id: str | None = None
    mandate_id: str | None = None
    creditor_id: str | None = None


@dataclass(frozen=True, slots=True)
class InstructedAmount:
    """What the payer ordered where that differs from what came: minor units of `currency`."""

    amount_minor: int
    currency: str
    exchange_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BankEntry:
    """One movement on a bank account: above 0 came in, below 0 went out (minor units of `currency`).

    `bank_reference` is the bank's own id of it; `details_of` that of the entry which this is a part of.
    `return_code` is why a payment of ours came back (ISO 20022 external code). `notices` say what of the file
    could not be taken as it stands.
    """

    booked_on: date
    amount_minor: int
    currency: str
    value_on: date | None = None
    bank_reference: str | None = None
    counterparty: Counterparty = field(default_factory=Counterparty)
    remittance: Remittance = field(default_factory=Remittance)
    transaction_code: str | None = None
    return_code: str | None = None
    is_reversal: bool = False
    charges_minor: int = 0
    instructed: InstructedAmount | None = None
    details_of: str | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HolderAccount:
    """The bank account that a statement is of: an IBAN, or what the bank calls it."""

    iban: str | None
    number: str | None = None
    currency: str | None = None

    @classmethod
    def named(cls, name: str, currency: str) -> Self:
        """The account that a file calls so: by its IBAN, if the name is one, else by the name as a number."""
        iban = to_iban(name)
        return cls(iban, None, currency) if iban else cls(None, name or None, currency)


@dataclass(frozen=True, slots=True)
class BankStatement:
    """One statement of one account. A balance is None where the file does not tell it."""

    account: HolderAccount
    currency: str
    kind: StatementKind
    entries: tuple[BankEntry, ...]
    number: str | None = None
    from_on: date | None = None
    until_on: date | None = None
    opening_minor: int | None = None
    closing_minor: int | None = None

    @property
    def is_balanced(self) -> bool | None:
        """Whether opening plus movements is closing; None where the file does not tell both."""
        if self.opening_minor is None or self.closing_minor is None:
            return None
        return self.opening_minor + sum(entry.amount_minor for entry in self.entries) == self.closing_minor

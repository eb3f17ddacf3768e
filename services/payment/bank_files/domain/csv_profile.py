"""How one bank writes its CSV files."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class CsvColumns:
    """The column of each fact: its title, or its number from 0 in files without titles.

    Either `amount` (with its sign, or with `direction` telling it) or `credit` and `debit`.
    """

    booked_on: str
    amount: str | None = None
    credit: str | None = None
    debit: str | None = None
    direction: str | None = None
    value_on: str | None = None
    currency: str | None = None
    account: str | None = None
    reference: str | None = None
    name: str | None = None
    iban: str | None = None
    bic: str | None = None
    ultimate_name: str | None = None
    text: tuple[str, ...] = ()
    structured: str | None = None
    end_to_end_id: str | None = None
    mandate_id: str | None = None
    creditor_id: str | None = None
    transaction_code: str | None = None
    return_code: str | None = None
    charges: str | None = None
    balance: str | None = None
    original_amount: str | None = None
    original_currency: str | None = None
    exchange_rate: str | None = None


@dataclass(frozen=True, slots=True)
class CsvProfile:
    """One bank's way: `header` are titles that no other bank has together.

    `days` are tried in order (strptime). `debit_words` are what `direction` says of money that went out.
    `has_words`: the text is written as in MT940. A row whose `skip_column` holds one of `skip_words` is left
    out: it is not booked yet, or is no movement.
    """

    name: str
    title: str
    columns: CsvColumns
    days: tuple[str, ...]
    header: tuple[str, ...] = ()
    delimiter: str = ";"
    decimal: Literal[",", "."] = ","
    currency: str | None = None
    first_row: str | None = None
    debit_words: tuple[str, ...] = ()
    skip_column: str | None = None
    skip_words: tuple[str, ...] = ()
    has_words: bool = False

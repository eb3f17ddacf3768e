"""CSV as banks give it: each bank's way is a profile, told by the titles of its columns."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from io import StringIO

from services.payment.bank_files.domain.csv_profile import CsvColumns, CsvProfile
from services.payment.bank_files.domain.statement import (
    BankEntry,
    BankStatement,
    Counterparty,
    HolderAccount,
    InstructedAmount,
    NoStatement,
    Remittance,
    StatementKind,
    UnreadableFile,
    to_iban,
)
from services.payment.bank_files.formats.mt940_information import read_information
from shared.kernel.money import TooManyDecimals, UnknownCurrency, to_minor

HEADER_ROWS = 40
"""Titles stand at most so far down: some banks begin with an address and a summary."""
_AMOUNT = re.compile(r"[+-]?[0-9]{1,16}(?:\.[0-9]{1,6})?[+-]?")
_SPACES = re.compile(r"[\s\u00a0\u202f']+")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with its line in the file, asked by title or number."""

    line: int
    fields: Mapping[str, str]

    def text(self, column: str | None) -> str | None:
        value = self.fields.get(column, "") if column is not None else ""
        return " ".join(value.split()) or None

    def fail(self, column: str | None, what: str) -> UnreadableFile:
        return UnreadableFile(f"Line {self.line}, {column}: {what}.", field="file", line=self.line)


def find_profile(text: str, profiles: Sequence[CsvProfile]) -> CsvProfile | None:
    """The profile whose titles, or whose look of the first row, the file has; the one with most titles."""
    fitting = [profile for profile in profiles if _find_header(text, profile) is not None]
    return max(fitting, key=lambda profile: len(profile.header), default=None)


def read_csv(text: str, profile: CsvProfile) -> tuple[BankStatement, ...]:
    """The file's rows as one statement an account, in the order of time.

    Raises NoStatement where the titles are not those of the profile, UnreadableFile naming line and column.
    """
    rows = list(_rows(text, profile))
    by_account: dict[tuple[str, str], list[tuple[_Row, BankEntry]]] = {}
    for row in rows:
        if _is_skipped(row, profile):
            continue
        currency = row.text(profile.columns.currency) or profile.currency
        if currency is None:
            raise row.fail(profile.columns.currency, "the row names no currency")
        account = row.text(profile.columns.account) or ""
        entry = _read_entry(row, profile, currency.upper())
        if profile.has_words:
            entry = read_information(entry, entry.remittance.text)
        by_account.setdefault((account, entry.currency), []).append((row, entry))
    return tuple(
        _read_statement(account, currency, read, profile) for (account, currency), read in by_account.items()
    )


def _find_header(text: str, profile: CsvProfile) -> int | None:
    """The row (from 0) after which the movements begin; None where the profile does not fit."""
    for number, fields in enumerate(_split(text, profile.delimiter)):
        if number >= HEADER_ROWS:
            return None
        if profile.first_row:
            return 0 if re.fullmatch(profile.first_row, profile.delimiter.join(fields)) else None
        titles = {_title(value) for value in fields}
        if all(_title(title) in titles for title in profile.header):
            return number + 1
    return None


def _split(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        said = f"Line {reader.line_num} is not CSV: {error}."
        raise UnreadableFile(said, field="file", line=reader.line_num) from error


def _title(value: str) -> str:
    return " ".join(value.replace("\ufeff", "").split()).casefold()


def _rows(text: str, profile: CsvProfile) -> Iterator[_Row]:
    begin = _find_header(text, profile)
    if begin is None:
        raise NoStatement(f"The file has not the columns of {profile.title}.", field="file")
    known = _known_titles(profile.columns)
    titles: list[str] = []
    for number, fields in enumerate(_split(text, profile.delimiter)):
        if number == begin - 1:
            titles = [known.get(_title(value), value) for value in fields]
        if number >= begin and any(value.strip() for value in fields):
            names = titles or [str(place) for place in range(len(fields))]
            yield _Row(number + 1, dict(zip(names, fields, strict=False)))


def _known_titles(columns: CsvColumns) -> dict[str, str]:
    values = [getattr(columns, name) for name in CsvColumns.__slots__]
    flat = [*(value for value in values if isinstance(value, str)), *columns.text]
    return {_title(value): value for value in flat}


def _is_skipped(row: _Row, profile: CsvProfile) -> bool:
    if row.text(profile.columns.booked_on) is None:
        return True
    said = (row.text(profile.skip_column) or "").casefold()
    return any(word.casefold() in said for word in profile.skip_words)


def _read_entry(row: _Row, profile: CsvProfile, currency: str) -> BankEntry:
    columns = profile.columns
    minor = _read_signed(row, profile, currency)
    value_on = _read_day(row, columns.value_on, profile) if row.text(columns.value_on) else None
    booked_on = _read_day(row, columns.booked_on, profile)
    parts = [part for column in columns.text if (part := row.text(column))]
    return BankEntry(
        booked_on=booked_on,
        value_on=value_on,
        amount_minor=minor,
        currency=currency,
        bank_reference=row.text(columns.reference),
        counterparty=Counterparty(
            name=row.text(columns.name),
            iban=to_iban(_SPACES.sub("", row.text(columns.iban) or "")),
            bic=row.text(columns.bic),
            ultimate_name=row.text(columns.ultimate_name),
        ),
        remittance=Remittance(
            text=" ".join(parts),
            structured=(structured,) if (structured := row.text(columns.structured)) else (),
            end_to_end_id=_meant(row.text(columns.end_to_end_id)),
            mandate_id=_meant(row.text(columns.mandate_id)),
            creditor_id=_meant(row.text(columns.creditor_id)),
        ),
        transaction_code=row.text(columns.transaction_code),
        return_code=row.text(columns.return_code),
        charges_minor=abs(_read_minor(row, columns.charges, profile, currency) or 0),
        instructed=_read_instructed(row, profile, currency),
    )


def _meant(reference: str | None) -> str | None:
    return None if reference is None or reference.upper() in ("NOTPROVIDED", "NONREF", "-") else reference


def _read_signed(row: _Row, profile: CsvProfile, currency: str) -> int:
    columns = profile.columns
    if columns.amount is None:
        credit = _read_minor(row, columns.credit, profile, currency)
        debit = _read_minor(row, columns.debit, profile, currency)
        if credit is None and debit is None:
            raise row.fail(columns.credit, "the row has no amount")
        # Some banks write what went out with a minus of its own.
        return abs(credit or 0) - abs(debit or 0)
    minor = _read_minor(row, columns.amount, profile, currency)
    if minor is None:
        raise row.fail(columns.amount, "the row has no amount")
    if columns.direction is None:
        return minor
    said = (row.text(columns.direction) or "").casefold()
    return -abs(minor) if said in {word.casefold() for word in profile.debit_words} else abs(minor)


def _read_minor(row: _Row, column: str | None, profile: CsvProfile, currency: str) -> int | None:
    text = row.text(column)
    amount = read_decimal(text, profile.decimal) if text else None
    if text and amount is None:
        raise row.fail(column, f"{text[:40]!r} is no amount")
    if amount is None:
        return None
    try:
        return to_minor(amount, currency)
    except UnknownCurrency as error:
        raise row.fail(column, f"{currency[:10]!r} is no currency of ISO 4217") from error
    except TooManyDecimals as error:
        raise row.fail(column, f"{text!r} has more decimals than {currency} has") from error


def read_decimal(text: str, decimal: str) -> Decimal | None:
    """A number with this decimal sign, whatever separates thousands; None where it is none."""
    thousands = "." if decimal == "," else ","
    plain = _SPACES.sub("", text).replace(thousands, "").replace(decimal, ".").replace("\u2212", "-")
    plain = plain.removeprefix("€").removesuffix("€")
    if not _AMOUNT.fullmatch(plain):
        return None
    if plain[-1] in "+-":
        plain = plain[-1] + plain[:-1]
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _read_day(row: _Row, column: str | None, profile: CsvProfile) -> date:
    text = row.text(column) or ""
    for way in profile.days:
        try:
            return datetime.strptime(text, way).date()  # noqa: DTZ007 - a bank's day has no zone
        except ValueError:
            continue
    raise row.fail(column, f"{text[:40]!r} is no day")


def _read_instructed(row: _Row, profile: CsvProfile, currency: str) -> InstructedAmount | None:
    columns = profile.columns
    ordered_in = row.text(columns.original_currency)
    if ordered_in is None or ordered_in.upper() == currency or row.text(columns.original_amount) is None:
        return None
    minor = _read_minor(row, columns.original_amount, profile, ordered_in.upper())
    rate = read_decimal(row.text(columns.exchange_rate) or "", profile.decimal)
    return InstructedAmount(abs(minor or 0), ordered_in.upper(), rate if rate and rate > 0 else None)


def _read_statement(
    account: str, currency: str, read: Sequence[tuple[_Row, BankEntry]], profile: CsvProfile
) -> BankStatement:
    balances = [_read_minor(row, profile.columns.balance, profile, currency) for row, _ in read]
    movements = [(entry, balance) for (_, entry), balance in zip(read, balances, strict=True)]
    ordered = movements[::-1] if _is_newest_first(movements) else movements
    entries = tuple(entry for entry, _ in ordered)
    statement = BankStatement(
        account=HolderAccount.named(account, currency),
        currency=currency,
        kind=StatementKind.STATEMENT,
        entries=entries,
        from_on=min(entry.booked_on for entry in entries),
        until_on=max(entry.booked_on for entry in entries),
    )
    first, last = ordered[0][1], ordered[-1][1]
    if first is None or last is None:
        return statement
    return replace(statement, opening_minor=first - entries[0].amount_minor, closing_minor=last)


def _is_newest_first(movements: Sequence[tuple[BankEntry, int | None]]) -> bool:
    """Whether the file goes back in time: by its days, and within one day by its balances."""
    (first, first_balance), (last, _) = movements[0], movements[-1]
    if first.booked_on != last.booked_on or len(movements) == 1:
        return first.booked_on > last.booked_on
    second, second_balance = movements[1]
    if first_balance is None or second_balance is None:
        return False
    is_forward = first_balance + second.amount_minor == second_balance
    return not is_forward and second_balance + first.amount_minor == first_balance

"""MT940 and MT942 (SWIFT customer statements), as banks give them in files of text.

The tags are read here rather than by a library: those there are give the text behind the closing balance to
the last movement, and take the words within `:86:` for text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from services.payment.bank_files.domain.statement import (
    BankEntry,
    BankStatement,
    HolderAccount,
    NoStatement,
    StatementKind,
    UnreadableFile,
)
from services.payment.bank_files.formats.mt940_information import read_information
from shared.kernel.money import TooManyDecimals, UnknownCurrency, exponent, to_minor

_TAG = re.compile(r":([0-9]{2}[A-Z]?):(.*)", re.DOTALL)
_MOVEMENT = re.compile(
    r"(?P<value>[0-9]{6})(?P<booked>[0-9]{4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>[0-9]{1,15}(?:,[0-9]{0,4})?)(?P<kind>[A-Z][A-Z0-9]{3})(?P<rest>[^\n]*)(?:\n(?P<more>.*))?",
    re.DOTALL,
)
_BALANCE = re.compile(
    r"(?P<mark>[CD])(?P<day>[0-9]{6})(?P<currency>[A-Z]{3})(?P<amount>[0-9]{1,15}(?:,[0-9]{0,4})?)"
)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_HEAD_LINES = 30
_FLOOR = re.compile(r"[A-Z]{3}")
# ING names in :61: the word under which :86: has the reference.
_NO_REFERENCE = {"", "NONREF", "NOREF", "EREF", "PREF", "MARF"}


def is_mt940(text: str) -> bool:
    """Whether the text has the tags that every MT940 and MT942 has."""
    # What stands further down may be what a payer wrote.
    head = "\n".join(text[:10_000].splitlines()[:_HEAD_LINES])
    return bool(re.search(r"^:20:", head, re.MULTILINE) and re.search(r"^:25[A-Z]?:", head, re.MULTILINE))


@dataclass(slots=True)
class _Reading:
    """A statement while its tags are read."""

    line: int
    account: str = ""
    number: str | None = None
    currency: str | None = None
    opening: tuple[int, date] | None = None
    closing: tuple[int, date] | None = None
    entries: list[BankEntry] = field(default_factory=list)
    takes_information: bool = False


def read_mt940(text: str) -> tuple[BankStatement, ...]:
    """The statements of an MT940 or MT942 file.

    Raises NoStatement where no tag `:20:` begins one, UnreadableFile naming the line of what cannot be read.
    """
    found: list[_Reading] = []
    for line, tag, value in _tags(text):
        if tag == "20":
            found.append(_Reading(line))
        elif found:
            _take(found[-1], tag, value, line)
    if not found:
        raise NoStatement("The file has no statement in it (MT940 begins one by :20:).", field="file")
    return tuple(_finish(reading) for reading in found)


def _tags(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, tag and value of each tag; a value's further lines are kept apart by newlines."""
    begun: tuple[int, str] | None = None
    value: list[str] = []
    for line, content in enumerate(text.splitlines(), start=1):
        tag = _TAG.fullmatch(content)
        if tag or content.strip() in ("-", "-}") or content.startswith("{"):
            if begun:
                yield *begun, "\n".join(value)
            begun, value = ((line, tag[1]), [tag[2]]) if tag else (None, [])
        elif begun and content.strip():
            value.append(content)
    if begun:
        yield *begun, "\n".join(value)


def _take(reading: _Reading, tag: str, value: str, line: int) -> None:
    # Only directly behind a movement is :86: about it; elsewhere it is about the statement.
    takes_information, reading.takes_information = reading.takes_information, False
    match tag:
        case "25" | "25P":
            reading.account = "".join(value.split())
        case "28C" | "28":
            reading.number = value.strip() or None
        case "60F" | "60M":
            reading.opening = _balance(reading, value, line)
        case "62F" | "62M":
            reading.closing = _balance(reading, value, line)
        case "34F":
            floor = _FLOOR.match(value.strip())
            reading.currency = reading.currency or (floor[0] if floor else None)
        case "61":
            reading.entries.append(_movement(reading, value, line))
            reading.takes_information = True
        case "86" if takes_information:
            reading.entries[-1] = read_information(reading.entries[-1], value)


def _balance(reading: _Reading, value: str, line: int) -> tuple[int, date]:
    found = _BALANCE.fullmatch(value.strip())
    if found is None:
        raise _fault(line, f"{value[:40]!r} is no balance")
    reading.currency = found["currency"]
    minor = _minor(found["amount"], found["currency"], line)
    return (minor if found["mark"] == "C" else -minor), _day(found["day"], line)


def _movement(reading: _Reading, value: str, line: int) -> BankEntry:
    found = _MOVEMENT.fullmatch(value.strip())
    if found is None:
        raise _fault(line, f"{value[:60]!r} is no movement")
    if reading.currency is None:
        raise _fault(line, "no balance before it names the currency")
    value_on = _day(found["value"], line)
    minor = _minor(found["amount"], reading.currency, line)
    # The reversal of a credit takes money, that of a debit gives it.
    is_credit = found["mark"] in ("C", "RD")
    owner, _, bank = found["rest"].partition("//")
    entry = BankEntry(
        booked_on=_booked_on(value_on, found["booked"], line),
        value_on=value_on,
        amount_minor=minor if is_credit else -minor,
        currency=reading.currency,
        bank_reference=bank.strip() or None,
        transaction_code=found["kind"],
        is_reversal=found["mark"].startswith("R"),
    )
    owner = owner.strip()
    remittance = replace(
        entry.remittance,
        text=" ".join((found["more"] or "").split()),
        end_to_end_id=None if owner.upper() in _NO_REFERENCE else owner,
    )
    return replace(entry, remittance=remittance)


def _booked_on(value_on: date, month_day: str | None, line: int) -> date:
    """The day of booking, which has no year: the one nearest to the value date."""
    if month_day is None:
        return value_on
    years = (value_on.year - 1, value_on.year, value_on.year + 1)
    days = [day for year in years if (day := _day_or_none(f"{year % 100:02}{month_day}"))]
    if not days:
        raise _fault(line, f"{month_day!r} is no day")
    return min(days, key=lambda day: abs(day - value_on))


def _day(text: str, line: int) -> date:
    day = _day_or_none(text)
    if day is None:
        raise _fault(line, f"{text!r} is no day")
    return day


def _day_or_none(text: str) -> date | None:
    try:
        # SWIFT's two-digit years are of this century until 79.
        year = int(text[:2])
        return date(2000 + year if year < 80 else 1900 + year, int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None


def _minor(text: str, currency: str, line: int) -> int:
    try:
        exponent(currency)
        return to_minor(Decimal(text.rstrip(",").replace(",", ".")), currency)
    except UnknownCurrency as error:
        raise _fault(line, f"{currency} is no currency of ISO 4217") from error
    except TooManyDecimals as error:
        raise _fault(line, f"{text} has more decimals than {currency} has") from error


def _fault(line: int, what: str) -> UnreadableFile:
    return UnreadableFile(f"Line {line}: {what}.", field="file", line=line)


def _finish(reading: _Reading) -> BankStatement:
    if not reading.account:
        raise _fault(reading.line, "the statement names no account (:25:)")
    if reading.currency is None:
        raise _fault(reading.line, "the statement names no currency (:60F: or :34F:)")
    days = [entry.booked_on for entry in reading.entries]
    return BankStatement(
        account=_account(reading.account, reading.currency),
        currency=reading.currency,
        kind=StatementKind.STATEMENT if reading.closing else StatementKind.REPORT,
        entries=tuple(reading.entries),
        number=reading.number,
        from_on=min(days, default=reading.opening[1] if reading.opening else None),
        until_on=reading.closing[1] if reading.closing else _latest(days),
        opening_minor=reading.opening[0] if reading.opening else None,
        closing_minor=reading.closing[0] if reading.closing else None,
    )


def _latest(days: Sequence[date]) -> date | None:
    return max(days, default=None)


def _account(text: str, currency: str) -> HolderAccount:
    # Some banks write the currency behind the number, some the BIC before it.
    name = text.rpartition("/")[2] if _IBAN.match(text.rpartition("/")[2]) else text
    name = name.removesuffix(currency)
    return (
        HolderAccount(name, None, currency) if _IBAN.fullmatch(name) else HolderAccount(None, name, currency)
    )

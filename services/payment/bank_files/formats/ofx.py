"""OFX and QFX (Open Financial Exchange 1 as SGML, 2 as XML): the movements of bank and card statements."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from html import unescape

from services.payment.bank_files.domain.statement import (
    BankEntry,
    BankStatement,
    Counterparty,
    HolderAccount,
    NoStatement,
    Remittance,
    StatementKind,
    UnreadableFile,
)
from shared.kernel.money import TooManyDecimals, UnknownCurrency, to_minor

_TOKEN = re.compile(r"<(/?)([A-Z0-9.]{1,40})>([^<\r\n]*)", re.IGNORECASE)
# At the very beginning: further down it may be what a payer wrote.
_BEGINNING = re.compile(r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:OFXHEADER|<\?OFX\b|<OFX>)", re.IGNORECASE)
_STATEMENTS = {"STMTRS", "CCSTMTRS"}
_AMOUNT = re.compile(r"[+-]?[0-9]{1,16}(?:[.,][0-9]{1,6})?")


@dataclass(slots=True)
class _Group:
    """A statement or a movement while it is read: the first value of each element in it."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    movements: list["_Group"] = field(default_factory=list)


def is_ofx(text: str) -> bool:
    """Whether the text begins as OFX does."""
    return _BEGINNING.match(text) is not None


def read_ofx(text: str) -> tuple[BankStatement, ...]:
    """The statements of an OFX file.

    Raises NoStatement where it has none, UnreadableFile naming the line of what cannot be read.
    """
    statements = tuple(_read_statement(group) for group in _groups(text))
    if not statements:
        raise NoStatement("The file has no statement in it (OFX: STMTRS or CCSTMTRS).", field="file")
    return statements


def _groups(text: str) -> Iterator[_Group]:
    statement: _Group | None = None
    movement: _Group | None = None
    line = at = 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at = token.start()
        closing, name, value = token[1], token[2].upper(), unescape(token[3]).strip()
        if name in _STATEMENTS:
            if statement is not None:
                yield statement
            statement, movement = (None, None) if closing else (_Group(line + 1), None)
        elif name == "STMTTRN" and statement is not None:
            movement = None if closing else _Group(line + 1)
            statement.movements += [movement] if movement else []
        elif value and statement is not None:
            (movement or statement).values.setdefault(name, value)
    if statement is not None:
        yield statement


def _read_statement(group: _Group) -> BankStatement:
    currency = group.values.get("CURDEF", "")
    name = "".join(group.values.get("ACCTID", "").split()).upper()
    if not name:
        raise _fault(group, "the statement names no account (ACCTID)")
    entries = tuple(_read_entry(movement, currency) for movement in group.movements)
    closing = group.values.get("BALAMT")
    minor = None if closing is None else _minor(group, closing, currency)
    return BankStatement(
        account=HolderAccount.named(name, currency),
        currency=currency,
        kind=StatementKind.STATEMENT,
        entries=entries,
        from_on=_day(group, "DTSTART") if "DTSTART" in group.values else None,
        until_on=_day(group, "DTEND") if "DTEND" in group.values else None,
        closing_minor=minor,
    )


def _read_entry(movement: _Group, currency: str) -> BankEntry:
    values = movement.values
    if "TRNAMT" not in values:
        raise _fault(movement, "a movement has no amount (TRNAMT)")
    text = " ".join(values.get("MEMO", "").split())
    return BankEntry(
        booked_on=_day(movement, "DTPOSTED"),
        amount_minor=_minor(movement, values["TRNAMT"], currency),
        currency=currency,
        bank_reference=values.get("FITID"),
        counterparty=Counterparty(name=values.get("NAME") or values.get("PAYEE")),
        remittance=Remittance(text=text, end_to_end_id=values.get("REFNUM")),
        transaction_code=values.get("TRNTYPE"),
    )


def _minor(group: _Group, text: str, currency: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise _fault(group, f"{text[:40]!r} is no amount")
    try:
        return to_minor(Decimal(text.replace(",", ".")), currency)
    except UnknownCurrency as error:
        raise _fault(group, f"{currency[:10]!r} is no currency of ISO 4217 (CURDEF)") from error
    except TooManyDecimals as error:
        raise _fault(group, f"{text} has more decimals than {currency} has") from error


def _day(group: _Group, name: str) -> date:
    text = group.values.get(name, "")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError as error:
        raise _fault(group, f"{text[:40]!r} is no day ({name})") from error


def _fault(group: _Group, what: str) -> UnreadableFile:
    return UnreadableFile(f"Line {group.line}: {what}.", field="file", line=group.line)

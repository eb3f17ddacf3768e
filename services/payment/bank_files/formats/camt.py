"""CAMT (ISO 20022 bank to customer messages): camt.053, camt.052 and camt.054 of any version.

Elements are told by their local name: versions and banks differ in the namespace and little else.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO

from lxml import etree

from services.payment.bank_files.domain.statement import (
    BankEntry,
    BankStatement,
    HolderAccount,
    NoStatement,
    StatementKind,
    UnreadableFile,
)
from services.payment.bank_files.formats.camt_element import Element, local_name, read_amount, read_day
from services.payment.bank_files.formats.camt_entry import read_entry

MAX_DEPTH = 64
MAX_TAGS = 1_600_000
"""What a statement of 20 MB has; a file of empty elements would cost far more memory than its size."""
_MESSAGES = {"BkToCstmrStmt", "BkToCstmrAcctRpt", "BkToCstmrDbtCdtNtfctn"}
_KINDS = {
    "Stmt": StatementKind.STATEMENT,
    "Rpt": StatementKind.REPORT,
    "Ntfctn": StatementKind.NOTIFICATION,
}
_OPENING = ("OPBD", "PRCD")
_CLOSING = ("CLBD",)


def read_camt(data: bytes) -> tuple[BankStatement, ...]:
    """The statements of a camt file.

    Raises NoStatement for XML of another kind, UnreadableFile for what is no XML, has a document type
    declaration, is nested more than 64 deep, or lacks what an entry cannot be without.
    """
    if data.count(b"<") > MAX_TAGS:
        raise UnreadableFile("The file has more elements than a statement has.", field="file")
    try:
        statements = tuple(_read_statements(data))
    except etree.XMLSyntaxError as error:
        line, column = error.position
        said = f"The file is not well-formed XML at line {line}, column {column}: {error.msg}"
        raise UnreadableFile(said, field="file", line=line) from error
    if not statements:
        raise NoStatement("The file is a bank's, but has no statement in it.", field="file")
    return statements


def _read_statements(data: bytes) -> Iterator[BankStatement]:
    entries: list[BankEntry] = []
    depth = 0
    account: HolderAccount | None = None
    for event, node in _parse(data):
        depth += 1 if event == "start" else -1
        if event == "start":
            if depth <= 2 or depth > MAX_DEPTH:
                _require_sound(node, depth)
            continue
        if depth > 3:
            continue
        name = local_name(node)
        if name == "Acct" and depth == 3:
            account = _read_account(Element(node))
        elif name == "Ntry" and depth == 3:
            entries += read_entry(Element(node), account or HolderAccount(None))
            _forget(node)
        elif name in _KINDS and depth == 2:
            yield _read_statement(Element(node), _KINDS[name], entries)
            entries, account = [], None
            _forget(node)


def _parse(data: bytes) -> Iterator[tuple[str, etree._Element]]:
    found: Iterator[tuple[str, etree._Element]] = etree.iterparse(
        BytesIO(data),
        events=("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    return found


def _require_sound(node: etree._Element, depth: int) -> None:
    if depth == 1 and node.getroottree().docinfo.doctype:
        raise UnreadableFile("A bank's file has no document type declaration.", field="file")
    if depth == 2 and local_name(node) not in _MESSAGES:
        raise NoStatement("The XML is no statement of a bank (camt.053, camt.052 or camt.054).", field="file")
    if depth > MAX_DEPTH:
        raise UnreadableFile(
            f"The file is nested more than {MAX_DEPTH} deep.", field="file", line=node.sourceline
        )


def _forget(node: etree._Element) -> None:
    """Free what was read, so that a large file is never whole in memory."""
    node.clear()
    while node.getprevious() is not None and local_name(node.getprevious()) == local_name(node):
        del node.getparent()[node.getparent().index(node.getprevious())]


def _read_account(element: Element) -> HolderAccount:
    iban = element.text("Id", "IBAN")
    number = element.text("Id", "Othr", "Id") or element.text("Id", "PrtryAcct", "Id")
    return HolderAccount(iban.replace(" ", "").upper() if iban else None, number, element.text("Ccy"))


def _read_statement(element: Element, kind: StatementKind, entries: Sequence[BankEntry]) -> BankStatement:
    found = element.first("Acct")
    if found is None:
        element.fail("it names no account")
    account = _read_account(found)
    balances = [balance for balance in map(_read_balance, element.all("Bal")) if balance]
    currency = account.currency or next(
        iter([*(balance[2] for balance in balances), *(entry.currency for entry in entries)]), None
    )
    if currency is None:
        element.fail("it names no currency: neither the account, nor a balance, nor an entry does")
    return BankStatement(
        account=account,
        currency=currency,
        kind=kind,
        entries=tuple(entries),
        number=element.text("LglSeqNb") or element.text("ElctrncSeqNb") or element.text("Id"),
        from_on=_read_end(element, "FrDtTm", "FrDt") or _first_day(balances, _OPENING),
        until_on=_read_end(element, "ToDtTm", "ToDt") or _first_day(balances, _CLOSING),
        opening_minor=_first_amount(balances, _OPENING),
        closing_minor=_first_amount(balances, _CLOSING),
    )


def _read_end(element: Element, *names: str) -> date | None:
    found = (element.first("FrToDt", name) for name in names)
    return next((read_day(end) for end in found if end is not None), None)


def _read_balance(element: Element) -> tuple[str, int, str, date | None] | None:
    """Its code, signed minor units, currency and day; None of what has no code."""
    code = element.text("Tp", "CdOrPrtry", "Cd")
    amount = element.first("Amt")
    if code is None or amount is None:
        return None
    minor, currency = read_amount(amount)
    sign = -1 if element.text("CdtDbtInd") == "DBIT" else 1
    return code, sign * minor, currency, read_day(element.first("Dt"))


def _first_amount(balances: Sequence[tuple[str, int, str, date | None]], codes: Sequence[str]) -> int | None:
    return next((minor for wanted in codes for code, minor, _, _ in balances if code == wanted), None)


def _first_day(balances: Sequence[tuple[str, int, str, date | None]], codes: Sequence[str]) -> date | None:
    return next((day for wanted in codes for code, _, _, day in balances if code == wanted), None)

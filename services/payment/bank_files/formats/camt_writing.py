"""Writes a statement as camt.053.001.08, as the sandbox's bank gives it."""

from datetime import UTC, datetime, time

from lxml import etree

from services.payment.bank_files.domain.statement import BankEntry, BankStatement, Counterparty
from shared.kernel.money import to_major

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_MAX_TEXT = 140


def write_camt(statement: BankStatement, statement_id: str, created_at: datetime) -> bytes:
    """The statement as a file; equal arguments give equal bytes.

    A statement without balances begins at 0. Texts are cut at what the format holds.
    """
    document = etree.Element("Document", nsmap={None: NAMESPACE})
    message = etree.SubElement(document, "BkToCstmrStmt")
    created = created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    _add(message, "GrpHdr/MsgId", statement_id)
    _add(message.find("GrpHdr"), "CreDtTm", created)
    root = etree.SubElement(message, "Stmt")
    _add(root, "Id", statement_id)
    if statement.number:
        _add(root, "LglSeqNb", statement.number)
    _add(root, "CreDtTm", created)
    _write_period(root, statement)
    _write_account(root, statement)
    opening = statement.opening_minor or 0
    moved = sum(entry.amount_minor for entry in statement.entries)
    closing = opening + moved if statement.closing_minor is None else statement.closing_minor
    _write_balance(root, "OPBD", opening, statement)
    _write_balance(root, "CLBD", closing, statement)
    for entry in statement.entries:
        _write_entry(root, entry)
    return bytes(etree.tostring(document, xml_declaration=True, encoding="UTF-8"))


def _add(parent: etree._Element, path: str, text: str | None = None) -> etree._Element:
    """A new element at the end of the path; what leads there is made once."""
    *holders, name = path.split("/")
    for holder in holders:
        found = parent.find(holder)
        parent = etree.SubElement(parent, holder) if found is None else found
    element = etree.SubElement(parent, name)
    element.text = text
    return element


def _write_period(root: etree._Element, statement: BankStatement) -> None:
    if statement.from_on and statement.until_on:
        _add(root, "FrToDt/FrDtTm", datetime.combine(statement.from_on, time(0)).isoformat())
        _add(root, "FrToDt/ToDtTm", datetime.combine(statement.until_on, time(23, 59, 59)).isoformat())


def _write_account(root: etree._Element, statement: BankStatement) -> None:
    account = statement.account
    if account.iban:
        _add(root, "Acct/Id/IBAN", account.iban)
    else:
        _add(root, "Acct/Id/Othr/Id", account.number or "-")
    _add(root, "Acct/Ccy", statement.currency)


def _write_balance(root: etree._Element, code: str, minor: int, statement: BankStatement) -> None:
    balance = _add(root, "Bal")
    _add(balance, "Tp/CdOrPrtry/Cd", code)
    _write_amount(balance, "Amt", minor, statement.currency)
    _add(balance, "CdtDbtInd", "CRDT" if minor >= 0 else "DBIT")
    days = [entry.booked_on for entry in statement.entries]
    day = statement.from_on if code == "OPBD" else statement.until_on
    _add(
        balance,
        "Dt/Dt",
        (day or max(days, default=None) or datetime(1970, 1, 1, tzinfo=UTC)).strftime("%Y-%m-%d"),
    )


def _write_amount(parent: etree._Element, path: str, minor: int, currency: str) -> None:
    _add(parent, path, f"{to_major(abs(minor), currency):f}").set("Ccy", currency)


def _write_entry(root: etree._Element, entry: BankEntry) -> None:
    element = _add(root, "Ntry")
    direction = "CRDT" if entry.amount_minor >= 0 else "DBIT"
    _write_amount(element, "Amt", entry.amount_minor, entry.currency)
    _add(element, "CdtDbtInd", direction)
    if entry.is_reversal:
        _add(element, "RvslInd", "true")
    _add(element, "Sts/Cd", "BOOK")
    _add(element, "BookgDt/Dt", entry.booked_on.isoformat())
    if entry.value_on:
        _add(element, "ValDt/Dt", entry.value_on.isoformat())
    if entry.bank_reference:
        _add(element, "AcctSvcrRef", entry.bank_reference)
    _write_code(element, entry.transaction_code)
    if entry.charges_minor:
        _write_amount(element, "Chrgs/TtlChrgsAndTaxAmt", entry.charges_minor, entry.currency)
    _write_details(element, entry)


def _write_code(element: etree._Element, code: str | None) -> None:
    parts = (code or "").split("/")
    if len(parts) == 3:
        _add(element, "BkTxCd/Domn/Cd", parts[0])
        _add(element, "BkTxCd/Domn/Fmly/Cd", parts[1])
        _add(element, "BkTxCd/Domn/Fmly/SubFmlyCd", parts[2])
    else:
        _add(element, "BkTxCd/Prtry/Cd", code or "NTAV")


def _write_details(element: etree._Element, entry: BankEntry) -> None:
    detail = _add(element, "NtryDtls/TxDtls")
    remittance = entry.remittance
    _add(detail, "Refs/EndToEndId", remittance.end_to_end_id or "NOTPROVIDED")
    if remittance.mandate_id:
        _add(detail, "Refs/MndtId", remittance.mandate_id)
    _write_amount(detail, "Amt", entry.amount_minor, entry.currency)
    _add(detail, "CdtDbtInd", "CRDT" if entry.amount_minor >= 0 else "DBIT")
    if entry.instructed:
        _write_amount(
            detail, "AmtDtls/InstdAmt/Amt", entry.instructed.amount_minor, entry.instructed.currency
        )
        _write_rate(detail, entry)
    _write_party(detail, entry.counterparty, "Dbtr" if entry.amount_minor >= 0 else "Cdtr")
    for text in _pieces(remittance.text):
        _add(detail, "RmtInf/Ustrd", text)
    for reference in remittance.structured:
        strd = _add(detail, "RmtInf/Strd")
        _add(strd, "CdtrRefInf/Tp/CdOrPrtry/Cd", "SCOR")
        _add(strd.find("CdtrRefInf"), "Ref", reference)
    if entry.return_code:
        _add(detail, "RtrInf/Rsn/Cd", entry.return_code)


def _write_rate(detail: etree._Element, entry: BankEntry) -> None:
    instructed = entry.instructed
    if instructed and instructed.exchange_rate:
        exchange = _add(detail, "AmtDtls/InstdAmt/CcyXchg")
        _add(exchange, "SrcCcy", instructed.currency)
        _add(exchange, "TrgtCcy", entry.currency)
        _add(exchange, "XchgRate", f"{instructed.exchange_rate:f}")


def _write_party(detail: etree._Element, party: Counterparty, role: str) -> None:
    if party.name:
        _add(detail, f"RltdPties/{role}/Pty/Nm", party.name[:140])
    if party.iban:
        _add(detail, f"RltdPties/{role}Acct/Id/IBAN", party.iban)
    if party.ultimate_name:
        _add(detail, f"RltdPties/Ultmt{role}/Pty/Nm", party.ultimate_name[:140])
    if party.bic:
        _add(detail, f"RltdAgts/{role}Agt/FinInstnId/BICFI", party.bic)


def _pieces(text: str) -> list[str]:
    """The text in lines that the format holds, cut between words where that can be."""
    lines: list[str] = []
    for word in text.split():
        for start in range(0, len(word), _MAX_TEXT):
            piece = word[start : start + _MAX_TEXT]
            if lines and len(lines[-1]) + 1 + len(piece) <= _MAX_TEXT:
                lines[-1] += f" {piece}"
            else:
                lines.append(piece)
    return lines

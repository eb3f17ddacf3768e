"""One entry (`Ntry`) of a camt file, with the details of the transactions in it."""

from dataclasses import replace
from decimal import Decimal, InvalidOperation

from services.payment.bank_files.domain.statement import (
    BankEntry,
    Counterparty,
    HolderAccount,
    InstructedAmount,
    Remittance,
)
from services.payment.bank_files.formats.camt_element import Element, read_amount, read_day

# What banks write where a payer gave no reference (EPC rulebooks: NOTPROVIDED).
_NO_REFERENCE = {"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOTAVAILABLE"}
_DETAILS_DIFFER = "details_differ_from_entry"


def read_entry(element: Element, account: HolderAccount) -> list[BankEntry]:
    """The entry as it stands, or one for each transaction of a batch whose details come to its amount.

    An entry that is not booked (pending, for information) is none. Raises UnreadableFile where amount,
    direction or day lack.
    """
    if not _is_booked(element):
        return []
    entry = _read_whole(element)
    details = [detail for part in element.all("NtryDtls") for detail in part.all("TxDtls")]
    if not details:
        return [replace(entry, remittance=Remittance(text=_entry_text(element)))]
    if len(details) == 1:
        return [_with_details(entry, element, details[0], account)]
    return _split(entry, element, details, account)


def _is_booked(element: Element) -> bool:
    status = element.text("Sts", "Cd") or element.text("Sts")
    return status in (None, "BOOK")


def _read_whole(element: Element) -> BankEntry:
    amount = element.first("Amt")
    if amount is None:
        element.fail("it has no amount")
    minor, currency = read_amount(amount)
    booked_on = read_day(element.first("BookgDt")) or read_day(element.first("ValDt"))
    if booked_on is None:
        element.fail("it has no day")
    return BankEntry(
        booked_on=booked_on,
        value_on=read_day(element.first("ValDt")),
        amount_minor=_sign(element) * minor,
        currency=currency,
        bank_reference=element.text("AcctSvcrRef"),
        transaction_code=_read_code(element),
        is_reversal=element.text("RvslInd") in ("true", "1"),
        charges_minor=_read_charges(element, currency),
    )


def _sign(element: Element) -> int:
    direction = element.text("CdtDbtInd")
    if direction not in ("CRDT", "DBIT"):
        element.fail("CdtDbtInd is neither CRDT nor DBIT")
    return 1 if direction == "CRDT" else -1


def _read_code(element: Element) -> str | None:
    domain = element.first("BkTxCd", "Domn")
    if domain is None:
        return element.text("BkTxCd", "Prtry", "Cd")
    parts = (domain.text("Cd"), domain.text("Fmly", "Cd"), domain.text("Fmly", "SubFmlyCd"))
    return "/".join(part for part in parts if part) or None


def _read_charges(element: Element, currency: str) -> int:
    """What the bank kept, in minor units; charges in another currency are none of this account's money."""
    total = 0
    for charges in element.all("Chrgs"):
        whole = charges.first("TtlChrgsAndTaxAmt")
        parts = [whole] if whole is not None else [record.first("Amt") for record in _records(charges)]
        read = [read_amount(part) for part in parts if part is not None]
        total += sum(minor for minor, paid_in in read if paid_in == currency)
    return total


def _records(charges: Element) -> list[Element]:
    # Up to version 02 the amount stands in Chrgs itself.
    return charges.all("Rcrd") or [charges]


def _split(
    entry: BankEntry, element: Element, details: list[Element], account: HolderAccount
) -> list[BankEntry]:
    parts = [_with_details(entry, element, detail, account) for detail in details]
    amounts = [_detail_amount(detail, entry) for detail in details]
    whole = sum(amount for amount in amounts if amount is not None)
    if None in amounts or whole != entry.amount_minor:
        text = _join([part.remittance.text for part in parts])
        return [replace(entry, remittance=Remittance(text=text), notices=(_DETAILS_DIFFER,))]
    return [
        replace(
            part,
            amount_minor=amount or 0,
            bank_reference=detail.text("Refs", "AcctSvcrRef"),
            details_of=entry.bank_reference,
            charges_minor=_read_charges(detail, entry.currency),
        )
        for part, detail, amount in zip(parts, details, amounts, strict=True)
    ]


def _detail_amount(detail: Element, entry: BankEntry) -> int | None:
    """Minor units with their sign, in the entry's currency; None where the detail does not tell it."""
    candidates = (
        detail.first("Amt"),
        detail.first("AmtDtls", "TxAmt", "Amt"),
        detail.first("AmtDtls", "InstdAmt", "Amt"),
    )
    for amount in candidates:
        if amount is None:
            continue
        minor, currency = read_amount(amount)
        if currency == entry.currency:
            direction = detail.text("CdtDbtInd")
            is_credit = direction == "CRDT" if direction else entry.amount_minor > 0
            return minor if is_credit else -minor
    return None


def _with_details(entry: BankEntry, element: Element, detail: Element, account: HolderAccount) -> BankEntry:
    return replace(
        entry,
        bank_reference=entry.bank_reference or detail.text("Refs", "AcctSvcrRef"),
        counterparty=_read_counterparty(detail, entry, account),
        remittance=_read_remittance(detail, element),
        transaction_code=_read_code(detail) or entry.transaction_code,
        return_code=detail.text("RtrInf", "Rsn", "Cd") or detail.text("RtrInf", "Rsn", "Prtry"),
        is_reversal=entry.is_reversal,
        charges_minor=_read_charges(detail, entry.currency) or entry.charges_minor,
        instructed=_read_instructed(detail, element, entry.currency),
    )


def _read_counterparty(detail: Element, entry: BankEntry, account: HolderAccount) -> Counterparty:
    """The other end: who paid what came in, who got what went out.

    A payment that comes back keeps its first parties: then it is the one that is not this account.
    """
    parties = detail.first("RltdPties")
    if parties is None:
        return Counterparty()
    payer, payee = _read_party(detail, parties, "Dbtr"), _read_party(detail, parties, "Cdtr")
    first, second = (payer, payee) if entry.amount_minor >= 0 else (payee, payer)
    is_own = first.iban is not None and first.iban == account.iban
    return second if is_own or first == Counterparty() else first


def _read_party(detail: Element, parties: Element, role: str) -> Counterparty:
    party = parties.first(role)
    # Since version 08 a party lies one deeper; some banks wrote so before.
    name = (party.text("Pty", "Nm") or party.text("Nm")) if party else None
    ultimate = parties.first(f"Ultmt{role}")
    iban = parties.text(f"{role}Acct", "Id", "IBAN")
    agent = detail.first("RltdAgts", f"{role}Agt", "FinInstnId")
    return Counterparty(
        name=name,
        iban=iban.replace(" ", "").upper() if iban else None,
        bic=(agent.text("BICFI") or agent.text("BIC")) if agent else None,
        ultimate_name=(ultimate.text("Pty", "Nm") or ultimate.text("Nm")) if ultimate else None,
    )


def _read_remittance(detail: Element, element: Element) -> Remittance:
    unstructured = list(detail.texts("RmtInf", "Ustrd"))
    structured = tuple(detail.texts("RmtInf", "Strd", "CdtrRefInf", "Ref"))
    documents = list(detail.texts("RmtInf", "Strd", "RfrdDocInf", "Nb"))
    more = list(detail.texts("RmtInf", "Strd", "AddtlRmtInf"))
    text = _join([*unstructured, *documents, *more]) or detail.text("AddtlTxInf") or _entry_text(element)
    return Remittance(
        text=text,
        structured=structured,
        end_to_end_id=_reference(detail, "EndToEndId"),
        mandate_id=_reference(detail, "MndtId"),
        creditor_id=_creditor_id(detail),
    )


def _creditor_id(detail: Element) -> str | None:
    for path in (("RltdPties", "Cdtr", "Pty"), ("RltdPties", "Cdtr")):
        if found := detail.text(*path, "Id", "PrvtId", "Othr", "Id"):
            return found
    return None


def _reference(detail: Element, name: str) -> str | None:
    text = detail.text("Refs", name)
    return None if text is None or text.upper() in _NO_REFERENCE else text


def _entry_text(element: Element) -> str:
    return element.text("AddtlNtryInf") or ""


def _join(texts: list[str]) -> str:
    return " ".join(text for text in texts if text)


def _read_instructed(detail: Element, element: Element, currency: str) -> InstructedAmount | None:
    """What the payer ordered in another currency, with the rate where it is told."""
    for holder in (detail, element):
        found = holder.first("AmtDtls", "InstdAmt")
        amount = found.first("Amt") if found else None
        if found is None or amount is None or amount.node.get("Ccy") == currency:
            continue
        minor, ordered_in = read_amount(amount)
        return InstructedAmount(minor, ordered_in, _read_rate(found, holder))
    return None


def _read_rate(instructed: Element, holder: Element) -> Decimal | None:
    for part in (instructed, holder.first("AmtDtls", "TxAmt"), holder.first("AmtDtls", "CntrValAmt")):
        text = part.text("CcyXchg", "XchgRate") if part else None
        try:
            if text and len(text) <= 30 and (rate := Decimal(text)).is_finite() and rate > 0:
                return rate
        except InvalidOperation:
            continue
    return None

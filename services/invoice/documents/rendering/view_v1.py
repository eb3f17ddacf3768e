"""What the first template prints: it never changes, so that documents stay as they were given out."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from babel import Locale
from stdnum import iban as iban_rules

from services.invoice.documents.domain.paper import ContactOnInvoice, LineData, Paper, Seller
from services.invoice.documents.rendering import payment_code
from services.invoice.documents.rendering.formatting import Formatter
from services.invoice.documents.rendering.wording import USUAL, WORDS, language_of

_LANGUAGES = ("en", "fr", "nl", "nb", "sv", "da")
_DROPPED = {"Cc", "Cs", "Co", "Cn"}
_PICTURES_FROM = 0x1F000
_PICTURES = range(0x2600, 0x27C0)
_MARKS = {"\ufffd", "\ufe0e", "\ufe0f", "\u20e3"}


def of(paper: Paper) -> dict[str, Any]:
    """The view of a document, ready to be written as JSON."""
    language = language_of(paper.buyer.locale)
    language = language if language in _LANGUAGES else USUAL
    words, form = WORDS[language], Formatter(language)
    is_gross = _shows_gross(paper)
    view = {
        "language": language,
        "kind": paper.kind,
        "title": words[paper.kind],
        "words": dict(words),
        "number": paper.number or "",
        "stamp": _stamp(paper, words),
        "seller": _seller(paper.seller, words, form.locale),
        "buyer": _buyer(paper.buyer, words, form.locale, paper.seller.country),
        "facts": _facts(paper, words, form),
        "currency": paper.currency,
        "is_gross": is_gross,
        "amount_head": words["amount_incl"] if is_gross else words["amount"],
        "has_quantity": any(line.type == "item" for line in paper.lines),
        "lines": _lines(paper, form, is_gross),
        "totals": _totals(paper, words, form),
        "due": _due(paper, words, form),
        "reasons": _reasons(paper, words),
        "payment": _payment(paper, words, form),
        "notes": paper.notes or "",
        "reason": paper.reason or "",
        "credits": _credits(paper, words, form),
    }
    return {name: _printable(value) for name, value in view.items()}


def _shows_gross(paper: Paper) -> bool:
    items = [line for line in paper.lines if line.type == "item"]
    return bool(items) and all(line.tax_behavior == "inclusive" for line in items)


def _stamp(paper: Paper, words: Mapping[str, str]) -> str:
    return words[paper.status] if paper.status in ("draft", "void", "paid") else ""


def _seller(seller: Seller, words: Mapping[str, str], locale: Locale) -> dict[str, Any]:
    numbers = [
        f"{words[label]} {value}"
        for label, value in (("seller_vat", seller.vat_id), ("registration", seller.registration_number))
        if value
    ]
    contact = [value for value in (seller.email, seller.phone) if value]
    return {
        "name": seller.name,
        "address": _address(seller, locale, shows_country=True),
        "numbers": numbers,
        "contact": contact,
    }


def _buyer(
    buyer: ContactOnInvoice, words: Mapping[str, str], locale: Locale, seller_country: str | None
) -> dict[str, Any]:
    address = _address(buyer, locale, shows_country=buyer.country != seller_country)
    vat = [f"{words['buyer_vat']} {buyer.vat_id}"] if buyer.vat_id else []
    return {"name": buyer.name, "address": address, "numbers": vat}


def _address(party: Seller | ContactOnInvoice, locale: Locale, *, shows_country: bool) -> list[str]:
    address = party.address
    lines = []
    if address:
        town = " ".join(part for part in (address.postal_code, address.city) if part)
        lines = [line for line in (address.line1, address.line2, town, address.region) if line]
    if party.country and shows_country:
        lines.append(locale.territories.get(party.country, party.country))
    return lines


def _facts(paper: Paper, words: Mapping[str, str], form: Formatter) -> list[list[str]]:
    period = ""
    if paper.period_first and paper.period_last:
        period = f"{form.short_date(paper.period_first)} – {form.short_date(paper.period_last)}"
    facts = (
        ("number", paper.number),
        ("issue_date", form.date(paper.issue_date) if paper.issue_date else None),
        ("due_date", form.date(paper.due_date) if paper.due_date else None),
        ("valid_until", form.date(paper.valid_until) if paper.valid_until else None),
        ("reference", paper.reference),
        ("period", period),
    )
    return [[words[label], value] for label, value in facts if value]


def _lines(paper: Paper, form: Formatter, is_gross: bool) -> list[dict[str, Any]]:
    return [_line(line, paper.currency, form, is_gross) for line in paper.lines]


def _line(line: LineData, currency: str, form: Formatter, is_gross: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"is_text": line.type == "text", "is_child": line.parent_line_id is not None}
    shown["description"] = line.description
    if line.type == "text" or line.quantity is None or line.unit_price is None:
        return shown | {"quantity": "", "price": "", "rate": "", "amount": "", "discount": ""}
    amount = line.gross_minor if is_gross else line.net_minor
    unit = f"\u00a0{line.unit}" if line.unit else ""
    return shown | {
        "quantity": form.quantity(line.quantity) + unit,
        "price": form.price(line.unit_price, currency),
        "rate": _rate(line, form),
        "amount": form.amount(amount, currency),
        "discount": _discount(line, currency, form),
    }


def _rate(line: LineData, form: Formatter) -> str:
    if line.taxes:
        return " + ".join(form.percent(tax.tax_rate) for tax in line.taxes)
    return form.percent(line.tax_rate) if line.tax_rate is not None else ""


def _discount(line: LineData, currency: str, form: Formatter) -> str:
    if line.discount is None:
        return ""
    if line.discount.percent is not None:
        return f"−{form.percent(line.discount.percent)}"
    return f"−{form.amount(line.discount.amount_minor or 0, currency)}"


def _totals(paper: Paper, words: Mapping[str, str], form: Formatter) -> list[dict[str, Any]]:
    currency = paper.currency
    rows = [_row(words["subtotal"], form.money(paper.subtotal_minor, currency))]
    for group in paper.tax_breakdown:
        if group.tax_minor or group.tax_rate or len(paper.tax_breakdown) > 1:
            rate = form.percent(group.tax_rate)
            label = f"{group.name} {rate}" if group.name else words["vat_of"].format(rate=rate)
            base = form.amount(group.taxable_minor, currency)
            rows.append(_row(label, form.money(group.tax_minor, currency), base))
    rows.append(_row(words["total"], form.money(paper.total_minor, currency), is_strong=True))
    return rows


def _row(label: str, value: str, base: str = "", *, is_strong: bool = False) -> dict[str, Any]:
    return {"label": label, "value": value, "base": base, "is_strong": is_strong}


def _due(paper: Paper, words: Mapping[str, str], form: Formatter) -> dict[str, Any] | None:
    if paper.kind != "invoice" or not (paper.paid_minor or paper.credited_minor):
        return None
    taken = (("amount_paid", paper.paid_minor), ("amount_credited", paper.credited_minor))
    rows = [[words[label], form.money(-amount, paper.currency)] for label, amount in taken if amount]
    return {"rows": rows, "label": words["amount_due"], "value": form.money(paper.due_minor, paper.currency)}


def _reasons(paper: Paper, words: Mapping[str, str]) -> list[str]:
    reasons = [
        words["exemption"].format(category=group.tax_category or "0 %", reason=group.tax_exemption_reason)
        for group in paper.tax_breakdown
        if group.tax_exemption_reason
    ]
    return list(dict.fromkeys(reasons))


def _payment(paper: Paper, words: Mapping[str, str], form: Formatter) -> dict[str, Any] | None:
    if paper.kind != "invoice" or paper.status not in ("open", "uncollectible") or paper.due_minor <= 0:
        return None
    reference = payment_code.creditor_reference(paper.number or "") or paper.number or ""
    rows = []
    if paper.seller.iban:
        rows.append([words["pay_to"], iban_rules.format(paper.seller.iban)])
        rows += [["BIC", paper.seller.bic]] if paper.seller.bic else []
    rows.append([words["payment_reference"], _in_fours(reference)])
    due_on = form.date(paper.due_date) if paper.due_date else ""
    terms = words["terms"].format(amount=form.money(paper.due_minor, paper.currency), date=due_on)
    text = payment_code.epc_text(paper)
    return {"rows": rows, "terms": terms if due_on else "", "qr": payment_code.qr_svg(text) if text else ""}


def _in_fours(reference: str) -> str:
    if not reference.startswith("RF"):
        return reference
    return " ".join(reference[i : i + 4] for i in range(0, len(reference), 4))


def _credits(paper: Paper, words: Mapping[str, str], form: Formatter) -> str:
    if paper.credited_number is None or paper.credited_on is None:
        return ""
    return words["credits"].format(number=paper.credited_number, date=form.date(paper.credited_on))


def _printable(value: Any) -> Any:
    """The same value without control characters and emoji, which these documents leave out."""
    if isinstance(value, str):
        return "".join(c for c in value if c == "\n" or _can_be_set(c))
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {name: _printable(item) for name, item in value.items()}
    return value


def _can_be_set(character: str) -> bool:
    return (
        character not in _MARKS
        and ord(character) < _PICTURES_FROM
        and ord(character) not in _PICTURES
        and unicodedata.category(character) not in _DROPPED
    )

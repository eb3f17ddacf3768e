"""What the first template prints: it never changes, so that documents stay as they were given out."""

import unicodedata
from collections.abc import Mapping

from babel import Locale
from stdnum import iban as iban_rules

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.rendering import payment_code
from services.invoice.documents.rendering.formatting import Formatter
from services.invoice.documents.rendering.wording import FALLBACK_LANGUAGE, WORDS, language_of
from shared.events.invoice import ContactOnInvoice, LineData, Seller
from shared.kernel.json import Json, JsonObject

_LANGUAGES = ("en", "fr", "nl", "nb", "sv", "da")
_DROPPED = {"Cc", "Cs", "Co", "Cn"}
_PICTURES_FROM = 0x1F000
_PICTURES = range(0x2600, 0x27C0)
_MARKS = {"\ufffd", "\ufe0e", "\ufe0f", "\u20e3"}


def build_view(model: PrintModel) -> JsonObject:
    """The view of a document, ready to be written as JSON."""
    language = language_of(model.buyer.locale)
    language = language if language in _LANGUAGES else FALLBACK_LANGUAGE
    words, form = WORDS[language], Formatter(language)
    is_gross = _shows_gross(model)
    view = {
        "language": language,
        "kind": model.kind,
        "title": words[model.kind],
        "words": dict(words),
        "number": model.number or "",
        "stamp": _stamp(model, words),
        "seller": _seller(model.seller, words, form.locale),
        "buyer": _buyer(model.buyer, words, form.locale, model.seller.country),
        "facts": _facts(model, words, form),
        "currency": model.currency,
        "is_gross": is_gross,
        "amount_head": words["amount_incl"] if is_gross else words["amount"],
        "has_quantity": any(line.type == "item" for line in model.lines),
        "lines": _lines(model, form, is_gross),
        "totals": _totals(model, words, form),
        "due": _due(model, words, form),
        "reasons": _reasons(model, words),
        "payment": _payment(model, words, form),
        "notes": model.notes or "",
        "reason": model.reason or "",
        "credits": _credits(model, words, form),
    }
    return {name: _printable(value) for name, value in view.items()}


def _shows_gross(model: PrintModel) -> bool:
    items = [line for line in model.lines if line.type == "item"]
    return bool(items) and all(line.tax_behavior == "inclusive" for line in items)


def _stamp(model: PrintModel, words: Mapping[str, str]) -> str:
    return words[model.status] if model.status in ("draft", "void", "paid") else ""


def _seller(seller: Seller, words: Mapping[str, str], locale: Locale) -> JsonObject:
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
) -> JsonObject:
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


def _facts(model: PrintModel, words: Mapping[str, str], form: Formatter) -> list[list[str]]:
    period = ""
    if model.period_first and model.period_last:
        period = f"{form.short_date(model.period_first)} – {form.short_date(model.period_last)}"
    facts = (
        ("number", model.number),
        ("issue_date", form.date(model.issue_date) if model.issue_date else None),
        ("due_date", form.date(model.due_date) if model.due_date else None),
        ("valid_until", form.date(model.valid_until) if model.valid_until else None),
        ("reference", model.reference),
        ("period", period),
    )
    return [[words[label], value] for label, value in facts if value]


def _lines(model: PrintModel, form: Formatter, is_gross: bool) -> list[JsonObject]:
    return [_line(line, model.currency, form, is_gross) for line in model.lines]


def _line(line: LineData, currency: str, form: Formatter, is_gross: bool) -> JsonObject:
    shown: JsonObject = {"is_text": line.type == "text", "is_child": line.parent_line_id is not None}
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


def _totals(model: PrintModel, words: Mapping[str, str], form: Formatter) -> list[JsonObject]:
    currency = model.currency
    rows = [_row(words["subtotal"], form.money(model.subtotal_minor, currency))]
    for group in model.tax_breakdown:
        if group.tax_minor or group.tax_rate or len(model.tax_breakdown) > 1:
            rate = form.percent(group.tax_rate)
            label = f"{group.name} {rate}" if group.name else words["vat_of"].format(rate=rate)
            base = form.amount(group.taxable_minor, currency)
            rows.append(_row(label, form.money(group.tax_minor, currency), base))
    rows.append(_row(words["total"], form.money(model.total_minor, currency), is_strong=True))
    return rows


def _row(label: str, value: str, base: str = "", *, is_strong: bool = False) -> JsonObject:
    return {"label": label, "value": value, "base": base, "is_strong": is_strong}


def _due(model: PrintModel, words: Mapping[str, str], form: Formatter) -> JsonObject | None:
    if model.kind != "invoice" or not (model.paid_minor or model.credited_minor):
        return None
    taken = (("amount_paid", model.paid_minor), ("amount_credited", model.credited_minor))
    rows = [[words[label], form.money(-amount, model.currency)] for label, amount in taken if amount]
    return {"rows": rows, "label": words["amount_due"], "value": form.money(model.due_minor, model.currency)}


def _reasons(model: PrintModel, words: Mapping[str, str]) -> list[str]:
    reasons = [
        words["exemption"].format(category=group.tax_category or "0 %", reason=group.tax_exemption_reason)
        for group in model.tax_breakdown
        if group.tax_exemption_reason
    ]
    return list(dict.fromkeys(reasons))


def _payment(model: PrintModel, words: Mapping[str, str], form: Formatter) -> JsonObject | None:
    if model.kind != "invoice" or model.status not in ("open", "uncollectible") or model.due_minor <= 0:
        return None
    reference = payment_code.creditor_reference(model.number or "") or model.number or ""
    rows = []
    if model.seller.iban:
        rows.append([words["pay_to"], iban_rules.format(model.seller.iban)])
        rows += [["BIC", model.seller.bic]] if model.seller.bic else []
    rows.append([words["payment_reference"], _in_fours(reference)])
    due_on = form.date(model.due_date) if model.due_date else ""
    terms = words["terms"].format(amount=form.money(model.due_minor, model.currency), date=due_on)
    text = payment_code.epc_text(model)
    return {"rows": rows, "terms": terms if due_on else "", "qr": payment_code.qr_svg(text) if text else ""}


def _in_fours(reference: str) -> str:
    if not reference.startswith("RF"):
        return reference
    return " ".join(reference[i : i + 4] for i in range(0, len(reference), 4))


def _credits(model: PrintModel, words: Mapping[str, str], form: Formatter) -> str:
    if model.credited_number is None or model.credited_on is None:
        return ""
    return words["credits"].format(number=model.credited_number, date=form.date(model.credited_on))


def _printable(value: Json) -> Json:
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

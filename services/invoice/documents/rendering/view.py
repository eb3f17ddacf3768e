"""What the template prints: every value a finished text in the document's language."""

from collections.abc import Mapping

from babel import Locale

from services.invoice.documents.domain.print_model import SWEDISH_STATEMENT, PrintModel, tax_registration
from services.invoice.documents.rendering import exemptions, view_payment, view_rows
from services.invoice.documents.rendering.formatting import Formatter
from services.invoice.documents.rendering.wording import WORDS, language_of
from shared.events.invoice import ContactOnInvoice, Seller
from shared.kernel.json import JsonObject


def build_view(model: PrintModel) -> JsonObject:
    """The view of a document, ready to be written as JSON."""
    language = language_of(model.buyer.locale)
    words, form = WORDS[language], Formatter(language)
    marks = exemptions.mark_reasons(language, model.tax_breakdown, model.lines)
    return {
        "language": language,
        "kind": model.kind,
        "title": words[model.kind],
        "words": dict(words),
        "number": model.number or "",
        "stamp": _stamp(model, words),
        "is_void": model.status == "void",
        "edition": edition_note(model),
        "seller": _seller(model.seller, words, form.locale),
        "buyer": _buyer(model.buyer, words, form.locale, model.seller.country),
        "facts": _facts(model, words, form),
        "currency": model.currency,
        **view_rows.build_rows(model, words, form, marks),
        "reasons": [*marks.reasons, *view_rows.exchange_rate(model, words, form)],
        **view_payment.build_payment(model, words, form),
        "notes": model.notes or "",
        "reason": model.reason or "",
        "credits": _credits(model, words, form),
    }


def _stamp(model: PrintModel, words: Mapping[str, str]) -> str:
    return words[model.displayed_status] if model.displayed_status in _STAMPS else ""


_STAMPS = ("draft", "void", "paid", "credited", "paid_and_credited")


def edition_note(model: PrintModel) -> str:
    """What an edited document says of itself; empty for one that is as it was issued."""
    if model.edited_on is None:
        return ""
    language = language_of(model.buyer.locale)
    words, form = WORDS[language], Formatter(language)
    return words["edition"].format(number=model.edition, date=form.date(model.edited_on))


def _seller(seller: Seller, words: Mapping[str, str], locale: Locale) -> JsonObject:
    is_statement = tax_registration(seller) == SWEDISH_STATEMENT
    labelled = (
        ("seller_vat", seller.vat_id),
        ("seller_tax", None if is_statement else seller.tax_number),
        ("registration", seller.registration_number),
    )
    numbers = [f"{words[label]} {value}" for label, value in labelled if value]
    numbers += [SWEDISH_STATEMENT] if is_statement else []
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
    """What stands beside the buyer, each with its label; the number stands with the title."""
    facts = (
        ("issue_date", form.date(model.issue_date) if model.issue_date else None),
        ("due_date", form.date(model.due_date) if model.due_date else None),
        ("valid_until", form.date(model.valid_until) if model.valid_until else None),
        ("reference", model.reference),
        ("supply_date", form.date(model.supply_date) if model.supply_date else None),
        ("period", form.period(model.period_first, model.period_last)),
    )
    return [[words[label], value] for label, value in facts if value]


def _credits(model: PrintModel, words: Mapping[str, str], form: Formatter) -> str:
    if model.credited_number is None or model.credited_on is None:
        return ""
    return words["credits"].format(number=model.credited_number, date=form.date(model.credited_on))

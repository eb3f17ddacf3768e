"""What the template prints: every value a finished text in the document's language."""

from collections.abc import Mapping
from typing import Any

from babel import Locale

from services.invoice.documents.domain.paper import ContactOnInvoice, Paper, Seller
from services.invoice.documents.rendering import exemptions, view_payment, view_rows
from services.invoice.documents.rendering.formatting import Formatter
from services.invoice.documents.rendering.wording import WORDS, language_of
from services.invoice.e_invoices.rendering import parties


def of(paper: Paper) -> dict[str, Any]:
    """The view of a document, ready to be written as JSON."""
    language = language_of(paper.buyer.locale)
    words, form = WORDS[language], Formatter(language)
    marks = exemptions.marked(language, paper.tax_breakdown, paper.lines)
    return {
        "language": language,
        "kind": paper.kind,
        "title": words[paper.kind],
        "words": dict(words),
        "number": paper.number or "",
        "stamp": _stamp(paper, words),
        "is_void": paper.status == "void",
        "edition": edition(paper),
        "seller": _seller(paper.seller, words, form.locale),
        "buyer": _buyer(paper.buyer, words, form.locale, paper.seller.country),
        "facts": _facts(paper, words, form),
        "currency": paper.currency,
        **view_rows.of(paper, words, form, marks),
        "reasons": [*marks.reasons, *view_rows.exchange_rate(paper, words, form)],
        **view_payment.of(paper, words, form),
        "notes": paper.notes or "",
        "reason": paper.reason or "",
        "credits": _credits(paper, words, form),
    }


def _stamp(paper: Paper, words: Mapping[str, str]) -> str:
    return words[paper.standing] if paper.standing in _STAMPS else ""


_STAMPS = ("draft", "void", "paid", "credited", "paid_and_credited")


def edition(paper: Paper) -> str:
    """What an edited document says of itself; empty for one that is as it was issued."""
    if paper.edited_on is None:
        return ""
    language = language_of(paper.buyer.locale)
    words, form = WORDS[language], Formatter(language)
    return words["edition"].format(number=paper.edition, date=form.date(paper.edited_on))


def _seller(seller: Seller, words: Mapping[str, str], locale: Locale) -> dict[str, Any]:
    is_statement = parties.tax_registration(seller) == parties.SWEDISH_STATEMENT
    given = (
        ("seller_vat", seller.vat_id),
        ("seller_tax", None if is_statement else seller.tax_number),
        ("registration", seller.registration_number),
    )
    numbers = [f"{words[label]} {value}" for label, value in given if value]
    numbers += [parties.SWEDISH_STATEMENT] if is_statement else []
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
    """What stands beside the buyer, each with its label; the number stands with the title."""
    facts = (
        ("issue_date", form.date(paper.issue_date) if paper.issue_date else None),
        ("due_date", form.date(paper.due_date) if paper.due_date else None),
        ("valid_until", form.date(paper.valid_until) if paper.valid_until else None),
        ("reference", paper.reference),
        ("supply_date", form.date(paper.supply_date) if paper.supply_date else None),
        ("period", form.period(paper.period_first, paper.period_last)),
    )
    return [[words[label], value] for label, value in facts if value]


def _credits(paper: Paper, words: Mapping[str, str], form: Formatter) -> str:
    if paper.credited_number is None or paper.credited_on is None:
        return ""
    return words["credits"].format(number=paper.credited_number, date=form.date(paper.credited_on))

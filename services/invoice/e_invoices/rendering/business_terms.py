"""An invoice or credit note in the terms of EN 16931 (BT-1 …), from which UBL and CII are written."""

import threading
from decimal import Decimal

from services.invoice.common.domain.electronic_address import NoSuchAddress, Participant
from services.invoice.documents.domain import print_model
from services.invoice.documents.domain.document_data import NOT_AN_E_INVOICE
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.rendering import payment_code, view
from services.invoice.e_invoices.rendering import lines as e_invoice_lines
from services.invoice.e_invoices.rendering import parties
from services.invoice.e_invoices.rendering.lines import NOT_SUBJECT, category_of
from services.invoice.sending.domain.sendable import InvoiceIsVoid
from shared.events.invoice import TaxBreakdown
from shared.kernel import money
from shared.kernel.errors import Invalid
from shared.kernel.json import JsonObject

CREDIT_TRANSFER, SEPA_TRANSFER = "30", "58"
AS_AGREED, NOT_DEFINED = "57", "1"
_RULE_OF = {"K": "IC"}
WRITER_LOCK = threading.Lock()
"""The library that writes the XML edits lists of its own when it is used first."""


class NotAnEInvoice(Invalid):
    """The document lacks what an e-invoice must say, or says what it cannot."""

    code = NOT_AN_E_INVOICE


def to_business_terms(
    model: PrintModel, between: tuple[Participant, Participant] | None = None
) -> JsonObject:
    """The document's business terms, amounts as text in major units; `between` replaces both addresses.

    Raises NotAnEInvoice naming the field that is missing or that EN 16931 has no place for, InvoiceIsVoid.
    """
    _require(model)
    sender, receiver = between or addresses(model)
    allowances = _allowances(model)
    terms: JsonObject = {
        "BT-1": model.number,
        "BT-2": model.issue_date,
        "BT-3": "381" if model.kind == "credit_note" else "380",
        "BT-5": model.currency,
        "BT-6": model.tax_conversion and model.tax_conversion.currency,
        "BT-9": model.due_date,
        "BT-10": model.reference or model.number,
        "BT-73": model.period_first,
        "BT-74": model.period_last,
        "BG-1": _notes(model),
        "BG-3": _credited(model),
        "BG-4": _party(_seller(model), sender, model),
        "BG-7": _party(parties.buyer_party(model.buyer), receiver, model),
        "BG-20": allowances,
        "BG-23": [_tax(group, model.currency) for group in model.tax_breakdown],
        "BG-25": e_invoice_lines.to_line_terms(model),
        **_payment(model),
        **_totals(model, allowances),
        **_delivery(model),
    }
    return {name: value for name, value in terms.items() if value not in (None, [], "")}


def addresses(model: PrintModel) -> tuple[Participant, Participant]:
    """Sender and receiver; raises NotAnEInvoice naming what is missing or wrong, an address last."""
    _require(model)
    try:
        participants = {
            "seller": parties.sender(model.seller),
            "contact": model.receiver or parties.receiver(model.buyer),
        }
    except NoSuchAddress as error:
        raise NotAnEInvoice(error.detail, errors=error.errors) from error
    for side, address in participants.items():
        if address is None:
            raise NotAnEInvoice(
                "An e-invoice needs an electronic address: a VAT number or an e-mail address.",
                field=f"{side}.vat_id",
            )
    sender, receiver = participants.values()
    assert sender is not None
    assert receiver is not None
    return sender, receiver


def _require(model: PrintModel) -> None:
    if model.status == "void":
        # Whatever the form: as data it would ask for the money again.
        raise InvoiceIsVoid(field="status")
    needed = {
        "number": model.number,
        "seller.name": model.seller.name,
        "seller.country": model.seller.country,
        "contact.country": model.buyer.country,
    }
    for field, value in needed.items():
        if not value:
            raise NotAnEInvoice("An e-invoice needs this.", field=field)
    currencies = {"currency": model.currency}
    if model.tax_conversion:
        currencies["tax_conversion.currency"] = model.tax_conversion.currency
    for field, currency in currencies.items():
        if money.exponent(currency) > 2:
            raise NotAnEInvoice("EN 16931 has amounts with two decimals at most (BR-DEC).", field=field)
    if any(line.taxes for line in model.lines):
        raise NotAnEInvoice("EN 16931 has one VAT on a line.", field="lines")
    categories = {category_of(group.tax_category, group.tax_rate) for group in model.tax_breakdown}
    if NOT_SUBJECT in categories and len(categories) > 1:
        raise NotAnEInvoice("What is not subject to VAT stands alone (BR-O-11).", field="lines")
    for category in sorted(categories):
        _require_numbers(model, category)


def _require_numbers(model: PrintModel, category: str) -> None:
    """Raise NotAnEInvoice naming the number that a line of this category needs of seller or buyer."""
    seller, rule = model.seller, _RULE_OF.get(category, category)
    if category == NOT_SUBJECT:
        if not parties.is_identified(seller, has_vat=False):
            message = "A seller outside VAT needs a registration number or a tax number (BR-CO-26)."
            raise NotAnEInvoice(message, field="seller.registration_number")
        return
    has_tax_number = category not in ("K", "G") and print_model.tax_registration(seller)
    if not seller.vat_id and not has_tax_number:
        kind = "a VAT number" if category in ("K", "G") else "a VAT number or a tax number"
        raise NotAnEInvoice(f"The seller needs {kind} (BR-{rule}-02).", field="seller.vat_id")
    if category in ("K", "AE") and not model.buyer.vat_id:
        raise NotAnEInvoice(f"The buyer needs a VAT number (BR-{rule}-02).", field="contact.vat_id")


def _notes(model: PrintModel) -> list[dict[str, str]]:
    # PEPPOL-EN16931-R002: one note at most.
    text = "\n".join(text for text in (view.edition_note(model), model.reason, model.notes) if text)
    return [{"BT-22": text}] if text else []


def _seller(model: PrintModel) -> JsonObject:
    party = parties.seller_party(model.seller)
    has_vat = not any(group.tax_category == NOT_SUBJECT for group in model.tax_breakdown)
    if not has_vat or not model.seller.vat_id:
        # BR-CO-26: without a VAT number and a registration the tax number is what the seller is known by.
        known_by = None if party.get("legal_identifier") else model.seller.tax_number
        party |= {"identifiers": {"": known_by}} if known_by else {}
    return party


def _party(party: JsonObject, address: Participant, model: PrintModel) -> JsonObject:
    party["einvoicing_addr"], party["einvoicing_addr_schemeid"] = address.id, address.scheme
    # BR-O-02: where VAT does not apply, nobody has a VAT number.
    if any(group.tax_category == NOT_SUBJECT for group in model.tax_breakdown):
        party.pop("vat_identifier", None)
    return party


def _allowances(model: PrintModel) -> list[JsonObject]:
    shares: dict[tuple[str, Decimal], int] = {}
    for line in e_invoice_lines.items(model):
        if line.tax_behavior != "inclusive" and line.discount_share_minor:
            key = (category_of(line.tax_category, line.tax_rate), line.tax_rate or Decimal(0))
            shares[key] = shares.get(key, 0) + line.discount_share_minor
    return [
        {
            "amount": _text(minor, model.currency),
            "reason_code": "95",
            "reason": "Discount",
            "vat_category_code": category,
            "vat_rate": f"{rate:f}",
        }
        for (category, rate), minor in shares.items()
    ]


def _tax(group: TaxBreakdown, currency: str) -> JsonObject:
    terms = {
        "BT-116": _text(group.taxable_minor, currency),
        "BT-117": _text(group.tax_minor, currency),
        "BT-118": category_of(group.tax_category, group.tax_rate),
        # BR-O-05: what is not subject to VAT has no rate, not a rate of 0.
        "BT-119": None if group.tax_category == NOT_SUBJECT else f"{group.tax_rate:f}",
        "BT-120": group.tax_exemption_reason,
    }
    return {name: value for name, value in terms.items() if value is not None}


def _credited(model: PrintModel) -> list[JsonObject]:
    if model.credited_number is None:
        return []
    return [{"BT-25": model.credited_number, "BT-26": model.credited_on}]


def _payment(model: PrintModel) -> JsonObject:
    # A credit note names the account too: NL-R-007 asks for the means of payment of either.
    seller = model.seller
    terms: JsonObject = {"BT-20": None if model.due_date else "On receipt"}
    terms["BT-83"] = payment_code.creditor_reference(model.number or "") or model.number
    if model.is_collected:
        # Whoever read of an account would pay twice. DK-R-005: Danish sellers have no word for it.
        return {**terms, "BT-81": NOT_DEFINED if seller.country == "DK" else AS_AGREED}
    if not seller.iban:
        # NL-R-008: Dutch sellers name one of six means.
        return {**terms, "BT-81": AS_AGREED if seller.country == "NL" else NOT_DEFINED}
    # DK-R-005: Danish sellers name the kind of transfer.
    means = SEPA_TRANSFER if seller.country == "DK" else CREDIT_TRANSFER
    return {**terms, "BT-81": means, "BT-84": seller.iban, "BT-86": seller.bic}


def _totals(model: PrintModel, allowances: list[JsonObject]) -> dict[str, str]:
    currency = model.currency
    lines_minor = sum(e_invoice_lines.own_net(line) for line in e_invoice_lines.items(model))
    paid_minor = model.paid_minor if model.kind == "invoice" else 0
    payable = model.due_minor if model.kind == "invoice" else model.total_minor
    terms = {
        "BT-106": _text(lines_minor, currency),
        "BT-109": _text(model.subtotal_minor, currency),
        "BT-110": _text(model.tax_minor, currency),
        "BT-112": _text(model.total_minor, currency),
        "BT-115": _text(payable, currency),
    }
    if allowances:
        terms["BT-107"] = _text(lines_minor - model.subtotal_minor, currency)
    if paid_minor:
        terms["BT-113"] = _text(paid_minor, currency)
    if model.tax_conversion:
        terms["BT-111"] = _text(model.tax_conversion.tax_minor, model.tax_conversion.currency)
    return terms


def _delivery(model: PrintModel) -> JsonObject:
    if not any(group.tax_category == "K" for group in model.tax_breakdown):
        return {"BT-72": model.supply_date}
    # BR-IC-11 and BR-IC-12: goods within the Union say where they went and when.
    at = model.supply_date or (None if model.period_first else model.issue_date)
    return {"BG-13": deliver_to(model), "BT-72": at}


def deliver_to(model: PrintModel) -> JsonObject:
    """Where it went (BG-13): to the buyer, with the town and post code that Germany asks for (BR-DE-10)."""
    buyer = parties.buyer_party(model.buyer)
    return {name: buyer[name] for name in ("name", "city", "postcode", "country_code") if name in buyer}


def _text(amount_minor: int, currency: str) -> str:
    return f"{money.to_major(amount_minor, currency):f}"

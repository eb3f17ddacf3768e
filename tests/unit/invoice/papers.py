"""Builders of documents as they are printed, with amounts that the rules of totals have made."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain import totals
from services.invoice.lines.domain.discount import Discount
from services.invoice.lines.domain.line import Line
from shared.events.contact import Address
from shared.events.invoice import ContactOnInvoice, Seller
from shared.kernel.ids import new_id

_LINE_FIELDS = {field.name for field in fields(Line)}


def a_seller(country: str = "NL", **changes: Any) -> Seller:
    """A seller of this country, with identifiers that have its form."""
    known = {
        "NL": ("Bakkerij de Vries B.V.", "NL123456782B90", "12345678", "NL91ABNA0417164300"),
        "NO": ("Fjord AS", "NO974760673MVA", "974760673", "NO9386011117947"),
        "DK": ("Dansk ApS", "DK13585628", "13585628", "DK5000400440116243"),
        "FR": ("Société SAS", "FR83404833048", "404833048", "FR1420041010050500013M02606"),
        "DE": ("Firma GmbH", "DE136695976", None, "DE89370400440532013000"),
        "SE": ("Bolag AB", "SE556036079301", "5560360793", "SE4550000000058398257466"),
    }
    name, vat_id, registered, iban = known[country]
    usual: dict[str, Any] = {
        "name": name,
        "country": country,
        "vat_id": vat_id,
        "registration_number": registered,
        "iban": iban,
        "address": Address(line1="Main street 1", postal_code="1015 CJ", city="City"),
        "email": "billing@example.com",
        "phone": "+31201234567",
    }
    return Seller(**{**usual, **changes})


def a_buyer(country: str = "BE", vat_id: str | None = "BE0403170701", **changes: Any) -> ContactOnInvoice:
    """A Belgian company."""
    address = Address(line1="Rue de la Loi 16", postal_code="1000", city="Bruxelles")
    usual = {"id": new_id(), "name": "Acme N.V.", "address": address, "country": country, "vat_id": vat_id}
    return ContactOnInvoice(**{**usual, **changes})


def a_computed_paper(
    *items: dict[str, Any], currency: str = "EUR", discount: Discount | None = None, **changes: Any
) -> PrintModel:
    """An issued invoice of these items (one at 100.00 and 21 % each, unless told otherwise)."""
    lines = _lines(items or ({},))
    computed = totals.compute(lines, currency, discount=discount)
    usual: dict[str, Any] = {
        "kind": "invoice",
        "number": "2026-00042",
        "status": "open",
        "currency": currency,
        "seller": a_seller(),
        "buyer": a_buyer(),
        "lines": [line_rules.to_data(line) for line in computed.lines],
        "subtotal_minor": computed.subtotal_minor,
        "tax_minor": computed.tax_minor,
        "total_minor": computed.total_minor,
        "due_minor": computed.total_minor,
        "tax_breakdown": computed.tax_breakdown,
        "made_at": datetime(2026, 11, 21, tzinfo=UTC),
        "issue_date": date(2026, 11, 21),
        "due_date": date(2026, 12, 21),
    }
    return PrintModel(**{**usual, **changes})


def _lines(items: Sequence[dict[str, Any]]) -> list[Line]:
    """Items, and rows of text as {"text": …}: `^` before one says that it belongs to the row above."""
    made: list[Line] = []
    for item in items:
        if "text" in item:
            parent = made[-1].id if item["text"].startswith("^") else None
            text = item["text"].removeprefix("^")
            made.append(Line(id=new_id(), type="text", description=text, parent_line_id=parent))
        else:
            made.append(_line(item))
    return made


def _line(item: dict[str, Any]) -> Line:
    usual: dict[str, Any] = {
        "id": new_id(),
        "type": "item",
        "description": "Item",
        "quantity": Decimal(1),
        "unit_price": Decimal(100),
        "tax_rate": Decimal(21),
        "tax_behavior": "exclusive",
    }
    return Line(**{name: value for name, value in (usual | item).items() if name in _LINE_FIELDS})

"""Builders and strategies of what the invoice service's rules are tested with."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from services.invoice.invoices.domain.invoice import Invoice, Status
from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain import totals
from services.invoice.lines.domain.discount import Discount
from services.invoice.lines.domain.discount import from_fields as discount_from_fields
from services.invoice.lines.domain.line import Line, LineEdit
from shared.events.invoice import ContactOnInvoice
from shared.events.product import Tax
from shared.kernel.ids import new_id
from shared.kernel.pricing import Rounding

WORKSPACE = UUID("0190b5c4-0000-7000-8000-00000000000a")
CONTACT = ContactOnInvoice(id=UUID("0190b5c4-0000-7000-8000-00000000000c"), name="Jansen BV")
NOW = datetime(2026, 4, 11, 9, tzinfo=UTC)
TODAY, DUE = date(2026, 4, 11), date(2026, 5, 11)


def a_line(price: Any, quantity: Any = 1, rate: Any = 21, behavior: str = "inclusive", **fields: Any) -> Line:
    """A line, made as the API makes it; `taxes` in the place of the rate where given."""
    given = {
        "description": "x",
        "quantity": Decimal(str(quantity)),
        "unit_price": Decimal(str(price)),
        "tax_behavior": behavior,
        **({} if fields.get("taxes") else {"tax_rate": Decimal(str(rate))}),
        **fields,
    }
    return line_rules.new_line(new_id(), a_line_edit(given), None, "lines.0")


def a_line_edit(fields: dict[str, Any]) -> LineEdit:
    """What a caller says of a line, from the values that JSON has."""
    discount, several = discount_from_fields(fields.get("discount")), fields.get("taxes")
    known = {"discount": discount, "taxes": several and tuple(Tax(**levied) for levied in several)}
    return LineEdit(**fields | {name: value for name, value in known.items() if name in fields})


def taxes(*rates: Any) -> list[dict[str, Any]]:
    """Several taxes of these rates, as the API gives them."""
    return [{"tax_rate": Decimal(str(rate)), "name": f"tax {place}"} for place, rate in enumerate(rates)]


def a_draft(*lines: Line, **fields: Any) -> Invoice:
    """A draft with its totals: one line of 339.00 euros, unless told otherwise."""
    currency, rounding = fields.get("currency", "EUR"), fields.get("rounding", Rounding())
    found = totals.compute(lines or [a_line(339)], currency, rounding, fields.get("discount"))
    given: dict[str, Any] = {
        "workspace_id": WORKSPACE,
        "id": new_id(),
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
        "contact_id": CONTACT.id,
        "contact": CONTACT,
        "seller": None,
        "currency": currency,
        "rounding": rounding,
        "lines": found.lines,
        "subtotal_minor": found.subtotal_minor,
        "tax_minor": found.tax_minor,
        "total_minor": found.total_minor,
        "tax_breakdown": found.tax_breakdown,
        "payment_terms_days": 30,
        "collection_method": "send_invoice",
    }
    return Invoice(**given | fields)


def an_invoice(*lines: Line, **fields: Any) -> Invoice:
    """An open invoice of one line of 339.00 euros, unless told otherwise."""
    issued = {"number": "INV-2026-00001", "issue_date": TODAY, "due_date": DUE, "issued_at": NOW}
    return a_draft(*lines, **{"status": Status.OPEN, **issued, **fields})


CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
ROUNDINGS = st.builds(Rounding, st.sampled_from(["total", "line"]), st.sampled_from(["half_up", "half_even"]))
RATES = st.sampled_from([0, "2.1", 5, 9, 21, 25, "9.975"])
BEHAVIORS = st.sampled_from(["inclusive", "exclusive"])
LINE_DISCOUNTS = st.none() | st.builds(lambda percent: {"percent": percent}, st.decimals(0, 100, places=2))
DISCOUNTS = st.none() | st.builds(Discount, percent=st.decimals(0, 100, places=2))


def line_strategy(low: int = -10_000, high: int = 10_000) -> st.SearchStrategy[Line]:
    """Lines with prices between these bounds, with one tax or several, with and without a discount."""
    return st.builds(
        a_line,
        price=st.decimals(low, high, places=4),
        quantity=st.decimals(-100, 100, places=3),
        rate=RATES,
        behavior=BEHAVIORS,
        taxes=st.sampled_from([None, None, taxes(5, "9.975"), taxes(2, 2)]),
        discount=LINE_DISCOUNTS,
    )

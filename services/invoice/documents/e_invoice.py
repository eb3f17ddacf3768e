"""An invoice or credit note in the terms of EN 16931 (BT-1 …), from which UBL and CII are written."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from services.invoice.documents import parties, payment_code
from services.invoice.documents.units import unit_code
from services.invoice.domain.e_invoice_address import NoSuchAddress, Participant
from services.invoice.domain.paper import LineData, Paper
from shared.kernel import money
from shared.kernel.errors import Invalid

NOT_SUBJECT = "O"
CREDIT_TRANSFER, SEPA_TRANSFER = "30", "58"
AS_AGREED, NOT_DEFINED = "57", "1"
_PRICE_DECIMALS = 10
ONE_AT_A_TIME = threading.Lock()
"""The library that writes the XML edits lists of its own when it is used first."""


class NotAnEInvoice(Invalid):
    """The document lacks what an e-invoice must say, or says what it cannot."""

    code = "not_an_e_invoice"


def semantic(paper: Paper, between: tuple[Participant, Participant] | None = None) -> dict[str, Any]:
    """The document's business terms, amounts as text in major units; `between` replaces both addresses.

    Raises NotAnEInvoice naming the field that is missing or that EN 16931 has no place for.
    """
    _require(paper)
    sender, receiver = between or addresses(paper)
    lines = [_line(number, line, paper.currency) for number, line in enumerate(_items(paper), 1)]
    allowances = _allowances(paper)
    terms: dict[str, Any] = {
        "BT-1": paper.number,
        "BT-2": paper.issue_date,
        "BT-3": "381" if paper.kind == "credit_note" else "380",
        "BT-5": paper.currency,
        "BT-9": paper.due_date,
        "BT-10": paper.reference or paper.number,
        "BT-73": paper.period_first,
        "BT-74": paper.period_last,
        "BG-1": _notes(paper),
        "BG-3": _credited(paper),
        "BG-4": _party(parties.seller_party(paper.seller), sender, paper),
        "BG-7": _party(parties.buyer_party(paper.buyer), receiver, paper),
        "BG-20": allowances,
        "BG-23": [_tax(group, paper.currency) for group in paper.tax_breakdown],
        "BG-25": lines,
        **_payment(paper),
        **_totals(paper, allowances),
        **_delivery(paper),
    }
    return {name: value for name, value in terms.items() if value not in (None, [], "")}


def addresses(paper: Paper) -> tuple[Participant, Participant]:
    """Sender and receiver; raises NotAnEInvoice naming what is missing or wrong, an address last."""
    _require(paper)
    try:
        found = {
            "seller": parties.sender(paper.seller),
            "contact": paper.receiver or parties.receiver(paper.buyer),
        }
    except NoSuchAddress as error:
        raise NotAnEInvoice(error.detail, errors=error.errors) from error
    for side, address in found.items():
        if address is None:
            raise NotAnEInvoice(
                "An e-invoice needs an electronic address: a VAT number or an e-mail address.",
                field=f"{side}.vat_id",
            )
    sender, receiver = found.values()
    assert sender is not None
    assert receiver is not None
    return sender, receiver


def _require(paper: Paper) -> None:
    needed = {
        "number": paper.number,
        "seller.name": paper.seller.name,
        "seller.country": paper.seller.country,
        "contact.country": paper.buyer.country,
    }
    for field, value in needed.items():
        if not value:
            raise NotAnEInvoice("An e-invoice needs this.", field=field)
    if money.exponent(paper.currency) > 2:
        raise NotAnEInvoice("EN 16931 has amounts with two decimals at most (BR-DEC).", field="currency")
    if any(line.taxes for line in paper.lines):
        raise NotAnEInvoice("EN 16931 has one VAT on a line.", field="lines")
    if not paper.seller.vat_id and any(group.tax_rate for group in paper.tax_breakdown):
        raise NotAnEInvoice("A seller who charges VAT needs a VAT number (BR-S-02).", field="seller.vat_id")


def _notes(paper: Paper) -> list[dict[str, str]]:
    # PEPPOL-EN16931-R002: one note at most.
    text = "\n".join(text for text in (paper.reason, paper.notes) if text)
    return [{"BT-22": text}] if text else []


def _party(party: dict[str, Any], address: Participant, paper: Paper) -> dict[str, Any]:
    party["einvoicing_addr"], party["einvoicing_addr_schemeid"] = address.id, address.scheme
    # BR-O-02: where VAT does not apply, nobody has a VAT number.
    if any(group.tax_category == NOT_SUBJECT for group in paper.tax_breakdown):
        party.pop("vat_identifier", None)
    return party


def _items(paper: Paper) -> Iterator[LineData]:
    return (line for line in paper.lines if line.type == "item")


def _line(number: int, line: LineData, currency: str) -> dict[str, Any]:
    quantity, price = line.quantity or Decimal(1), line.unit_price or Decimal(0)
    net_minor = _own_net(line)
    allowances = []
    if line.tax_behavior == "inclusive":
        # The price that was agreed holds tax; EN 16931 wants one without, so it is what the net makes it.
        price = _plain_price(money.to_major(net_minor, currency), quantity)
    elif line.discount is not None:
        allowances = _line_allowance(quantity * price, net_minor, currency)
    if price < 0:
        # BR-27: a price is never negative, a quantity may be.
        quantity, price = -quantity, -price
    name, _, rest = line.description.partition("\n")
    return {
        "BT-126": str(number),
        "BT-129": f"{quantity:f}",
        "BT-130": unit_code(line.unit),
        "BT-131": _text(net_minor, currency),
        "BT-146": f"{price:f}",
        "BT-153": name.strip()[:200] or str(number),
        "BT-151": category_of(line.tax_category, line.tax_rate),
        **({} if line.tax_category == NOT_SUBJECT else {"BT-152": f"{line.tax_rate or Decimal(0):f}"}),
        **({"BT-154": rest.strip()} if rest.strip() else {}),
        **({"BG-27": allowances} if allowances else {}),
    }


def _own_net(line: LineData) -> int:
    """The line's net before its share of the invoice's discount, which exclusive lines show apart."""
    return line.net_minor if line.tax_behavior == "inclusive" else line.net_minor + line.discount_share_minor


def _plain_price(net: Decimal, quantity: Decimal) -> Decimal:
    if quantity == 0:
        return Decimal(0)
    price = money.round_half_up(money.EXACT.divide(net, quantity), _PRICE_DECIMALS)
    return Decimal(format(price.normalize(), "f"))


def _line_allowance(whole: Decimal, net_minor: int, currency: str) -> list[dict[str, str]]:
    off = money.round_half_up(whole, money.exponent(currency)) - money.to_major(net_minor, currency)
    return [{"amount": f"{off:f}", "reason_code": "95", "reason": "Discount"}] if off else []


def category_of(category: str | None, rate: Decimal | None) -> str:
    """The VAT category (UNCL5305): the one that is stated, else standard or zero by the rate."""
    return category or ("S" if rate else "Z")


def _allowances(paper: Paper) -> list[dict[str, Any]]:
    shares: dict[tuple[str, Decimal], int] = {}
    for line in _items(paper):
        if line.tax_behavior != "inclusive" and line.discount_share_minor:
            key = (category_of(line.tax_category, line.tax_rate), line.tax_rate or Decimal(0))
            shares[key] = shares.get(key, 0) + line.discount_share_minor
    return [
        {
            "amount": _text(minor, paper.currency),
            "reason_code": "95",
            "reason": "Discount",
            "vat_category_code": category,
            "vat_rate": f"{rate:f}",
        }
        for (category, rate), minor in shares.items()
    ]


def _tax(group: Any, currency: str) -> dict[str, Any]:
    found = {
        "BT-116": _text(group.taxable_minor, currency),
        "BT-117": _text(group.tax_minor, currency),
        "BT-118": category_of(group.tax_category, group.tax_rate),
        # BR-O-05: what is not subject to VAT has no rate, not a rate of 0.
        "BT-119": None if group.tax_category == NOT_SUBJECT else f"{group.tax_rate:f}",
        "BT-120": group.tax_exemption_reason,
    }
    return {name: value for name, value in found.items() if value is not None}


def _credited(paper: Paper) -> list[dict[str, Any]]:
    if paper.credited_number is None:
        return []
    return [{"BT-25": paper.credited_number, "BT-26": paper.credited_on}]


def _payment(paper: Paper) -> dict[str, Any]:
    # A credit note names the account too: NL-R-007 asks for the means of payment of either.
    seller = paper.seller
    found: dict[str, Any] = {"BT-20": None if paper.due_date else "On receipt"}
    found["BT-83"] = payment_code.creditor_reference(paper.number or "") or paper.number
    if not seller.iban:
        # NL-R-008: Dutch sellers name one of six means.
        return {**found, "BT-81": AS_AGREED if seller.country == "NL" else NOT_DEFINED}
    # DK-R-005: Danish sellers name the kind of transfer.
    means = SEPA_TRANSFER if seller.country == "DK" else CREDIT_TRANSFER
    return {**found, "BT-81": means, "BT-84": seller.iban, "BT-86": seller.bic}


def _totals(paper: Paper, allowances: list[dict[str, Any]]) -> dict[str, str]:
    currency = paper.currency
    lines_minor = sum(_own_net(line) for line in _items(paper))
    paid_minor = paper.paid_minor if paper.kind == "invoice" else 0
    payable = paper.due_minor if paper.kind == "invoice" else paper.total_minor
    found = {
        "BT-106": _text(lines_minor, currency),
        "BT-109": _text(paper.subtotal_minor, currency),
        "BT-110": _text(paper.tax_minor, currency),
        "BT-112": _text(paper.total_minor, currency),
        "BT-115": _text(payable, currency),
    }
    if allowances:
        found["BT-107"] = _text(lines_minor - paper.subtotal_minor, currency)
    if paid_minor:
        found["BT-113"] = _text(paid_minor, currency)
    return found


def _delivery(paper: Paper) -> dict[str, Any]:
    # BR-IC-11 and BR-IC-12: goods within the Union say where they went and when.
    if not any(group.tax_category == "K" for group in paper.tax_breakdown):
        return {}
    goes_to = {"name": paper.buyer.name, "country_code": paper.buyer.country}
    return {"BG-13": goes_to, "BT-72": paper.issue_date}


def _text(amount_minor: int, currency: str) -> str:
    return f"{money.to_major(amount_minor, currency):f}"

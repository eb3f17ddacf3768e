"""The lines of an e-invoice (EN 16931 BG-25): amounts, periods, names, and the rows of text between them."""

from collections.abc import Iterator
from decimal import Decimal

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.e_invoices.rendering.units import unit_code
from services.invoice.lines.domain import tax
from shared.events.invoice import LineData
from shared.kernel import money
from shared.kernel.json import JsonObject

NOT_SUBJECT = "O"
NAME_LENGTH = 200
_PRICE_DECIMALS = 10


def to_line_terms(model: PrintModel) -> list[JsonObject]:
    """The lines with their terms, amounts as text in major units."""
    notes = _notes(model)
    return [
        _line(number, line, model.currency) | _add_note(notes.get(number, []))
        for number, line in enumerate(items(model), 1)
    ]


def items(model: PrintModel) -> Iterator[LineData]:
    """The rows that have a price."""
    return (line for line in model.lines if line.type == "item")


def own_net(line: LineData) -> int:
    """The line's net before its share of the invoice's discount, which exclusive lines show apart."""
    return line.net_minor if line.tax_behavior == "inclusive" else line.net_minor + line.discount_share_minor


def category_of(category: str | None, rate: Decimal | None) -> str:
    """The VAT category (UNCL5305): the one that is stated, else standard or zero by the rate."""
    return tax.fill_category(category, rate)


def _line(number: int, line: LineData, currency: str) -> JsonObject:
    quantity, price = Decimal(1) if line.quantity is None else line.quantity, line.unit_price or Decimal(0)
    net_minor = own_net(line)
    allowances = []
    if line.tax_behavior == "inclusive":
        # The price that was agreed holds tax; EN 16931 wants one without, so it is what the net makes it.
        price = _plain_price(money.to_major(net_minor, currency), quantity)
    elif line.discount is not None:
        allowances = _line_allowance(quantity * price, net_minor, currency)
    if price < 0:
        # BR-27: a price is never negative, a quantity may be.
        quantity, price = -quantity, -price
    return {
        "BT-126": str(number),
        "BT-129": f"{quantity:f}",
        "BT-130": unit_code(line.unit),
        "BT-131": f"{money.to_major(net_minor, currency):f}",
        "BT-146": f"{price:f}",
        "BT-151": category_of(line.tax_category, line.tax_rate),
        **({} if line.tax_category == NOT_SUBJECT else {"BT-152": f"{line.tax_rate or Decimal(0):f}"}),
        **_described(line.description, number),
        **({"BT-134": line.supply_start, "BT-135": line.supply_end} if line.supply_start else {}),
        **({"BG-27": allowances} if allowances else {}),
    }


def _described(description: str, number: int) -> dict[str, str]:
    """Its first line as the name (BT-153); what is more in full (BT-154)."""
    whole = description.strip()
    name, _, rest = (part.strip() for part in whole.partition("\n"))
    if len(name) > NAME_LENGTH:
        name, rest = _cut(name), whole
    return {"BT-153": name or str(number)} | ({"BT-154": rest} if rest else {})


def _cut(name: str) -> str:
    """As many whole words as a name holds, or of one word as many letters."""
    start = name[: NAME_LENGTH - 1]
    if not name[NAME_LENGTH - 1].isspace():
        start = start.rpartition(" ")[0] or start
    return f"{start.rstrip()}…"


def _notes(model: PrintModel) -> dict[int, list[str]]:
    """Rows of text by the number of the item that each stands with: its parent, else the next, else the last.

    EN 16931 has no rows without a price, but a note on each line (BT-127).
    """
    found: dict[int, list[str]] = {}
    numbers = {line.id: number for number, line in enumerate(items(model), 1)}
    upcoming = 1
    for line in model.lines:
        if line.type == "item":
            upcoming += 1
            continue
        place = numbers.get(line.parent_line_id) if line.parent_line_id else None
        found.setdefault(place or min(upcoming, len(numbers)), []).append(line.description.strip())
    return found


def _add_note(texts: list[str]) -> JsonObject:
    return {"BT-127-00": [{"BT-127": "\n".join(texts)}]} if texts else {}


def _plain_price(net: Decimal, quantity: Decimal) -> Decimal:
    if quantity == 0:
        return Decimal(0)
    price = money.round_half_up(money.EXACT.divide(net, quantity), _PRICE_DECIMALS)
    return Decimal(format(price.normalize(), "f"))


def _line_allowance(whole: Decimal, net_minor: int, currency: str) -> list[dict[str, str]]:
    off = money.round_half_up(whole, money.exponent(currency)) - money.to_major(net_minor, currency)
    return [{"amount": f"{off:f}", "reason_code": "95", "reason": "Discount"}] if off else []

"""The rows of a document and what they sum to, so that a reader can do every sum again.

A row shows quantity × unit price − its discount = amount, with tax where its price holds tax. Then come the
sum of the rows, the document's own discount, the tax that prices hold, and what tax is levied on.
"""

from collections.abc import Mapping

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.rendering.exemptions import ReasonMarks
from services.invoice.documents.rendering.formatting import Formatter
from shared.events.invoice import LineData
from shared.kernel import money
from shared.kernel.json import JsonObject

Words = Mapping[str, str]
_SHORT_UNIT = 10


def build_rows(model: PrintModel, words: Words, form: Formatter, marks: ReasonMarks) -> JsonObject:
    """Rows, heads of columns and totals."""
    items = [line for line in model.lines if line.type == "item"]
    inclusive = [line for line in items if _holds_tax(line)]
    is_gross = bool(items) and len(inclusive) == len(items)
    is_mixed = bool(inclusive) and not is_gross
    return {
        "is_gross": is_gross,
        "amount_head": words["amount_incl"] if is_gross else words["amount"],
        "price_head": words["price_incl"] if is_gross else words["unit_price"],
        "has_quantity": bool(items),
        "lines": [
            _line(line, model.currency, words, form, marks, is_mixed=is_mixed)
            | {"period": _period(line, model, form)}
            for line in model.lines
        ],
        "totals": _totals(model, items, words, form, marks, is_mixed=is_mixed),
    }


def exchange_rate(model: PrintModel, words: Words, form: Formatter) -> list[str]:
    """At which rate the tax is told in another currency, and whose it is."""
    told = model.tax_conversion
    if told is None:
        return []
    rate = f"1 {model.currency} = {form.quantity(told.exchange_rate)} {told.currency}"
    day = form.date(told.exchange_rate_date) if told.exchange_rate_date else ""
    source = ", ".join(part for part in (told.exchange_rate_source, day) if part)
    return [f"{words['exchange_rate']}: {rate} ({source})"]


def _period(line: LineData, model: PrintModel, form: Formatter) -> str:
    """When the row was supplied, where that is another period than the document's."""
    own = (line.supply_start, line.supply_end)
    return "" if own == (model.period_first, model.period_last) else form.period(*own)


def _holds_tax(line: LineData) -> bool:
    return line.tax_behavior == "inclusive"


def _own_minor(line: LineData) -> int:
    """The row's amount in its price's own terms, before its share of the document's discount."""
    return (line.gross_minor if _holds_tax(line) else line.net_minor) + line.discount_share_minor


def _line(
    line: LineData, currency: str, words: Words, form: Formatter, marks: ReasonMarks, *, is_mixed: bool
) -> JsonObject:
    shown: JsonObject = {"is_text": line.type == "text", "is_child": line.parent_line_id is not None}
    shown["description"] = line.description
    if line.type == "text" or line.quantity is None or line.unit_price is None:
        empty = dict.fromkeys(("quantity", "price", "price_note", "rate", "amount", "discount"), "")
        return shown | empty
    # A short unit stays with its figure, a long one goes to the next line.
    gap = "\u00a0" if len(line.unit or "") <= _SHORT_UNIT else " "
    unit = f"{gap}{line.unit}" if line.unit else ""
    return shown | {
        "quantity": form.quantity(line.quantity) + unit,
        "price": form.price(line.unit_price, currency),
        "price_note": words["incl_vat"] if is_mixed and _holds_tax(line) else "",
        "rate": _rate(line, form, marks),
        "amount": form.amount(_own_minor(line), currency),
        "discount": _discount(line, currency, form),
    }


def _rate(line: LineData, form: Formatter, marks: ReasonMarks) -> str:
    if line.taxes:
        return " + ".join(form.percent(tax.tax_rate) for tax in line.taxes)
    rate = form.percent(line.tax_rate) if line.tax_rate is not None else ""
    return rate + marks.of(line.tax_category, line.tax_exemption_reason)


def _discount(line: LineData, currency: str, form: Formatter) -> str:
    """The row's own discount: its percentage, and what it takes off."""
    if line.discount is None or line.quantity is None or line.unit_price is None:
        return ""
    if line.discount.percent is None:
        return f"−{form.amount(line.discount.amount_minor or 0, currency)}"
    decimals = money.exponent(currency)
    whole = money.round_half_up(money.EXACT.multiply(line.quantity, line.unit_price), decimals)
    off = int(whole.scaleb(decimals, context=money.EXACT)) - _own_minor(line)
    return f"{form.percent(line.discount.percent)} (−{form.amount(off, currency)})"


def _totals(
    model: PrintModel,
    items: list[LineData],
    words: Words,
    form: Formatter,
    marks: ReasonMarks,
    *,
    is_mixed: bool,
) -> list[JsonObject]:
    currency = model.currency
    rows = _down_to_net(model, items, words, form, is_mixed)
    is_net_named = any(_holds_tax(line) for line in items)
    label = words["subtotal_excl"] if is_net_named else words["subtotal"]
    rows.append(_row(label, form.money(model.subtotal_minor, currency)))
    for group in model.tax_breakdown:
        if group.tax_minor or group.tax_rate or len(model.tax_breakdown) > 1:
            rate = form.percent(group.tax_rate)
            label = f"{group.name} {rate}" if group.name else words["vat_of"].format(rate=rate)
            label += marks.of(group.tax_category, group.tax_exemption_reason)
            base = form.amount(group.taxable_minor, currency)
            rows.append(_row(label, form.money(group.tax_minor, currency), base))
    rows.append(_row(words["total"], form.money(model.total_minor, currency), is_strong=True))
    told = model.tax_conversion
    if told:
        label = words["vat_in"].format(currency=told.currency)
        rows.append(_row(label, form.money(told.tax_minor, told.currency)))
    return rows


def _down_to_net(
    model: PrintModel, items: list[LineData], words: Words, form: Formatter, is_mixed: bool
) -> list[JsonObject]:
    """What leads from the printed rows to the amount without tax, where that is not their sum."""
    currency = model.currency
    off = sum(line.discount_share_minor for line in items)
    held = sum(line.tax_minor for line in items if _holds_tax(line)) if is_mixed else 0
    if not (off or held or is_mixed or _has_discount(model)):
        return []
    rows = [_row(words["sum_of_lines"], form.money(sum(map(_own_minor, items)), currency))]
    if off or _has_discount(model):
        percent = model.discount.percent if model.discount else None
        label = words["discount"] + (f" {form.percent(percent)}" if percent is not None else "")
        rows.append(_row(label, form.money(-off, currency)))
    if held:
        rows.append(_row(words["vat_included"], form.money(-held, currency)))
    return rows


def _has_discount(model: PrintModel) -> bool:
    discount = model.discount
    return discount is not None and bool(discount.percent or discount.amount_minor)


def _row(label: str, value: str, base: str = "", *, is_strong: bool = False) -> JsonObject:
    return {"label": label, "value": value, "base": base, "is_strong": is_strong}

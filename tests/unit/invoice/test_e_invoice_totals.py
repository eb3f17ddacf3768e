"""The sums of an e-invoice, computed again from what it says itself: the rules let a wrong tax pass."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from services.invoice.e_invoices.rendering import cii, ubl
from services.invoice.lines.domain.discount import Discount
from tests.unit.invoice.papers import a_computed_paper

D = Decimal
CENT = D("0.01")
RATES = st.sampled_from([D(0), D("5.5"), D(9), D(21)])
ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "quantity": st.decimals("0.001", 500, places=3),
            "unit_price": st.decimals(-50, 900, places=4),
            "tax_rate": RATES,
        }
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40)
@given(items=ITEMS, percent=st.none() | st.decimals(0, 50, places=1))
def test_every_sum_follows_from_the_lines_to_the_cent(items: list[dict[str, Any]], percent: D | None) -> None:
    document = a_computed_paper(*items, discount=Discount(percent=percent) if percent else None)
    if document.total_minor < 0:
        return
    one, many = _reader(ubl.write(document))
    total = "cac:LegalMonetaryTotal/cbc:"

    lines = sum(many("cac:InvoiceLine/cbc:LineExtensionAmount"), D(0))
    off = sum(many("cac:AllowanceCharge/cbc:Amount"), D(0))
    taxable = many("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount")
    taxes = many("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount")
    rates = many("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:Percent")

    assert one(f"{total}LineExtensionAmount") == lines
    net = D(document.subtotal_minor) / 100
    assert one(f"{total}TaxExclusiveAmount") == lines - off == sum(taxable) == net
    assert taxes == [_tax(base, rate) for base, rate in zip(taxable, rates, strict=True)]
    assert one("cac:TaxTotal/cbc:TaxAmount") == sum(taxes) == D(document.tax_minor) / 100
    assert one(f"{total}TaxInclusiveAmount") == lines - off + sum(taxes) == D(document.total_minor) / 100
    assert one(f"{total}PayableAmount") == D(document.total_minor) / 100


@settings(max_examples=20)
@given(items=ITEMS)
def test_both_syntaxes_state_the_same_sums(items: list[dict[str, Any]]) -> None:
    document = a_computed_paper(*items)
    if document.total_minor < 0:
        return
    one, _ = _reader(ubl.write(document))
    other, _ = _reader(cii.write(document))
    summed = ".//ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:"

    assert other(f"{summed}TaxTotalAmount") == one("cac:TaxTotal/cbc:TaxAmount")
    assert other(f"{summed}GrandTotalAmount") == one("cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount")
    assert other(f"{summed}DuePayableAmount") == one("cac:LegalMonetaryTotal/cbc:PayableAmount")


def _tax(taxable: D, rate: D) -> D:
    tax = abs(taxable * rate / 100).quantize(CENT, ROUND_HALF_UP)
    return -tax if taxable < 0 else tax


def _reader(content: bytes) -> tuple[Callable[[str], D], Callable[[str], list[D]]]:
    root = etree.fromstring(content)
    names = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}

    def many(path: str) -> list[D]:
        return [D(found.text) for found in root.findall(path, names)]

    return lambda path: many(path)[0], many

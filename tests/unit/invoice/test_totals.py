"""Totals: the published vectors, and identities that hold for any lines."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain import tax, totals
from services.invoice.lines.domain.discount import Discount
from services.invoice.lines.domain.line import LineEdit
from services.invoice.products import domain as product_rules
from services.invoice.products.domain import ProductEdit
from shared.events.product import Tax
from shared.kernel import money
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.pricing import Arithmetic, Rounding
from tests.unit.invoice import builders
from tests.unit.invoice.builders import a_line, taxes


@pytest.mark.parametrize(
    ("lines", "currency", "expected"),
    [
        ([a_line("89.00"), a_line("125.00", 2)], "EUR", (28017, 5883, 33900)),
        ([a_line("340.00", rate=19), a_line("13.90", rate=19)], "EUR", (29739, 5651, 35390)),
        ([a_line("2.99", rate=4)], "EUR", (287, 12, 299)),
        ([a_line(150, 2, 20, "exclusive"), a_line("49.99", 1, 0, "exclusive")], "EUR", (34999, 6000, 40999)),
        ([a_line(175, 2, 20, "exclusive")], "EUR", (35000, 7000, 42000)),
        ([a_line(500, 1, 20, "exclusive")], "EUR", (50000, 10000, 60000)),
        ([a_line("0.33", 1, 20, "exclusive") for _ in range(7)], "EUR", (231, 46, 277)),
        ([a_line("99.5", 1, 10, "exclusive")], "JPY", (100, 10, 110)),
        ([a_line("1.2345", 1, 5, "exclusive")], "KWD", (1235, 62, 1297)),
        ([a_line(100, 1, 21, "exclusive", discount={"percent": Decimal(10)})], "EUR", (9000, 1890, 10890)),
        ([a_line(100, 1, 21, "exclusive", discount={"amount_minor": 1})], "EUR", (9999, 2100, 12099)),
    ],
)
def test_a_published_vector_gives_its_totals(
    lines: list[line_rules.Line], currency: str, expected: tuple[int, int, int]
) -> None:
    found = totals.compute(lines, currency)

    assert (found.subtotal_minor, found.tax_minor, found.total_minor) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([a_line("89.00"), a_line("125.00", 2)], (28016, 5884, 33900)),
        ([a_line("2.99", rate=4)], (287, 12, 299)),
        ([a_line("0.33", 1, 20, "exclusive") for _ in range(7)], (231, 49, 280)),
    ],
)
def test_tax_is_rounded_a_line_where_that_is_wanted(
    lines: list[line_rules.Line], expected: tuple[int, int, int]
) -> None:
    found = totals.compute(lines, "EUR", Rounding("line"))

    assert (found.subtotal_minor, found.tax_minor, found.total_minor) == expected


def test_several_taxes_within_a_price_are_each_on_the_price_without_any() -> None:
    line = a_line("114.975", taxes=taxes(5, "9.975"))

    exact = totals.compute([line], "KWD").lines[0]
    rounded = totals.compute([line], "EUR")

    assert [tax.exact_tax(114_975, levied.tax_rate, line.whole_percent) for levied in line.taxes] == [
        5000,
        9975,
    ]
    assert [levied.tax_minor for levied in exact.taxes] == [5000, 9975]
    assert (exact.net_minor, exact.gross_minor) == (100_000, 114_975)
    assert [levied.tax_minor for levied in rounded.lines[0].taxes] == [500, 998]
    assert (rounded.subtotal_minor, rounded.tax_minor, rounded.total_minor) == (10000, 1498, 11498)


def test_each_of_several_taxes_has_its_row_in_the_breakdown() -> None:
    lines = [
        a_line(100, 1, behavior="exclusive", taxes=taxes(5, "9.975")),
        a_line(50, 1, behavior="exclusive", taxes=taxes(5)),
        a_line(10, 1, 5, "exclusive"),
    ]

    found = totals.compute(lines, "EUR")

    assert [
        (str(row.tax_rate), row.name, row.taxable_minor, row.tax_minor) for row in found.tax_breakdown
    ] == [
        ("9.975", "tax 1", 10000, 998),
        ("5", None, 1000, 50),
        ("5", "tax 0", 15000, 750),
    ]
    assert (found.lines[0].tax_rate, found.tax_minor) == (Decimal("14.975"), 1798)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"taxes": taxes(5), "tax_rate": Decimal(5)}, "/lines/0/taxes"),
        ({"taxes": [*taxes(5), *taxes(5)]}, "/lines/0/taxes/1"),
        ({"taxes": [taxes(5)[0] | {"tax_category": "AE"}]}, "/lines/0/taxes/0/tax_rate"),
    ],
)
def test_taxes_that_do_not_go_together_are_named(fields: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        line_rules.new_line(
            new_id(),
            builders.a_line_edit({"description": "x", "unit_price": Decimal(1)} | fields),
            None,
            "lines.0",
        )

    assert caught.value.errors[0].pointer == pointer


def test_a_changed_line_keeps_its_taxes_until_it_gets_another() -> None:
    line = a_line(100, taxes=taxes(5, "9.975"))

    def changed(**fields: Any) -> line_rules.Line:
        return line_rules.new_line(
            line.id, line_rules.merge_changes(line, builders.a_line_edit(fields)), None, "lines.0"
        )

    assert changed(quantity=Decimal(2)).taxes == line.taxes
    assert changed(tax_rate=Decimal(21)).taxes == ()
    assert changed(tax_rate=Decimal(21)).tax_rate == 21
    assert len(changed(taxes=taxes(1)).taxes) == 1


def test_a_line_has_its_products_taxes_unless_it_has_its_own() -> None:
    levied = tuple(Tax(**one) for one in taxes(5, "9.975"))
    details = ProductEdit(name="Hour", unit_price=Decimal(100), currency="CAD", taxes=levied)
    product = product_rules.new_product(new_id(), new_id(), details, builders.NOW)
    defaults = product_rules.to_line_defaults(product)

    of_product = line_rules.new_line(new_id(), LineEdit(), defaults, "lines.0")
    own = line_rules.new_line(new_id(), LineEdit(tax_rate=Decimal(21)), defaults, "lines.0")

    assert [levied.tax_rate for levied in of_product.taxes] == [5, Decimal("9.975")]
    assert (of_product.tax_rate, own.tax_rate, own.taxes) == (product.tax_rate, 21, ())
    assert product_rules.edit(product, ProductEdit(tax_rate=Decimal(9)), builders.NOW).taxes == ()


LINES = st.lists(builders.line_strategy(), min_size=1, max_size=12)
POSITIVE = st.lists(builders.line_strategy(low=0), min_size=1, max_size=12)


@given(LINES, builders.CURRENCIES, builders.ROUNDINGS, builders.DISCOUNTS)
def test_lines_breakdown_and_totals_agree(
    lines: list[line_rules.Line], currency: str, rounding: Rounding, discount: Discount | None
) -> None:
    found = totals.compute(lines, currency, rounding, discount)

    assert found.subtotal_minor + found.tax_minor == found.total_minor
    assert sum(line.net_minor for line in found.lines) == found.subtotal_minor
    assert sum(line.tax_minor for line in found.lines) == found.tax_minor
    assert sum(line.gross_minor for line in found.lines) == found.total_minor
    assert all(line.gross_minor == line.net_minor + line.tax_minor for line in found.lines)
    assert all(sum(levied.tax_minor for levied in line.levied) == line.tax_minor for line in found.lines)
    assert sum(row.tax_minor for row in found.tax_breakdown) == found.tax_minor
    levied_on = sum(line.net_minor * len(line.levied) for line in found.lines)
    assert sum(row.taxable_minor for row in found.tax_breakdown) == levied_on


@given(LINES, builders.CURRENCIES, builders.ROUNDINGS)
def test_the_gross_of_inclusive_lines_never_moves(
    lines: list[line_rules.Line], currency: str, rounding: Rounding
) -> None:
    found = totals.compute(lines, currency, rounding)

    for before, after in zip(lines, found.lines, strict=True):
        assert line_rules.amount_minor(before, Arithmetic(currency, rounding)) == after.amount_minor


@given(LINES, builders.CURRENCIES, builders.ROUNDINGS, builders.DISCOUNTS)
def test_a_discount_on_the_whole_is_shared_by_the_lines(
    lines: list[line_rules.Line], currency: str, rounding: Rounding, discount: Discount | None
) -> None:
    before = sum(line_rules.amount_minor(line, Arithmetic(currency, rounding)) for line in lines)

    found = totals.compute(lines, currency, rounding, discount)

    off = discount.of(before, rounding) if discount else 0
    assert sum(line.discount_share_minor for line in found.lines) == off
    assert sum(line.amount_minor for line in found.lines) == before - off


@given(POSITIVE, builders.CURRENCIES, builders.ROUNDINGS)
def test_tax_is_what_the_rate_says_to_the_last_unit(
    lines: list[line_rules.Line], currency: str, rounding: Rounding
) -> None:
    found = totals.compute(lines, currency, rounding)

    for members in totals.group_taxes(found.lines).values():
        of_members = [found.lines[index] for index, _ in members]
        rate, whole = of_members[0].levied[members[0][1]].tax_rate, of_members[0].whole_percent
        exact = [tax.exact_tax(line.amount_minor, rate, whole) for line in of_members]
        told = [line.levied[place].tax_minor for line, (_, place) in zip(of_members, members, strict=True)]
        assert all(abs(minor - value) < 1 for minor, value in zip(told, exact, strict=True))
        if rounding.level == "total":
            assert abs(sum(told) - sum(exact)) <= Decimal("0.5")


@given(LINES, builders.CURRENCIES)
@example([a_line("0.05", 1, 10, "exclusive"), a_line("-0.05", 1, 10, "exclusive")], "EUR")
def test_negated_lines_give_the_mirrored_totals(lines: list[line_rules.Line], currency: str) -> None:
    mirrored = [replace(line, unit_price=-(line.unit_price or Decimal(0))) for line in lines]

    found, mirror = totals.compute(lines, currency), totals.compute(mirrored, currency)

    assert (mirror.subtotal_minor, mirror.tax_minor) == (-found.subtotal_minor, -found.tax_minor)
    assert [line.tax_minor for line in mirror.lines] == [-line.tax_minor for line in found.lines]


@given(st.lists(st.decimals(-1000, 1000, places=6), min_size=1, max_size=20))
def test_spread_parts_sum_and_stay_within_one_unit(exact: list[Decimal]) -> None:
    total = int(money.round_half_up(sum(exact, Decimal(0))))

    parts = tax.spread(total, exact)

    assert sum(parts) == total
    assert all(abs(part - value) <= 1 for part, value in zip(parts, exact, strict=True))


def test_an_amount_beyond_the_platform_names_its_line() -> None:
    with pytest.raises(totals.AmountTooLarge) as caught:
        totals.compute([a_line(1), a_line(10**12, 10**9)], "EUR")

    assert caught.value.errors[0].pointer == "/lines/1"


def test_a_text_row_with_a_price_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        line_rules.new_line(
            new_id(), LineEdit(type="text", description="x", unit_price=Decimal(1)), None, "lines.3"
        )

    assert caught.value.errors[0].pointer == "/lines/3/unit_price"


@pytest.mark.parametrize("category, rate, tax_minor", [("S", 21, 3), ("Z", 0, 0)])
def test_a_category_is_one_group_whether_a_line_states_it_or_not(
    category: str, rate: int, tax_minor: int
) -> None:
    lines = [
        a_line("0.05", rate=rate, behavior="exclusive"),
        a_line("0.05", rate=rate, behavior="exclusive", tax_category=category),
        a_line("0.03", rate=rate, behavior="exclusive"),
    ]

    found = totals.compute(lines, "EUR")

    [group] = found.tax_breakdown
    assert (group.tax_category, group.taxable_minor, group.tax_minor) == (category, 13, tax_minor)
    # By itself each part would be rounded apart: 0.08 and 0.05 at 21 % come to 0.02 and 0.01.
    assert sum(line.tax_minor for line in found.lines) == tax_minor


def test_groups_of_other_categories_and_rates_stay_apart() -> None:
    untaxed = [("E", "Small business"), ("AE", None), ("K", None), ("G", None), ("Z", None), (None, None)]
    lines = [
        a_line(1, rate=0, behavior="exclusive", tax_category=category, tax_exemption_reason=reason)
        for category, reason in untaxed
    ]

    found = totals.compute([*lines, a_line(1, rate=9), a_line(1)], "EUR")

    shown = [(str(group.tax_rate), group.tax_category) for group in found.tax_breakdown]
    assert shown[:2] == [("21", None), ("9", None)]
    assert sorted(category or "" for _, category in shown[2:]) == ["AE", "E", "G", "K", "Z"]


def test_each_reason_of_an_exemption_is_told() -> None:
    lines = [
        a_line(1, rate=0, behavior="exclusive", tax_category="E", tax_exemption_reason=reason)
        for reason in ("Art. 132", "Art. 135", "Art. 132")
    ]

    [group] = totals.compute(lines, "EUR").tax_breakdown

    assert group.tax_exemption_reason == "Art. 132; Art. 135"


@pytest.mark.parametrize(
    "prices, discount",
    [
        (["10"], Discount(amount_minor=1001)),
        (["10", "-10"], Discount(amount_minor=1)),
        (["0"], Discount(amount_minor=1)),
        (["-10"], Discount(amount_minor=1)),
    ],
)
def test_a_discount_that_nothing_can_be_taken_from_is_refused(prices: list[str], discount: Discount) -> None:
    with pytest.raises(Invalid) as refused:
        totals.compute([a_line(price) for price in prices], "EUR", discount=discount)

    assert refused.value.errors[0].pointer == "/discount"


def test_a_discount_may_wait_for_lines_and_may_take_everything() -> None:
    assert totals.compute([], "EUR", discount=Discount(amount_minor=5)).total_minor == 0
    assert totals.compute([a_line(10)], "EUR", discount=Discount(amount_minor=1000)).total_minor == 0
    assert totals.compute([a_line(0)], "EUR", discount=Discount(percent=Decimal(10))).total_minor == 0

"""Totals: the published vectors, and identities that hold for any lines."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.invoice.domain import line as line_rules
from services.invoice.domain import tax, totals
from shared.kernel import money
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])


def a_line(
    price: Any, quantity: Any = 1, rate: Any = 21, behavior: str = "inclusive", **fields: Any
) -> line_rules.Line:
    """A line, made as the API makes it."""
    given_fields = {
        "description": "x",
        "quantity": Decimal(str(quantity)),
        "unit_price": Decimal(str(price)),
        "tax_rate": Decimal(str(rate)),
        "tax_behavior": behavior,
        **fields,
    }
    return line_rules.make(new_id(), given_fields, None, "lines.0")


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


LINES = st.lists(
    st.builds(
        a_line,
        price=st.decimals(-10_000, 10_000, places=4),
        quantity=st.decimals(-100, 100, places=3),
        rate=st.sampled_from([0, 5, 9, 21, 25, "9.975"]),
        behavior=st.sampled_from(["inclusive", "exclusive"]),
    ),
    min_size=1,
    max_size=12,
)


@given(LINES, CURRENCIES)
def test_lines_breakdown_and_totals_agree(lines: list[line_rules.Line], currency: str) -> None:
    found = totals.compute(lines, currency)

    assert found.subtotal_minor + found.tax_minor == found.total_minor
    assert sum(line.net_minor for line in found.lines) == found.subtotal_minor
    assert sum(line.tax_minor for line in found.lines) == found.tax_minor
    assert all(line.gross_minor == line.net_minor + line.tax_minor for line in found.lines)
    assert sum(group.taxable_minor for group in found.tax_breakdown) == found.subtotal_minor
    assert sum(group.tax_minor for group in found.tax_breakdown) == found.tax_minor


@given(LINES, CURRENCIES)
def test_the_gross_of_inclusive_lines_never_moves(lines: list[line_rules.Line], currency: str) -> None:
    found = totals.compute(lines, currency)

    for before, after in zip(lines, found.lines, strict=True):
        told = line_rules.amount_minor(before, currency)
        assert told == (after.gross_minor if before.tax_behavior == "inclusive" else after.net_minor)


@given(LINES, CURRENCIES)
@example([a_line("0.05", 1, 10, "exclusive"), a_line("-0.05", 1, 10, "exclusive")], "EUR")
def test_negated_lines_give_the_mirrored_totals(lines: list[line_rules.Line], currency: str) -> None:
    mirrored = [a_line(-line.unit_price, line.quantity, line.tax_rate, line.tax_behavior) for line in lines]

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
        line_rules.make(
            new_id(), {"type": "text", "description": "x", "unit_price": Decimal(1)}, None, "lines.3"
        )

    assert caught.value.errors[0].pointer == "/lines/3/unit_price"

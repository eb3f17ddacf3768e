"""A discount on the whole of an invoice, and what of it each tax and each line bears."""

from decimal import Decimal

import pytest

from services.invoice.lines.domain import totals
from services.invoice.lines.domain.discount import Discount
from tests.unit.invoice.builders import a_line


@pytest.mark.parametrize(
    ("counts", "percent", "taxable"),
    [((50, 50), 7, [558, 558]), ((3, 1), 10, [32, 11]), ((1, 50), 50, [6, 300]), ((7, 7), 100, [0, 0])],
)
def test_a_discount_is_shared_by_the_taxes_before_their_lines(
    counts: tuple[int, int], percent: int, taxable: list[int]
) -> None:
    lines = [a_line("0.12", rate=21, behavior="exclusive") for _ in range(counts[0])]
    lines += [a_line("0.12", rate=9, behavior="exclusive") for _ in range(counts[1])]

    found = totals.compute(lines, "EUR", discount=Discount(percent=Decimal(percent)))

    assert [row.taxable_minor for row in found.tax_breakdown] == taxable
    assert all(0 <= line.net_minor <= 12 for line in found.lines)

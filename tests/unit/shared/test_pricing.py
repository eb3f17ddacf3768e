"""One arithmetic of lines: what invoices and subscriptions say of the same line."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoice.lines.domain import discount as discounts
from services.invoice.lines.domain import line as invoice_lines
from services.invoice.lines.domain import totals
from services.subscription_renewal.subscriptions.domain import line as subscription_lines
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from shared.events.invoice import Discount
from shared.kernel.ids import new_id
from shared.kernel.pricing import Arithmetic, Rounding
from tests.unit.subscription_renewal.builders import NOW, a_subscription
from tests.unit.subscription_renewal.builders import a_line as a_subscription_line

HALF_EVEN = Rounding(mode="half_even")
ROUNDINGS = st.builds(Rounding, st.sampled_from(["total", "line"]), st.sampled_from(["half_up", "half_even"]))


@pytest.mark.parametrize(
    "rounding, price, percent, expected",
    [
        (Rounding(), "10.125", None, 1013),
        (HALF_EVEN, "10.125", None, 1012),
        (HALF_EVEN, "10.135", None, 1014),
        (HALF_EVEN, "-10.125", None, -1012),
        (HALF_EVEN, "20.25", "50", 1012),
    ],
)
def test_a_half_goes_where_the_business_says(
    rounding: Rounding, price: str, percent: str | None, expected: int
) -> None:
    off = Decimal(percent) if percent else None

    assert Arithmetic("EUR", rounding).line_minor(Decimal(1), Decimal(price), off) == expected


def test_a_share_is_rounded_as_the_business_rounds() -> None:
    shares = [Arithmetic("EUR", one).share_minor(5, 1, 2) for one in (Rounding(), HALF_EVEN)]

    assert shares == [3, 2]


@given(
    quantity=st.decimals(-1000, 1000, places=4),
    price=st.decimals(-1000, 1000, places=6),
    percent=st.none() | st.decimals(0, 100, places=3),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    rounding=ROUNDINGS,
)
def test_an_invoice_says_of_a_line_what_its_subscription_said(
    quantity: Decimal, price: Decimal, percent: Decimal | None, currency: str, rounding: Rounding
) -> None:
    given_: dict[str, Any] = {"quantity": quantity, "unit_price": price, "description": "Plan"}
    line = a_subscription_line(
        str(price), str(quantity), discount=Discount(percent=percent) if percent is not None else None
    )
    invoiced = invoice_lines.Line(
        new_id(),
        "item",
        **given_,
        tax_rate=Decimal(0),
        tax_behavior="exclusive",
        discount=discounts.from_fields({"percent": percent} if percent is not None else None),
    )

    found = totals.compute([invoiced], currency, rounding)

    assert found.subtotal_minor == subscription_lines.total_minor([line], Arithmetic(currency, rounding))


def test_a_subscription_reckons_in_its_own_currency_as_its_business_rounds() -> None:
    found: Subscription = a_subscription(rounding=HALF_EVEN, start_at=NOW)

    assert found.arithmetic == Arithmetic("EUR", HALF_EVEN)

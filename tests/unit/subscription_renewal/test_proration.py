"""What the rest of a period is worth."""

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription_renewal.subscriptions.domain import carrying
from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain.proration import charges_for, credits_of, rest_of
from shared.events.invoice import Discount
from shared.kernel.pricing import Arithmetic
from tests.unit.subscription_renewal.builders import a_line, at

START, END = at("2026-04-01"), at("2026-05-01")
EUR = Arithmetic("EUR")
AMOUNTS = st.integers(0, 10**9)
INSTANTS = st.datetimes(START.replace(tzinfo=None), END.replace(tzinfo=None))
PRICES = st.decimals(0, 10**6, places=2)
RATES = st.sampled_from([Decimal(0), Decimal(9), Decimal(21), Decimal("5.5")])
BEHAVIORS = st.sampled_from(["exclusive", "inclusive"])


@pytest.mark.parametrize(
    "basis, instant, amount, expected",
    [
        ("second", "2026-04-01", 3000, 3000),
        ("second", "2026-04-16", 3000, 1500),
        ("second", "2026-05-01", 3000, 0),
        # Half of a cent is away from zero.
        ("second", "2026-04-16", 1, 1),
        ("second", "2026-04-16", -1, -1),
        # The day of the change counts as left, whatever the hour.
        ("day", "2026-04-16T17:00:00", 3000, 1500),
        ("second", "2026-04-16T12:00:00", 3000, 1450),
        # Outside the period nothing, or all of it, is left.
        ("second", "2026-03-01", 3000, 3000),
        ("second", "2026-06-01", 3000, 0),
    ],
)
def test_the_rest_of_a_month_has_its_share(basis: str, instant: str, amount: int, expected: int) -> None:
    rest = rest_of(START, END, at(instant), basis, "UTC")  # type: ignore[arg-type]

    assert rest.of(amount, EUR) == expected


def test_the_denominator_is_the_whole_quarter_not_what_is_left_of_it() -> None:
    # Lago #6194: 91 days, changed with 42 of them left.
    start = at("2026-07-01")

    rest = rest_of(start, start + timedelta(days=91), start + timedelta(days=49), "second", "UTC")

    assert rest.of(91_00, EUR) == 42_00


def test_days_are_those_of_the_subscriptions_zone() -> None:
    # 23:30 UTC of the 15th is the 16th in Amsterdam, where the clock also changed within the period.
    start, end = at("2026-03-14T23:00:00"), at("2026-04-14T22:00:00")

    rest = rest_of(start, end, at("2026-03-15T23:30:00"), "day", "Europe/Amsterdam")

    assert (rest.left, rest.whole) == (30, 31)


@given(amount=AMOUNTS, instants=st.lists(INSTANTS, max_size=6), basis=st.sampled_from(["second", "day"]))
def test_the_parts_of_a_split_period_sum_to_the_whole(amount: int, instants: list, basis: str) -> None:
    cuts = [START, *sorted(instant.replace(tzinfo=START.tzinfo) for instant in instants), END]
    left = [rest_of(START, END, cut, basis, "UTC").of(amount, EUR) for cut in cuts]  # type: ignore[arg-type]

    parts = [before - after for before, after in itertools.pairwise(left)]

    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)


@given(price=PRICES, quantity=st.integers(1, 50), instant=INSTANTS, rate=RATES, behavior=BEHAVIORS)
def test_going_back_to_the_same_lines_costs_nothing(
    price: Decimal, quantity: int, instant: object, rate: Decimal, behavior: str
) -> None:
    line = a_line(str(price), str(quantity), tax_rate=rate, tax_behavior=behavior)
    rest = rest_of(START, END, instant.replace(tzinfo=START.tzinfo), "second", "UTC")  # type: ignore[attr-defined]

    both = [*credits_of([line], rest, EUR), *charges_for([line], rest, EUR)]

    assert line_rules.total_minor(both, EUR) == 0
    assert line_rules.gross(both, EUR) == 0


@pytest.mark.parametrize("currency, expected", [("JPY", "-5"), ("EUR", "-4.55"), ("KWD", "-4.549")])
def test_each_currency_is_rounded_to_its_own_minor_unit(currency: str, expected: str) -> None:
    rest = rest_of(START, END, at("2026-04-16"), "second", "UTC")

    (credit,) = credits_of([a_line("9.098")], rest, Arithmetic(currency))

    assert credit.unit_price == Decimal(expected)


def test_a_prorated_line_keeps_its_tax_and_has_its_discount_inside() -> None:
    line = a_line(
        "100", "2", tax_rate=Decimal(21), tax_category="S", discount=Discount(percent=Decimal(10)), unit="h"
    )
    rest = rest_of(START, END, at("2026-04-16"), "second", "UTC")

    (credit,) = credits_of([line], rest, EUR)

    assert (credit.quantity, credit.unit_price, credit.discount) == (1, Decimal("-90.00"), None)
    assert (credit.tax_rate, credit.tax_category) == (Decimal(21), "S")
    assert credit.description == "Plan × 2: unused time 2026-04-16 – 2026-05-01"
    assert (credit.supply_start, credit.supply_end) == (date(2026, 4, 16), date(2026, 4, 30))


LINES = st.lists(
    st.builds(
        lambda price, rate, behavior: a_line(str(price), tax_rate=rate, tax_behavior=behavior),
        PRICES,
        RATES,
        BEHAVIORS,
    ),
    max_size=4,
)
CARRIED = st.lists(
    st.builds(
        lambda price, rate, behavior: a_line(str(price), tax_rate=rate, tax_behavior=behavior),
        st.decimals(-(10**6), 10**6, places=2),
        RATES,
        BEHAVIORS,
    ),
    max_size=4,
)


@given(lines=LINES, carried=CARRIED)
def test_no_invoice_is_negative_and_no_credit_is_lost(lines: list, carried: list) -> None:
    taken, left = carrying.fit(lines, carried, EUR)

    before = line_rules.total_minor([*lines, *carried], EUR)
    assert line_rules.total_minor([*taken, *left], EUR) == before
    assert line_rules.gross(taken, EUR) >= 0
    assert all(line_rules.amount_minor(line, EUR) < 0 for line in left)


@given(carried=CARRIED)
def test_a_credit_is_used_up_by_invoices_that_are_large_enough(carried: list) -> None:
    amounts = [line_rules.amount_minor(line, EUR) for line in carried]
    owed = -sum(amount for amount in amounts if amount < 0)
    plan = a_line(str(Decimal(owed).scaleb(-2) * 3 + 1), tax_rate=Decimal(0))

    _, left = carrying.fit([plan], carried, EUR)

    assert left == []

"""Money: exact, symmetric around zero, and nothing lost when it is split."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel import money
from shared.kernel.money import TooManyDecimals, UnknownCurrency

MINOR = st.integers(-(10**18), 10**18)
CURRENCY = st.sampled_from(["EUR", "JPY", "KWD", "USD", "TND", "KRW"])
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**12), max_value=10**12)


@pytest.mark.parametrize(
    "currency, decimals", [("EUR", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("TND", 3), ("CLF", 4)]
)
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, decimals: int) -> None:
    assert money.exponent(currency) == decimals


@pytest.mark.parametrize("currency", ["eur", "Eur", "EURO", "XXX", "XAU", "ZZZ", "", "E", "€", "840"])
def test_what_is_no_currency_is_refused_by_name(currency: str) -> None:
    with pytest.raises(UnknownCurrency) as caught:
        money.exponent(currency)

    assert caught.value.errors[0].pointer == "/currency"


@pytest.mark.parametrize(
    "value, decimals, expected",
    [
        ("0.5", 0, "1"),
        ("-0.5", 0, "-1"),
        ("1.5", 0, "2"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("0.4999999999999999999999999999", 0, "0"),
        ("1.005", 2, "1.01"),
        ("-1.005", 2, "-1.01"),
        ("2.6755", 3, "2.676"),
        ("99999999999999999999999.995", 2, "100000000000000000000000.00"),
    ],
)
def test_a_tie_is_rounded_away_from_zero(value: str, decimals: int, expected: str) -> None:
    assert str(money.round_half_up(Decimal(value), decimals)) == expected


@given(DECIMALS, st.integers(0, 6))
def test_a_credit_is_rounded_as_the_mirror_of_its_invoice(value: Decimal, decimals: int) -> None:
    assert money.round_half_up(-value, decimals) == -money.round_half_up(value, decimals)


@given(DECIMALS, st.integers(0, 6))
def test_rounding_moves_a_value_by_half_a_step_at_most(value: Decimal, decimals: int) -> None:
    step = Decimal(1).scaleb(-decimals)

    assert abs(money.round_half_up(value, decimals) - value) <= step / 2


@pytest.mark.parametrize(
    "amount, currency, minor",
    [
        ("339", "EUR", 33900),
        ("339.00", "EUR", 33900),
        ("0.01", "EUR", 1),
        ("-0.01", "EUR", -1),
        ("1.10000", "EUR", 110),
        ("1E+2", "EUR", 10000),
        ("1500", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("12345678901234567890.12", "EUR", 1234567890123456789012),
    ],
)
def test_an_amount_becomes_minor_units_exactly(amount: str, currency: str, minor: int) -> None:
    assert money.to_minor(Decimal(amount), currency) == minor


@pytest.mark.parametrize(
    "amount, currency", [("0.001", "EUR"), ("0.5", "JPY"), ("1.2345", "KWD"), ("1E-20", "EUR")]
)
def test_an_amount_with_too_many_decimals_is_refused_by_name(amount: str, currency: str) -> None:
    with pytest.raises(TooManyDecimals) as caught:
        money.to_minor(Decimal(amount), currency, "lines.0.amount")

    assert caught.value.errors[0].pointer == "/lines/0/amount"


@given(MINOR, CURRENCY)
def test_minor_units_survive_the_way_to_major_units_and_back(minor: int, currency: str) -> None:
    assert money.to_minor(money.to_major(minor, currency), currency) == minor


@given(MINOR, CURRENCY)
def test_an_amount_in_major_units_has_the_decimals_of_its_currency(minor: int, currency: str) -> None:
    exponent = money.to_major(minor, currency).as_tuple().exponent

    assert exponent == -money.exponent(currency)


@given(MINOR, WEIGHTS)
def test_the_parts_sum_to_the_whole(total: int, weights: list[int]) -> None:
    assert sum(money.allocate(total, weights)) == total


@given(MINOR, WEIGHTS)
def test_a_part_is_within_one_of_its_exact_share(total: int, weights: list[int]) -> None:
    whole = sum(weights)

    for part, weight in zip(money.allocate(total, weights), weights, strict=True):
        assert abs(part * whole - total * weight) < whole


@given(MINOR, WEIGHTS)
def test_a_negative_total_is_split_as_the_mirror_of_the_positive_one(total: int, weights: list[int]) -> None:
    assert money.allocate(-total, weights) == [-part for part in money.allocate(total, weights)]


@given(st.integers(0, 10**12), WEIGHTS)
def test_a_greater_weight_never_gets_less(total: int, weights: list[int]) -> None:
    pairs = sorted(zip(weights, money.allocate(total, weights), strict=True))

    for (lighter, less), (heavier, more) in pairwise(pairs):
        assert lighter == heavier or less <= more


@pytest.mark.parametrize(
    "total, weights, expected",
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (5, [3, 7], [2, 3]),
        (1, [0, 1], [0, 1]),
        (0, [1, 2], [0, 0]),
        (7, [5], [7]),
    ],
)
def test_the_largest_remainder_gets_the_cent_that_is_left(
    total: int, weights: list[int], expected: list[int]
) -> None:
    assert money.allocate(total, weights) == expected


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [3, -5]])
def test_weights_that_do_not_sum_to_more_than_zero_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        money.allocate(100, weights)


@pytest.mark.parametrize("weights", [[2, -1], [-1, 5, 1]])
def test_a_negative_weight_is_refused_even_where_the_sum_is_positive(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        money.allocate(100, weights)

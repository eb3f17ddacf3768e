"""What prices make of quantities: the vectors, and what holds for every price."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.subscription_renewal.prices.api.bodies import PriceFields, price_of
from services.subscription_renewal.prices.domain import rating
from services.subscription_renewal.prices.domain.price import (
    Flat,
    Graduated,
    Package,
    Percentage,
    PerUnit,
    Price,
    Stairstep,
    Tier,
    TiersMustAscend,
    Volume,
    require_consistent,
)
from services.subscription_renewal.prices.domain.rating import AmountTooLarge, Used
from shared.kernel.errors import Invalid
from shared.kernel.money import to_major
from shared.kernel.pricing import Arithmetic, Rounding
from tests.unit.subscription_renewal.vectors import vectors_with

EUR = Arithmetic("EUR")
PRICED = vectors_with("price", "quantity", "currency", "share")
DIFFERENT = vectors_with("price", "billed_quantity", "quantity")
FIELDS: TypeAdapter[Any] = TypeAdapter(PriceFields)


def a_price(fields: dict[str, Any]) -> Price:
    """The price that the API makes of these fields."""
    return price_of(FIELDS.validate_python(fields), "")


def plain(value: Decimal) -> str:
    """The number without needless zeros."""
    return format(value.normalize(), "f")


def named(row: rating.Row) -> str:
    """As the vectors name rows."""
    if row.tier is None:
        return row.kind
    return f"tier {row.tier} flat" if row.kind == "flat" else f"tier {row.tier}"


@pytest.mark.parametrize("name", PRICED)
def test_a_price_makes_the_rows_of_its_vector(name: str) -> None:
    asked, expected = PRICED[name]["input"], PRICED[name]["expect"]
    used = Used(Decimal(asked["quantity"]), asked.get("events", 0))

    rows = rating.rate(a_price(asked["price"]), used, Arithmetic(asked["currency"]), Fraction(asked["share"]))

    found = [[named(row), plain(row.quantity), plain(row.unit_price), row.amount_minor] for row in rows]
    assert found == expected["rows"]
    assert rating.total_minor(rows) == expected["amount_minor"]


@pytest.mark.parametrize("name", DIFFERENT)
def test_the_whole_less_what_was_billed_is_the_difference_of_its_vector(name: str) -> None:
    asked, price = DIFFERENT[name]["input"], a_price(DIFFERENT[name]["input"]["price"])
    before, now = (
        rating.total_minor(rating.rate(price, Used(Decimal(asked[quantity])), EUR))
        for quantity in ("billed_quantity", "quantity")
    )

    assert now - before == DIFFERENT[name]["expect"]["difference_minor"]


def test_usage_is_split_at_the_instant_of_a_change() -> None:
    (vector,) = vectors_with("old", "new", "change").values()
    asked, expected = vector["input"], vector["expect"]
    old_share = Fraction(asked["change"])

    def bill(side: str, share: Fraction) -> int:
        price = PerUnit(
            unit_price=Decimal(asked[side]["unit_price"]), included=Decimal(asked[side]["included"])
        )
        return rating.total_minor(rating.rate(price, Used(Decimal(asked[side]["used"])), EUR, share))

    assert bill("old", old_share) == expected["old_usage_minor"]
    assert bill("new", 1 - old_share) == expected["new_usage_minor"]


def test_there_are_as_many_vectors_as_the_design_has() -> None:
    assert (len(PRICED), len(DIFFERENT)) == (38, 6)


QUANTITIES = st.decimals(0, 10**6, places=3)
AMOUNTS = st.decimals(0, 10**4, places=4)
SHARES = st.tuples(st.integers(1, 400), st.integers(0, 400)).map(lambda n: Fraction(n[0], n[0] + n[1]))


@st.composite
def prices(draw: st.DrawFn) -> Price:
    """Any price whose numbers agree."""
    bounds = sorted(draw(st.sets(st.decimals("0.001", 10**5, places=3), max_size=4)))
    tiers = tuple(
        Tier(up_to=bound, unit_price=draw(AMOUNTS), flat=draw(AMOUNTS)) for bound in [*bounds, None]
    )
    return draw(
        st.one_of(
            st.builds(PerUnit, unit_price=AMOUNTS, included=QUANTITIES),
            st.builds(Package, package_size=st.decimals("0.5", 10**4, places=1), package_price=AMOUNTS),
            *(st.builds(model, tiers=st.just(tiers)) for model in (Graduated, Volume, Stairstep)),
            st.builds(Percentage, percent=st.decimals(0, 100, places=3), fixed_per_event=AMOUNTS),
            st.builds(Flat, amount=AMOUNTS),
        )
    )


@given(prices(), QUANTITIES, SHARES)
def test_each_row_is_its_quantity_times_its_price_and_tiers_take_all_of_it(
    price: Price, quantity: Decimal, share: Fraction
) -> None:
    rows = rating.rate(price, Used(quantity, 3), EUR, share)

    for row in rows:
        assert row.amount_minor == EUR.line_minor(row.quantity, row.unit_price)
    if isinstance(price, Graduated | Volume | PerUnit):
        assert sum(row.quantity for row in rows if row.kind in ("units", "included")) == quantity


@given(
    st.builds(Graduated, tiers=prices().filter(lambda p: isinstance(p, Graduated)).map(lambda p: p.tiers)),
    QUANTITIES,
    QUANTITIES,
)  # type: ignore[union-attr]
def test_more_units_never_cost_less_where_each_has_its_own_price(
    price: Graduated, one: Decimal, other: Decimal
) -> None:
    less, more = sorted((one, other))

    assert rating.total_minor(rating.rate(price, Used(less), EUR)) <= rating.total_minor(
        rating.rate(price, Used(more), EUR)
    )


@given(prices(), QUANTITIES, AMOUNTS, AMOUNTS)
def test_a_charge_lies_between_its_minimum_and_its_maximum(
    price: Price, quantity: Decimal, one: Decimal, other: Decimal
) -> None:
    least, most = sorted((one, other))
    bounded = type(price)(
        **{name: getattr(price, name) for name in type(price).__dataclass_fields__}
        | {"minimum": least, "maximum": most}
    )

    total = rating.total_minor(rating.rate(bounded, Used(quantity), EUR))

    assert EUR.line_minor(Decimal(1), least) <= total <= EUR.line_minor(Decimal(1), most)


@pytest.mark.parametrize("mode, expected", [("half_up", 1), ("half_even", 0)])
def test_rows_round_as_the_business_does(mode: Any, expected: int) -> None:
    arithmetic = Arithmetic("EUR", Rounding(mode=mode))

    rows = rating.rate(PerUnit(unit_price=Decimal("0.005")), Used(Decimal(1)), arithmetic)

    assert rating.total_minor(rows) == expected


def test_a_price_that_is_not_prorated_stays_whole() -> None:
    price = Flat(amount=Decimal("49.00"), is_prorated=False)

    (row,) = rating.rate(price, Used(Decimal(0)), EUR, Fraction(1, 3))

    assert (row.amount_minor, row.unit_price) == (4900, to_major(4900, "EUR"))


@pytest.mark.parametrize(
    "bounds, place",
    [
        (["10", "10", None], "1"),
        (["10", "5", None], "1"),
        (["10", None, None], "1"),
        ([None, "10"], "0"),
        (["10"], "0"),
        (["10", "20"], "1"),
    ],
)
def test_tiers_ascend_and_the_last_alone_is_open(bounds: list[str | None], place: str) -> None:
    tiers = tuple(Tier(up_to=None if bound is None else Decimal(bound)) for bound in bounds)

    with pytest.raises(TiersMustAscend) as refused:
        require_consistent(Volume(tiers=tiers), "price.")

    assert refused.value.errors[0].pointer == f"/price/tiers/{place}/up_to"


def test_a_minimum_above_the_maximum_is_refused() -> None:
    price = PerUnit(unit_price=Decimal(1), minimum=Decimal(2), maximum=Decimal(1))

    with pytest.raises(Invalid) as refused:
        require_consistent(price)

    assert refused.value.errors[0].pointer == "/minimum"


def test_an_amount_that_the_platform_cannot_hold_is_refused() -> None:
    with pytest.raises(AmountTooLarge):
        rating.rate(PerUnit(unit_price=Decimal(10**12)), Used(Decimal(10**12)), EUR)

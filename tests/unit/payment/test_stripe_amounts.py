"""Amounts at Stripe, over every currency of ISO 4217, against Stripe's page "Supported currencies"."""

import iso4217
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payment.providers.provider import Amount, AmountRefused, CurrencyRefused
from services.payment.providers.stripe_amounts import CURRENCIES, from_stripe, in_our_units, to_stripe
from shared.kernel.money import UnknownCurrency, exponent

# As published: charged without decimals, in units of one.
ZERO_DECIMAL = set("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split())
# The page's special cases: sent with two decimals that are always 00.
SENT_WITH_00 = {"ISK", "UGX"}
# Of these the last digit must be 0.
THREE_DECIMAL = set("BHD JOD KWD OMR TND".split())


def usual(code: str) -> bool:
    try:
        return exponent(code) >= 0
    except UnknownCurrency:
        return False


ISO = sorted(one.code for one in iso4217.Currency if usual(one.code))


@pytest.mark.parametrize("code", ISO)
def test_thousand_units_are_what_stripe_calls_thousand_units(code: str) -> None:
    thousand = Amount(1_000 * 10 ** exponent(code), code)
    if code not in CURRENCIES:
        with pytest.raises(CurrencyRefused) as refused:
            to_stripe(thousand)
        assert refused.value.errors[0].pointer == "/currency"
        return

    sent = to_stripe(thousand)

    if code in SENT_WITH_00:
        assert sent == 100_000
    elif code in ZERO_DECIMAL:
        assert sent == 1_000
    else:
        assert sent == (1_000_000 if code in THREE_DECIMAL else 100_000)
    assert from_stripe(sent, code) == thousand.minor
    assert from_stripe(sent, code.lower()) == thousand.minor


def test_every_special_currency_of_the_page_is_taken() -> None:
    assert ZERO_DECIMAL | SENT_WITH_00 | THREE_DECIMAL | {"HUF", "TWD", "EUR", "USD", "GBP"} <= CURRENCIES
    assert not CURRENCIES & {"CLF", "UYW", "UYI", "IQD", "LYD", "KPW", "CUP", "IRR", "XAU", "BTC"}
    assert len(CURRENCIES) > 130


@pytest.mark.parametrize(
    ("amount", "sent"),
    [
        (Amount(5_000, "UGX"), 500_000),
        (Amount(5_000, "ISK"), 500_000),
        (Amount(500_000, "MGA"), 5_000),
        (Amount(500, "JPY"), 500),
        (Amount(1_045, "HUF"), 1_045),
        (Amount(80_045, "TWD"), 80_045),
        (Amount(5_120, "KWD"), 5_120),
        (Amount(33_900, "EUR"), 33_900),
    ],
)
def test_what_people_were_bitten_by_is_sent_right(amount: Amount, sent: int) -> None:
    assert to_stripe(amount) == sent


@pytest.mark.parametrize("amount", [Amount(1_234, "KWD"), Amount(1, "BHD"), Amount(5_001, "MGA")])
def test_what_stripe_cannot_express_is_refused_and_never_rounded(amount: Amount) -> None:
    with pytest.raises(AmountRefused) as refused:
        to_stripe(amount)

    assert refused.value.errors[0].pointer == "/amount_minor"
    assert refused.value.code == "amount_not_supported"
    assert amount.currency in refused.value.detail


@given(st.integers(1, 10**12), st.sampled_from(sorted(CURRENCIES & set(ISO))))
def test_an_amount_comes_back_as_it_was_or_is_refused(minor: int, code: str) -> None:
    try:
        sent = to_stripe(Amount(minor, code))
    except AmountRefused:
        assert minor % (10 if code in THREE_DECIMAL else 100)
        return
    assert from_stripe(sent, code) == minor


@pytest.mark.parametrize("sent", [150, 99])
def test_a_part_of_what_has_no_parts_is_unreadable(sent: int) -> None:
    with pytest.raises(ValueError, match="ISK"):
        from_stripe(sent, "ISK")


def test_all_amounts_of_an_answer_are_in_our_units() -> None:
    intent = {"amount": 500_000, "amount_received": 500_000, "currency": "ugx", "last_payment_error": None}
    session = {"amount_total": 5_000, "currency": "mga", "payment_intent": {**intent, "metadata": {}}}

    ours = in_our_units({"data": [session, {"amount": 1_000, "currency": "eur"}], "has_more": False})

    assert [one.get("amount_total", one.get("amount")) for one in ours["data"]] == [500_000, 1_000]
    assert ours["data"][0]["payment_intent"]["amount_received"] == 5_000
    assert session["amount_total"] == 5_000


@pytest.mark.parametrize("code", sorted(CURRENCIES - set(ISO)))
def test_an_answer_in_a_currency_of_yesterday_can_be_read(code: str) -> None:
    told = {"id": "ch_1", "amount": 1_000, "currency": code.lower()}

    assert in_our_units({"data": [told]}) == {"data": [told]}

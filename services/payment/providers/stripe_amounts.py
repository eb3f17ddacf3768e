"""Amounts as Stripe counts them: its minor units are not those of ISO 4217 for every currency.

Source: Stripe's page "Supported currencies" (docs.stripe.com/currencies): presentment currencies,
zero-decimal currencies, three-decimal currencies, special cases. What it does not list is not sent.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from services.payment.providers.provider import Amount, AmountRefused, CurrencyRefused
from shared.kernel.money import UnknownCurrency, exponent

CURRENCIES = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF
    CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
    MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB
    RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND
    VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW""".split()
)
"""What a charge may be made in; which of them an account takes depends on its country."""
# "Zero-decimal currencies", and the special cases ISK and UGX, which are sent with two decimals that are 00.
# HUF and TWD are special in payouts alone: they are charged with two decimals.
_ZERO_DECIMAL = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
_ALWAYS_00 = frozenset("ISK UGX".split())
_THREE_DECIMAL = frozenset("BHD JOD KWD OMR TND".split())
# Three decimals are sent, "the least-significant (last) digit" being 0.
_MULTIPLES: Mapping[str, int] = MappingProxyType(
    {**dict.fromkeys(_ALWAYS_00, 100), **dict.fromkeys(_THREE_DECIMAL, 10)}
)
_AMOUNTS = ("amount", "amount_received", "amount_total", "amount_refunded", "amount_captured")


def decimals(currency: str) -> int:
    """With how many decimals Stripe counts this currency."""
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


def to_stripe(amount: Amount) -> int:
    """The amount as Stripe counts it; raises CurrencyRefused, or AmountRefused rather than round."""
    if amount.currency not in CURRENCIES:
        raise CurrencyRefused(f"Stripe takes no {amount.currency}.", field="currency")
    shift = decimals(amount.currency) - exponent(amount.currency)
    sent, rest = _shifted(amount.minor, shift)
    if rest or sent % _MULTIPLES.get(amount.currency, 1):
        raise AmountRefused(
            f"Stripe cannot take {amount.minor} minor units of {amount.currency}: the last digits must be 0.",
            field="amount_minor",
        )
    return sent


def from_stripe(counted: int, currency: str) -> int:
    """What Stripe counts, in minor units of ISO 4217; raises ValueError for a part of one."""
    code = currency.upper()
    shift = exponent(code) - decimals(code)
    minor, rest = _shifted(counted, shift)
    if rest:
        raise ValueError(f"{counted} is no amount of {code}")
    return minor


def _shifted(units: int, places: int) -> tuple[int, int]:
    """So many units by another number of decimals, and what is left of them."""
    more, fewer = 10 ** max(places, 0), 10 ** max(-places, 0)
    return divmod(units * int(more), int(fewer))


def in_our_units(answer: Any) -> Any:
    """An answer of Stripe's with every amount, however deep, in minor units of ISO 4217.

    A currency that ISO 4217 has no more stays as it is counted: nothing of ours can be in it.
    """
    if isinstance(answer, list):
        return [in_our_units(one) for one in answer]
    if not isinstance(answer, Mapping):
        return answer
    plain = {name: in_our_units(value) for name, value in answer.items()}
    currency = answer.get("currency")
    if isinstance(currency, str) and _is_ours(currency.upper()):
        for name in _AMOUNTS:
            if isinstance(plain.get(name), int):
                plain[name] = from_stripe(plain[name], currency)
    return plain


def _is_ours(currency: str) -> bool:
    try:
        return currency in CURRENCIES and exponent(currency) >= 0
    except UnknownCurrency:
        return False

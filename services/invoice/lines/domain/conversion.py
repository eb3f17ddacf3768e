"""A document's tax in the currency of the seller's accounts, at a rate that the caller gives.

Directive 2006/112/EC art. 230: whatever currency an invoice has, the VAT on it is told in the national one,
at the rate of art. 91. EN 16931 has BT-6 for that currency and BT-111 for the amount.
"""

from decimal import Decimal

from services.invoice.lines.domain.totals import MAX_MINOR, AmountTooLarge
from shared.events.invoice import TaxConversion
from shared.kernel import money
from shared.kernel.errors import Invalid
from shared.kernel.money import UnknownCurrency
from shared.kernel.pricing import Rounding

FIELD = "tax_conversion"


def require_currency(conversion: TaxConversion) -> None:
    """Raise UnknownCurrency naming the field of the conversion."""
    try:
        money.exponent(conversion.currency)
    except UnknownCurrency as error:
        raise UnknownCurrency(field=f"{FIELD}.currency") from error


def convert(
    conversion: TaxConversion | None, currency: str, tax_minor: int, rounding: Rounding
) -> TaxConversion | None:
    """The conversion of this tax, in minor units of `currency`, rounded once as the business rounds.

    Raises Invalid where both currencies are the same (PEPPOL-EN16931-R005), AmountTooLarge.
    """
    return convert_part(conversion, currency, 0, tax_minor, rounding)


def convert_part(
    conversion: TaxConversion | None, currency: str, before_minor: int, own_minor: int, rounding: Rounding
) -> TaxConversion | None:
    """The conversion of this part of a tax, of which `before_minor` was converted already.

    It is what the whole so far comes to, less what was before: all parts together are the conversion of all.
    """
    if conversion is None:
        return None
    if conversion.currency == currency:
        raise Invalid("That is the document's own currency.", field=f"{FIELD}.currency")
    before, after = (
        _convert(conversion, currency, tax_minor, rounding)
        for tax_minor in (before_minor, before_minor + own_minor)
    )
    if abs(after) > MAX_MINOR:
        raise AmountTooLarge(field=f"{FIELD}.exchange_rate")
    return conversion.model_copy(update={"tax_minor": after - before})


def _convert(conversion: TaxConversion, currency: str, tax_minor: int, rounding: Rounding) -> int:
    exact: Decimal = money.EXACT.multiply(money.to_major(tax_minor, currency), conversion.exchange_rate)
    return rounding.whole(exact.scaleb(money.exponent(conversion.currency), context=money.EXACT))

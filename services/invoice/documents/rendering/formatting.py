"""Amounts, quantities and dates as a reader of the language expects them; exact, never through a float."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import Locale, dates, numbers

from shared.kernel import money

# English documents are read in Europe: day before month. Danish and the others have one usual form each.
_LOCALES = {
    "en": "en_GB",
    "fr": "fr_FR",
    "nl": "nl_NL",
    "nb": "nb_NO",
    "sv": "sv_SE",
    "da": "da_DK",
    "de": "de_DE",
}
# Signs that mean one currency wherever they are read: "kr" is three currencies and "$" many.
_SIGNS = {"EUR": "€", "GBP": "£"}
_GAP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Formatter:
    """Writes values in one language."""

    language: str

    @property
    def locale(self) -> Locale:
        """Babel's locale for it."""
        return Locale.parse(_LOCALES[self.language])

    def amount(self, amount_minor: int, currency: str) -> str:
        """An amount with the currency's decimals, without its sign, for columns that name it above."""
        pattern = f"#,##0{_decimals(money.exponent(currency), 0)}"
        return _with_figure_signs(
            numbers.format_decimal(money.to_major(amount_minor, currency), pattern, self.locale)
        )

    def money(self, amount_minor: int, currency: str) -> str:
        """An amount with its currency: a sign where that is clear, else the ISO 4217 code."""
        text = self.amount(abs(amount_minor), currency)
        minus = "−" if amount_minor < 0 else ""
        sign = _SIGNS.get(currency)
        if sign is None:
            return f"{minus}{text}{_GAP}{currency}"
        before = {"en": sign, "nl": f"{sign}{_GAP}"}.get(self.language)
        return f"{minus}{text}{_GAP}{sign}" if before is None else f"{minus}{before}{text}"

    def price(self, price: Decimal, currency: str) -> str:
        """A unit price with at least the currency's decimals, and as many as it has."""
        pattern = f"#,##0{_decimals(money.exponent(currency), 12)}"
        return _with_figure_signs(
            numbers.format_decimal(price, pattern, self.locale, decimal_quantization=False)
        )

    def quantity(self, quantity: Decimal) -> str:
        """A quantity without needless zeros."""
        return _with_figure_signs(
            numbers.format_decimal(quantity, "#,##0.############", self.locale, decimal_quantization=False)
        )

    def percent(self, rate: Decimal) -> str:
        """A rate in percent: `25,5 %`."""
        gap = "" if self.language in ("en", "nl") else _GAP
        return f"{self.quantity(rate)}{gap}%"

    def short_date(self, day: date) -> str:
        """A date with its month in few letters."""
        return str(dates.format_date(day, f"{self._day} MMM y", locale=self.locale))

    def period(self, first: date | None, last: date | None) -> str:
        """The days from the first to the last one; empty where there is none."""
        if first is None or last is None:
            return ""
        return (
            self.short_date(first) if first == last else f"{self.short_date(first)} – {self.short_date(last)}"
        )

    def date(self, day: date) -> str:
        """A date with its month in words, so that nobody takes 04/03 for the wrong one."""
        return str(dates.format_date(day, f"{self._day} MMMM y", locale=self.locale))

    @property
    def _day(self) -> str:
        # A day of the month is an ordinal number in German, which a dot says.
        return "d." if self.language == "de" else "d"


def _decimals(least: int, most: int) -> str:
    digits = "0" * least + "#" * max(0, most - least)
    return f".{digits}" if digits else ""


def _with_figure_signs(text: str) -> str:
    # A hyphen is too short for a minus beside figures, and narrow no-break spaces are missing in some fonts.
    return str(text).replace("-", "−").replace("\u202f", _GAP)

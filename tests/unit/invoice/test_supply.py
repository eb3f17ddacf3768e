"""When documents say that they were supplied, and their tax in the currency of the seller's accounts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.lines.domain import conversion, supply, totals
from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain.line import Line, LineEdit
from shared.events.invoice import TaxConversion
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.pricing import Rounding
from tests.unit.invoice.book import Book
from tests.unit.invoice.builders import NOW, a_draft, an_invoice
from tests.unit.invoice.papers import a_buyer, a_seller

D = Decimal
FIRST, DAY, LAST = date(2026, 11, 1), date(2026, 11, 7), date(2026, 11, 30)
ISSUED = date(2026, 12, 1)
IN_EUR = TaxConversion(currency="EUR", exchange_rate=D("0.92"), exchange_rate_source="ECB")
HALF_UP = Rounding()
REASONS = ["KOR", "Education", "KOR"]


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (None, None, None),
        (FIRST, FIRST, None),
        (FIRST, LAST, None),
        (FIRST, None, "/supply_end"),
        (None, LAST, "/supply_start"),
        (LAST, FIRST, "/supply_end"),
    ],
)
def test_a_period_has_a_first_and_a_last_day_in_this_order(
    start: date | None, end: date | None, field: str | None
) -> None:
    assert _refused(lambda: supply.require_period(start, end)) == field
    assert _refused(lambda: _line(supply_start=start, supply_end=end)) == (field and f"/lines/0{field}")


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (FIRST, LAST, None),
        (DAY, DAY, None),
        (None, None, None),
        (date(2026, 10, 31), DAY, "/lines/1/supply_start"),
        (DAY, ISSUED, "/lines/1/supply_end"),
    ],
)
def test_a_lines_period_lies_within_the_documents(
    start: date | None, end: date | None, field: str | None
) -> None:
    lines = [_line(), _line(supply_start=start, supply_end=end)]

    assert _refused(lambda: supply.require_within(FIRST, LAST, lines)) == field
    assert _refused(lambda: supply.require_within(None, None, lines)) is None


WITHIN_GERMANY = {"seller": "DE", "buyer": "DE"}
IN_A_PERIOD = {"supply_start": DAY, "supply_end": LAST}


@pytest.mark.parametrize(
    ("given", "lines", "told"),
    [
        ({}, [{}], (None, None, None)),
        ({"seller": "DE"}, [{}], (None, None, None)),
        (WITHIN_GERMANY, [{}], (ISSUED, None, None)),
        ({}, [{}, {"tax_rate": D(0), "tax_category": "K"}], (ISSUED, None, None)),
        (WITHIN_GERMANY | {"supply_date": DAY}, [{}], (DAY, None, None)),
        (WITHIN_GERMANY | {"supply_start": FIRST, "supply_end": LAST}, [{}], (None, FIRST, LAST)),
        ({}, [IN_A_PERIOD, {"supply_start": FIRST, "supply_end": DAY}], (None, FIRST, LAST)),
        (WITHIN_GERMANY, [IN_A_PERIOD, {}], (ISSUED, None, None)),
        ({}, [IN_A_PERIOD, {}], (None, None, None)),
        ({"supply_date": FIRST}, [IN_A_PERIOD], (FIRST, None, None)),
    ],
)
def test_what_was_left_open_is_told_at_issue_where_it_must_be(
    given: dict[str, Any], lines: list[dict[str, Any]], told: tuple[date | None, ...]
) -> None:
    dates = {name: value for name, value in given.items() if name.startswith("supply")}
    invoice = a_draft(*(_line(**fields) for fields in lines), issue_date=ISSUED, **dates)
    seller = a_seller(given.get("seller", "NL"))

    issued = invoice_rules.issue(invoice, a_buyer(given.get("buyer", "BE")), seller, "1", NOW)

    assert (issued.supply_date, issued.supply_start, issued.supply_end) == told
    assert invoice_rules.issue(invoice, a_buyer(), None, "1", NOW).number == "1"


def test_a_renewals_period_covers_the_prorations_that_it_bills() -> None:
    earlier = _line(supply_start=date(2026, 10, 20), supply_end=date(2026, 10, 31))

    assert supply.cover([_line(), earlier], (FIRST, LAST)) == (date(2026, 10, 20), LAST)
    assert supply.cover([], (FIRST, LAST)) == (FIRST, LAST)


def test_a_subscriptions_days_are_those_of_its_own_zone() -> None:
    start, end = datetime(2026, 11, 1, 7, tzinfo=UTC), datetime(2026, 12, 1, 8, tzinfo=UTC)

    assert supply.days_of(start, end, ZoneInfo("America/Los_Angeles")) == (FIRST, LAST)
    assert supply.days_of(start, end, ZoneInfo("Europe/Amsterdam")) == (FIRST, ISSUED)
    assert supply.days_of(start, start, ZoneInfo("UTC")) == (FIRST, FIRST)


@pytest.mark.parametrize(
    ("tax_minor", "rate", "to", "mode", "converted"),
    [
        (2100, "0.92", "EUR", "half_up", 1932),
        (2100, "1", "EUR", "half_up", 2100),
        (-2100, "0.92", "EUR", "half_up", -1932),
        (0, "0.92", "EUR", "half_up", 0),
        (1, "0.5", "EUR", "half_up", 1),
        (1, "0.5", "EUR", "half_even", 0),
        (3, "0.5", "EUR", "half_even", 2),
        (2100, "155.123456789012", "JPY", "half_up", 3258),
        (2100, "0.307", "KWD", "half_up", 6447),
        (10**15, "0.000000000001", "EUR", "half_up", 1000),
    ],
)
def test_tax_is_converted_exactly_and_rounded_once(
    tax_minor: int, rate: str, to: str, mode: Any, converted: int
) -> None:
    given = IN_EUR.model_copy(update={"currency": to, "exchange_rate": D(rate)})

    found = conversion.convert(given, "USD", tax_minor, Rounding(mode=mode))

    assert found is not None
    assert found.tax_minor == converted


def test_a_conversion_into_the_same_an_unknown_or_too_small_a_currency_is_refused() -> None:
    huge = IN_EUR.model_copy(update={"exchange_rate": D(10**9)})

    assert _refused(lambda: conversion.convert(IN_EUR, "EUR", 1, HALF_UP)) == "/tax_conversion/currency"
    assert (
        _refused(lambda: conversion.require_currency(IN_EUR.model_copy(update={"currency": "XYZ"})))
        == "/tax_conversion/currency"
    )
    assert (
        _refused(lambda: conversion.convert(huge, "USD", 10**14, HALF_UP)) == "/tax_conversion/exchange_rate"
    )
    assert conversion.convert(None, "EUR", 1, HALF_UP) is None


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=8),
    st.decimals("0.0001", 20, places=4),
    st.sampled_from(["half_up", "half_even"]),
)
def test_credit_notes_together_convert_what_the_invoice_does(parts: list[int], rate: D, mode: Any) -> None:
    rounding = Rounding(mode=mode)
    given_rate = IN_EUR.model_copy(update={"exchange_rate": rate})
    line = line_rules.new_line(new_id(), LineEdit(**_FIELDS, quantity=D(sum(parts))), None, "lines.0")
    invoice = an_invoice(line, currency="USD", rounding=rounding)
    whole = conversion.convert(given_rate, "USD", invoice.tax_minor, rounding)
    book = Book(replace(invoice, tax_conversion=whole, supply_date=DAY))

    for part in parts:
        book.credit([{"invoice_line_id": line.id, "quantity": D(part)}])

    told = [note.tax_conversion.tax_minor for note in book.notes if note.tax_conversion]
    assert whole is not None
    assert sum(told) == whole.tax_minor
    # Both amounts have the same sign (PEPPOL-EN16931-R054).
    assert all(minor >= 0 and note.tax_minor >= 0 for minor, note in zip(told, book.notes, strict=True))
    assert {note.supply_date for note in book.notes} == {DAY}


def test_one_group_of_tax_tells_every_reason_of_its_lines_once() -> None:
    exempt = [_line(tax_rate=D(0), tax_category="E", tax_exemption_reason=reason) for reason in REASONS]
    reverse = _line(tax_rate=D(0), tax_category="AE")

    found = totals.break_down([*exempt, reverse, _line()])

    assert [(group.tax_category, group.tax_exemption_reason) for group in found] == [
        (None, None),
        ("AE", "Reverse charge"),
        ("E", "KOR; Education"),
    ]


_FIELDS: dict[str, Any] = {"description": "Work", "unit_price": D("0.37"), "tax_rate": D(21)}


def _line(**fields: Any) -> Line:
    return line_rules.new_line(new_id(), LineEdit(**_FIELDS | fields), None, "lines.0")


def _refused(action: Callable[[], object]) -> str | None:
    try:
        action()
    except Invalid as error:
        return error.errors[0].pointer
    return None

"""Formats of numbers: which could write the same, and what they have written."""

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoice.numbers import domain as numbering
from services.invoice.numbers.domain import Format, NumberNotFree
from shared.kernel.errors import Invalid

PIECES = st.sampled_from(["A", "B-", "20", "2026", "0", "1", ".", "{year}", "{year:5}"])
FORMATS = st.builds(
    lambda before, width, after: Format("s", "".join([*before, f"{{seq{width}}}", *after])),
    st.lists(PIECES, max_size=3),
    st.sampled_from(["", ":1", ":2", ":3", ":5"]),
    st.lists(PIECES, max_size=2),
)
SEQUENCES = st.integers(1, 9_999_999)
DATES = st.dates(date(1900, 1, 1), date(2200, 1, 1))


@pytest.mark.parametrize(
    "one, other, expected",
    [
        ("INV-{year}-{seq:5}", "CN-{year}-{seq:5}", False),
        ("INV-{year}-{seq:5}", "INV-2026-{seq:5}", True),
        ("INV-{year}-{seq:5}", "INV-{seq:4}", False),
        ("INV{seq:3}", "INV{seq:4}", True),
        ("INV1{seq:3}", "INV{seq:4}", True),
        ("A{seq}", "A0{seq}", False),
        ("A{seq}", "A0{seq:2}", False),
        ("A{seq:2}", "A0{seq}", True),
        ("{year}{seq}", "{seq}", True),
        ("{year}-{seq}", "{seq}-{year}", True),
        ("{seq}A", "{seq}B", False),
        ("F.{seq}", "FX{seq}", False),
        ("N{year:5}{seq}", "N0{seq:4}", True),
        ("N{year:5}{seq}", "N1{seq:4}", False),
    ],
)
def test_two_formats_meet_where_both_could_write_a_number(one: str, other: str, expected: bool) -> None:
    assert Format("a", one).meets(Format("b", other)) is expected
    assert Format("b", other).meets(Format("a", one)) is expected


@given(form=FORMATS, other=FORMATS, on=DATES, sequence=SEQUENCES)
def test_formats_that_never_meet_never_write_the_same(
    form: Format, other: Format, on: date, sequence: int
) -> None:
    written = form.write(on, sequence)

    assert form.could_write(written)
    if other.could_write(written):
        assert form.meets(other)


@given(form=FORMATS, on=DATES, sequence=SEQUENCES)
def test_what_was_written_can_be_read_again(form: Format, on: date, sequence: int) -> None:
    found = re.match(form.pattern, form.write(on, sequence))

    assert found
    parts = [int(part) for part in found.groups()]
    if not form.has_year:
        assert parts == [sequence]
    elif "}{" not in form.text and "0{" not in form.text and "}0" not in form.text:
        # Digits beside each other may be cut elsewhere; the number that is read is the same all the same.
        assert form.write(date(parts[not form.is_year_first], 1, 1), parts[form.is_year_first])


@pytest.mark.parametrize(
    "given_, field",
    [
        ({"credit_notes": "INV-{year}-{seq:5}"}, "/number_formats/credit_notes"),
        ({"credit_notes": "INV-2027-{seq}"}, "/number_formats/credit_notes"),
        ({"quotes": "INV-{year}-{seq:4}"}, "/number_formats/quotes"),
        ({"invoices": "CN-{year}-{seq:5}"}, "/number_formats/invoices"),
        ({"invoices": "X{seq}", "quotes": "X{seq:3}"}, "/number_formats/invoices"),
    ],
)
def test_two_series_never_write_the_same_number(given_: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        numbering.merge_formats(numbering.DEFAULT_FORMATS, given_)

    assert refused.value.errors[0].pointer == field


@pytest.mark.parametrize("given_", [{}, {"invoices": "{seq}"}, {"quotes": "OFF{year}.{seq:3}"}])
def test_series_that_stay_apart_are_taken(given_: dict[str, Any]) -> None:
    found = numbering.merge_formats(numbering.DEFAULT_FORMATS, given_)

    assert found == numbering.DEFAULT_FORMATS | given_


def test_a_number_of_ones_own_must_not_be_a_coming_one() -> None:
    numbering.require_free("INV-2026-0042", numbering.DEFAULT_FORMATS)

    with pytest.raises(NumberNotFree):
        numbering.require_free("INV-2026-00042", numbering.DEFAULT_FORMATS)

"""JSON as generated files keep it: the same values in fewer lines, each no wider than a page."""

from decimal import Decimal
from typing import Any

import pytest
import simplejson
from hypothesis import given
from hypothesis import strategies as st

from deploy.layout import WIDTH, json_text

_PLAIN = (
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text()
)
_ANY = st.recursive(_PLAIN, lambda part: st.lists(part) | st.dictionaries(st.text(), part), max_leaves=40)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}\n"),
        ({"a": [1, 2], "b": {"c": None}}, '{"a": [1, 2], "b": {"c": null}}\n'),
        (
            {"name": "x" * 60, "note": "y" * 30, "next": "z" * 10, "parts": [{"a": 1}], "end": True},
            "{\n"
            f'  "name": "{"x" * 60}", "note": "{"y" * 30}",\n'
            f'  "next": "{"z" * 10}",\n'
            '  "parts": [{"a": 1}],\n'
            '  "end": true\n'
            "}\n",
        ),
        ({"long": "x" * 200}, '{\n  "long": "' + "x" * 200 + '"\n}\n'),
        (Decimal("339.00"), "339.00\n"),
    ],
)
def test_what_fits_shares_a_line(value: Any, text: str) -> None:
    assert json_text(value) == text


@given(_ANY)
def test_nothing_is_lost(value: Any) -> None:
    read = simplejson.loads(json_text(value), use_decimal=True)

    assert simplejson.dumps(read, use_decimal=True) == simplejson.dumps(value, use_decimal=True)


@given(st.recursive(st.integers(0, 9), lambda part: st.lists(part, max_size=60), max_leaves=200))
def test_no_line_is_wider_than_a_page_unless_one_text_is(value: Any) -> None:
    assert all(len(line) <= WIDTH for line in json_text(value).splitlines())

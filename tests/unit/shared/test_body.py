"""Bodies: no digit lost, and nothing let in that no field could hold."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http import body
from shared.kernel import text as texts
from shared.kernel.card_numbers import holds_card_number
from shared.kernel.errors import Invalid, TooLarge

CARDS = ["4111111111111111", "4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "4222222222222"]
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**14) + 1, 10**14 - 1)
    | st.text(st.characters(codec="ascii", min_codepoint=58)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc/~"), inner, max_size=4),
    max_leaves=20,
)


def _faults(text: str | bytes) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        body.parse(text.encode() if isinstance(text, str) else text)
    return {error.pointer: error.message for error in caught.value.errors}


@pytest.mark.parametrize("number", ["0.1234567890123456789", "89.50", "1e2", "-0.10", "0.3", "1E-12"])
def test_a_number_keeps_every_digit(number: str) -> None:
    value = body.parse(f'{{"x": {number}}}'.encode())["x"]

    assert isinstance(value, Decimal)
    assert str(value) == str(Decimal(number))


def test_an_integer_stays_an_integer() -> None:
    assert body.parse(b"[33900, 123456789012345678901234567890]") == [33900, 123456789012345678901234567890]


@given(JSON_VALUES)
def test_what_json_holds_is_what_one_gets(value: Any) -> None:
    assert body.parse(json.dumps(value).encode()) == value


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e-400", "1E+41"])
def test_a_number_that_no_field_could_hold_is_refused_by_its_place(number: str) -> None:
    faults = _faults(f'{{"lines": [{{"quantity": 1}}, {{"quantity": {number}}}]}}')

    assert faults == {"/lines/1/quantity": "not a finite number of a usable size"}


@pytest.mark.parametrize(
    "text", ["", "{", "nothing", '{"a": 1,}', "[1 2]", '"\\x"', "1" * 5000, "[" * 100_000, '{"a": 01}']
)
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(body.InvalidJson):
        body.parse(text.encode())


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(body.InvalidJson):
        body.parse(b'{"a": "\xff\xfe"}')


def test_a_fault_of_the_whole_body_points_at_the_whole_body() -> None:
    assert list(_faults("{")) == [""]


@pytest.mark.parametrize(
    "text, pointer",
    [
        ('{"name": "a\\u0000b"}', "/name"),
        ('{"name": "\\ud800"}', "/name"),
        ('{"a": {"b": ["x", "\\u0000"]}}', "/a/b/1"),
        ('{"a~/b": {"c": "\\u0000"}}', "/a~0~1b/c"),
        ('{"name": "bell \\u0007"}', "/name"),
        ('{"name": "line \\u000b break"}', "/name"),
        ('{"name": "\\b"}', "/name"),
        ('{"name": "\\f"}', "/name"),
        ('{"name": "\\u001b[2J"}', "/name"),
        ('{"name": "\ufffe"}', "/name"),
        ('{"name": "\\uffff"}', "/name"),
        ('{"name": "\\udc00\\ud800"}', "/name"),
    ],
)
def test_a_character_that_cannot_be_stored_is_refused_by_its_place(text: str, pointer: str) -> None:
    assert _faults(text) == {pointer: texts.FAULT}


def test_a_name_with_such_a_character_is_refused_too() -> None:
    assert _faults('{"a": {"b\\u0000": 1}}') == {"/a": texts.FAULT}


def test_an_emoji_is_a_character_like_others() -> None:
    assert body.parse('{"name": "Zoë 🎉"}'.encode()) == {"name": "Zoë 🎉"}
    assert body.parse(b'{"name": "\\ud83c\\udf89"}') == {"name": "🎉"}


def test_a_body_may_be_nested_so_deep_and_no_deeper() -> None:
    def nested(depth: int) -> str:
        return "[" * depth + "]" * depth

    body.parse(nested(body.MAX_DEPTH).encode())

    assert _faults("[" + nested(body.MAX_DEPTH + 1) + "]") == {
        "/0" * (body.MAX_DEPTH + 1): f"nested deeper than {body.MAX_DEPTH} levels"
    }


def test_every_fault_is_named_at_once() -> None:
    assert set(_faults('{"a": NaN, "b": "\\u0000", "c": 1}')) == {"/a", "/b"}


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_is_refused_wherever_it_stands(card: str) -> None:
    assert _faults(json.dumps({"note": f"my card: {card}, thanks"})) == {
        "/note": "holds a card number; send the provider's token instead"
    }


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "0000000000000000",
        "123456789012",
        "2026-04-11T09:00:00",
        "019637a6-3f4c-7000-8000-2f4c6b7d8e9f",
        "+31 6 12345678",
        "NL91ABNA0417164300",
        "4111",
    ],
)
def test_other_numbers_are_no_card_numbers(text: str) -> None:
    assert body.parse(json.dumps({"note": text}).encode()) == {"note": text}


@given(st.integers(4 * 10**14, 5 * 10**14 - 1))
def test_exactly_one_last_digit_makes_a_card_number(prefix: int) -> None:
    found = [digit for digit in range(10) if holds_card_number(f"{prefix}{digit}")]

    assert len(found) == 1


@pytest.mark.parametrize(
    "text", ["tab\tand\nnew line\r", "soft\u00adhyphen", "Zoë", "שלום", "\U0001d518", "\x7f", "\x85"]
)
def test_what_xml_can_carry_is_taken(text: str) -> None:
    assert body.parse(json.dumps({"a": text}).encode()) == {"a": text}
    assert body.parse(json.dumps({"a": text}, ensure_ascii=False).encode()) == {"a": text}


@pytest.mark.parametrize("number", ["4242424242424242", "4222222222222"])
def test_a_card_number_is_refused_as_a_number_and_hidden_in_escapes(number: str) -> None:
    hidden = "".join(f"\\u{ord(digit):04x}" for digit in number)

    assert set(_faults(f'{{"a": {number}, "b": -{number}, "c": "{hidden}", "{number}": 1}}')) == {
        "/a",
        "/b",
        "/c",
        "",
    }


def test_the_first_hundred_faults_are_told() -> None:
    assert len(_faults(json.dumps(["\x00"] * 5_000))) == body.MAX_FAULTS


def test_an_object_has_so_many_fields_and_no_more() -> None:
    body.parse(json.dumps({str(n): n for n in range(body.MAX_KEYS)}).encode())

    assert _faults(json.dumps({"a": {str(n): n for n in range(body.MAX_KEYS + 1)}})) == {
        "/a": "has more than 1000 fields"
    }


def test_a_body_has_so_many_values_and_no_more() -> None:
    body.parse(json.dumps([1] * body.MAX_VALUES).encode())

    with pytest.raises(TooLarge):
        body.parse(json.dumps([[1] * 50_001, [1] * 50_001]).encode())

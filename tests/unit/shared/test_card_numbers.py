"""Card numbers are recognised wherever they stand, and taken out of what must be kept."""

import pytest

from shared.kernel.card_numbers import holds_card_number, without_card_numbers
from shared.runtime.logging import _without_card_numbers

NUMBERS = (
    "4242424242424242",
    "4242 4242 4242 4242",
    "4242-4242-4242-4242",
    "378282246310005",
    "6759649826438453",
)
HONEST = (
    "0190b5c4-0000-7000-8000-00000000000a",
    "NL91ABNA0417164300",
    "+31612345678901",
    "1234567890123",
    "12",
)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_card_number_is_masked_and_nothing_else(number: str) -> None:
    text = f'{{"id": "{HONEST[0]}", "note": "paid with {number}, thanks"}}'

    kept = without_card_numbers(text)

    assert holds_card_number(text)
    assert not holds_card_number(kept)
    assert kept == text.replace(number, "".join("*" if letter.isdigit() else letter for letter in number))


@pytest.mark.parametrize("text", HONEST)
def test_an_honest_number_stays(text: str) -> None:
    assert without_card_numbers(f"see {text} there") == f"see {text} there"


@pytest.mark.parametrize("value", [NUMBERS[0], {"card": [NUMBERS[0]]}, (NUMBERS[1],), ValueError(NUMBERS[2])])
def test_a_log_line_loses_a_value_that_holds_one(value: object) -> None:
    line = _without_card_numbers(None, "", {"event": "x", "value": value, "duration_ms": 4242424242424242})

    assert line["value"] == "[removed: holds a card number]"
    assert line["event"] == "x"

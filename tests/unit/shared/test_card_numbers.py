"""Card numbers are recognised wherever they stand, and taken out of what must be kept."""

from uuid import UUID

import pytest

from shared.kernel.card_numbers import holds_card_number, without_card_numbers
from shared.kernel.public_link import LinkKeys
from shared.runtime.logging import _cleaned, _without_card_numbers, _without_secrets

NUMBERS = (
    "4242424242424242",
    "4242 4242 4242 4242",
    "4242-4242-4242-4242",
    "378282246310005",
    "6759649826438453",
)
OTHERWISE = (
    "4242.4242.4242.4242",
    "4242\u00a04242\u00a04242\u00a04242",
    "4242  4242  4242  4242",
    "4242\t4242\t4242\t4242",
    "4242\n4242\n4242\n4242",
    "4242_4242_4242_4242",
    "4242/4242/4242/4242",
    "4242,4242,4242,4242",
    "4242–4242–4242–4242",
    "4242 - 4242 - 4242 - 4242",
    "4242424242424242".translate({ord("0") + n: 0xFF10 + n for n in range(10)}),
    "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
    "4242\u200b4242\u200b4242\u200b4242",
    "④②④②④②④②④②④②④②④②",
    "pan4242424242424242",
    "4242424242424242exp",
    "42 42 42 42 42 42 42 42",
    "4-2-4-2-4-2-4-2-4-2-4-2-4-2-4-2",
    "4242424242424242 12/27 123",
    "17 4242 4242 4242 4242 12 27",
    "+4242424242424242",
    "3782 822463 10005",
    "4242(4242)4242[4242]",
)
HONEST = (
    "0190b5c4-0000-7000-8000-00000000000a",
    "NL91ABNA0417164300",
    "+31612345678901",
    "1234567890123",
    "12",
    "NO9386011117947",
    "BE68 5390 0754 7034",
    "DE89 3704 0044 0532 0130 00",
    "30.11.2026 - 31.12.2026",
    "30-11-2026 / 31-12-2026",
    "2026-11-30 12:00:05",
    "1/4/2027 tot 4/12/2027",
    "+49 170 1234567",
    "5f2b7c1d4242424242424242a0b1c2d3",
    "RF18 5390 0754 7034",
    "2026-00001, 2026-00002, 2026-00003",
    "NL123456782B90",
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


@pytest.mark.parametrize("number", OTHERWISE)
def test_a_card_number_is_found_however_it_is_written(number: str) -> None:
    assert holds_card_number(number)
    assert holds_card_number(f"Paid with {number}, thanks")
    assert not holds_card_number(without_card_numbers(f"Paid with {number}, thanks"))


def test_a_log_line_opens_no_invoice_and_moves_no_cursor() -> None:
    token = LinkKeys.parse("k1:" + "A" * 43 + "=").make(UUID(int=1), UUID(int=2))
    sha256 = "5f2b7c1d" * 8

    line = _without_secrets(None, "", {"event": "x", "path": f"/i/{token}/pdf\x1b[2J", "sha256": sha256})

    assert line == {"event": "x", "path": "/i/…/pdf\\x1b[2J", "sha256": sha256}


def test_a_value_that_was_harmless_under_one_name_is_looked_at_under_another() -> None:
    first = _cleaned(None, "", {"event": "two\x1blines", "path": "/v1/payments", "actor": None, "status": 1})
    again = _cleaned(None, "", {"event": "x", "path": "two\x1blines", "actor": "/v1/payments"})

    assert first == {"event": "two\x1blines", "path": "/v1/payments", "actor": None, "status": 1}
    assert again == {"event": "x", "path": "two\\x1blines", "actor": "/v1/payments"}


@pytest.mark.parametrize("name", ["event", "path", "actor", "request_id", "body"])
def test_a_card_number_is_never_written_however_often_it_comes(name: str) -> None:
    lines = [_cleaned(None, "", {name: "4242 4242 4242 4242"}) for _ in range(3)]

    assert all(line[name] == "[removed: holds a card number]" for line in lines)

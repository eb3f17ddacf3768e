"""What a payer's text says of the invoice that is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payment.statements.domain.naming import key_of, keys_of


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (None, []),
        ("", []),
        ("--", []),
        ("INV-2026-00042", ["INV202600042"]),
        ("7", ["7"]),
        ("inv 2026 00042", ["INV202600042", "INV2026", "202600042", "2026", "00042"]),
        ("Invoice 2026-7, thanks", ["INVOICE20267THANKS", "INVOICE20267", "20267THANKS", "20267"]),
        ("see RF36INV202600042", ["SEERF36INV202600042", "INV202600042"]),
        ("Pay A-1 + B-2", ["PAYA1B2", "PAYA1", "A1B2"]),
        ("on 3 12 26", ["ON31226", "ON312", "ON3"]),
        ("RF37INV202600042", ["RF37INV202600042"]),
        ("RF", ["RF"]),
    ],
)
def test_the_likeliest_number_comes_first(text: str | None, keys: list[str]) -> None:
    assert keys_of(text) == keys


@given(number=st.text("ABCXYZ0123456789", min_size=1, max_size=21))
def test_a_creditor_reference_stands_for_its_number(number: str) -> None:
    # ISO 11649: letters count from 10, the check digits make the whole 1 modulo 97.
    digits = int("".join(str(int(sign, 36)) for sign in f"{number}RF00"))
    reference = f"RF{98 - digits % 97:02d}{number}"

    spaced = " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))

    assert keys_of(spaced)[0] == number


@given(text=st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert all(key == key_of(key) for key in keys_of(text))

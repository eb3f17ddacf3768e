"""The text of API keys: what is made is well formed, what is mistyped is not."""

import hashlib
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.keys.domain import key_text


@pytest.mark.parametrize(("mode", "prefix"), [("live", "blg_live_"), ("sandbox", "blg_test_")])
def test_a_new_key_is_well_formed(mode: str, prefix: str) -> None:
    text = key_text.make(mode)  # type: ignore[arg-type]

    assert re.fullmatch(rf"{prefix}[0-9A-Za-z]{{36}}", text)
    assert key_text.is_well_formed(text)


def test_keys_differ() -> None:
    assert len({key_text.make("live") for _ in range(1000)}) == 1000


def test_the_checksum_is_the_crc_32_in_base_62() -> None:
    # CRC-32's published check value, for these nine digits, is 0xCBF43926 = 3421780262.
    assert key_text.checksum("123456789") == "3jZRME"
    assert key_text.checksum("") == "000000"


@given(st.integers(0, 44), st.sampled_from(key_text.ALPHABET))
def test_one_wrong_character_is_noticed(place: int, letter: str) -> None:
    text = "blg_live_0123456789abcdefghijABCDEFGHIJ"
    text += key_text.checksum(text)
    mistyped = text[:place] + letter + text[place + 1 :]

    assert key_text.is_well_formed(mistyped) == (mistyped == text)


@given(st.text())
def test_any_text_can_be_asked_about(text: str) -> None:
    assert not key_text.is_well_formed(text)


def test_what_is_stored_is_an_hmac_with_the_pepper() -> None:
    digest = key_text.digest("key", "pepper")

    assert digest == hmac.new(b"pepper", b"key", hashlib.sha256).digest()
    assert digest != key_text.digest("key", "another")

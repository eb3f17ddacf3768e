"""Tokens of public links: nobody else makes one, and each opens its own invoice alone."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.public_link import LinkKeys, Target

OLD, NEW = f"k1:{'A' * 43}=", f"k2:{'B' * 42}A="
KEYS, ROTATED, OTHERS = (
    LinkKeys.parse(OLD),
    LinkKeys.parse(f"{OLD}, {NEW}"),
    LinkKeys.parse(f"k1:{'C' * 42}A="),
)
IDS = st.uuids(version=None)


@given(IDS, IDS)
def test_a_token_opens_what_it_was_made_for(workspace_id: UUID, invoice_id: UUID) -> None:
    token = KEYS.make(workspace_id, invoice_id)

    assert KEYS.read(token) == Target(workspace_id, invoice_id)
    assert OTHERS.read(token) is None
    assert KEYS.make(workspace_id, invoice_id) != token


def test_after_a_rotation_old_links_work_and_new_ones_have_the_new_key() -> None:
    ids = UUID(int=1), UUID(int=2)

    before, after = KEYS.make(*ids), ROTATED.make(*ids)

    assert ROTATED.read(before) == ROTATED.read(after) == Target(*ids)
    assert KEYS.read(after) is None


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_token_with_one_other_byte_opens_nothing(place: int, change: int) -> None:
    token = KEYS.make(UUID(int=1), UUID(int=2))
    signed = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))

    signed[place % len(signed)] ^= change

    assert KEYS.read(base64.urlsafe_b64encode(bytes(signed)).decode().rstrip("=")) is None


def test_a_token_that_is_cut_off_extended_or_spelled_otherwise_opens_nothing() -> None:
    token = KEYS.make(UUID(int=1), UUID(int=2))

    assert all(KEYS.read(token[:length]) is None for length in range(len(token)))
    assert all(KEYS.read(token + more) is None for more in ("=", "A", "AAAA", " ", "\n", "é", "A" * 500))
    # The last letter holds two bits that count for nothing: only one of its four spellings is ours.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert [letter for letter in letters if KEYS.read(token[:-1] + letter)] == [token[-1]]


def test_the_invoice_of_one_token_does_not_go_with_the_workspace_of_another() -> None:
    mine = base64.urlsafe_b64decode(KEYS.make(UUID(int=1), UUID(int=2)) + "==")
    other = base64.urlsafe_b64decode(KEYS.make(UUID(int=3), UUID(int=4)) + "==")

    mixed = mine[:19] + other[19:]

    assert len(mixed) == len(mine)
    assert KEYS.read(base64.urlsafe_b64encode(mixed).decode().rstrip("=")) is None


@pytest.mark.parametrize("text", ["", "k1", "k1:short", f"k1:{'A' * 22}==", f"{OLD},{OLD}", f":{'A' * 43}="])
def test_keys_that_are_none_are_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match="key") as refused:
        LinkKeys.parse(text)

    assert "AAAA" not in str(refused.value)

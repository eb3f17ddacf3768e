"""Signing secrets: how they look, how they rotate, how they are stored."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.webhook_delivery.endpoints.domain import secret as rules
from shared.kernel.ids import new_id
from shared.kernel.key_ring import KeyRing, SecretUnreadable, place
from tests.unit.webhook_delivery.builders import NOW, a_key_ring

HOUR = timedelta(hours=1)


def test_a_secret_has_32_random_bytes_behind_its_prefix() -> None:
    one, other = rules.generate(NOW), rules.generate(NOW)

    assert one.text.startswith("whsec_")
    assert len(one.key) == 32
    assert one.key != other.key


@given(st.binary(min_size=24, max_size=64))
def test_a_secret_of_the_receivers_own_is_taken_as_it_is(key: bytes) -> None:
    text = rules.Secret(new_id(), key, NOW).text

    assert rules.parse_secret(text, NOW).key == key


@pytest.mark.parametrize(
    "text", ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_*" * 9, "whsec_é"]
)
def test_a_secret_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(rules.InvalidSecret):
        rules.parse_secret(text, NOW)


def test_the_old_secret_signs_until_the_overlap_is_over() -> None:
    old, new = rules.generate(NOW), rules.generate(NOW + HOUR)

    kept = rules.rotate([old], new, 24 * HOUR)

    assert [one.key for one in rules.select_live(kept, NOW + 24 * HOUR)] == [new.key, old.key]
    assert [one.key for one in rules.select_live(kept, NOW + 25 * HOUR)] == [new.key]


def test_an_overlap_of_nothing_revokes_every_other_secret_at_once() -> None:
    first, second, third = (rules.generate(NOW + number * HOUR) for number in range(3))
    kept = rules.rotate(rules.rotate([first], second, 24 * HOUR), third, timedelta(0))

    assert kept == [third]


def test_while_three_secrets_sign_there_is_no_fourth_and_none_is_revoked() -> None:
    made = [rules.generate(NOW + number * HOUR) for number in range(4)]
    kept: list[rules.Secret] = []
    for secret in made[:3]:
        kept = rules.rotate(kept, secret, 24 * HOUR)

    with pytest.raises(rules.TooManySecrets):
        rules.rotate(kept, made[3], 24 * HOUR)

    assert [one.id for one in rules.select_live(kept, NOW + 4 * HOUR)] == [made[2].id, made[1].id, made[0].id]
    later = rules.generate(NOW + 26 * HOUR)
    assert len(rules.select_live(rules.rotate(kept, later, 24 * HOUR), NOW + 26 * HOUR)) == 2
    assert rules.rotate(kept, made[3], timedelta(0)) == [made[3]]


def test_a_later_rotation_never_lengthens_a_secrets_life() -> None:
    old, new, newest = (rules.generate(NOW + number * HOUR) for number in range(3))
    kept = rules.rotate(rules.rotate([old], new, 2 * HOUR), newest, 24 * HOUR)

    assert {one.id: one.expires_at for one in kept}[old.id] == NOW + 3 * HOUR


def test_what_is_encrypted_can_be_read_at_its_place_alone() -> None:
    ring, workspace_id = a_key_ring(), new_id()
    here, there = (
        place(workspace_id, "endpoint_secret", 1, "key"),
        place(workspace_id, "endpoint_secret", 2, "key"),
    )

    envelope = ring.encrypt(b"a secret", here)

    assert ring.decrypt(envelope, here) == b"a secret"
    assert b"a secret" not in envelope
    with pytest.raises(SecretUnreadable):
        ring.decrypt(envelope, there)


def test_the_newest_key_encrypts_and_older_ones_still_decrypt() -> None:
    old, both = a_key_ring("k1"), a_key_ring("k1", "k2")
    kept = old.encrypt(b"a secret", b"here")

    assert both.decrypt(kept, b"here") == b"a secret"
    with pytest.raises(SecretUnreadable):
        old.decrypt(both.encrypt(b"another", b"here"), b"here")


@given(st.binary(max_size=80))
def test_a_damaged_envelope_is_unreadable_and_nothing_worse(envelope: bytes) -> None:
    with pytest.raises(SecretUnreadable):
        a_key_ring().decrypt(envelope, b"here")


@pytest.mark.parametrize(
    "text", ["", "k1", "k1:", ":AAAA", "k1:AAAA", "k1:not base64!", "k1:" + "A" * 44 + ",k1:" + "A" * 44]
)
def test_keys_of_another_form_are_refused_without_showing_them(text: str) -> None:
    with pytest.raises(ValueError, match="encryption key") as caught:
        KeyRing.parse(text)

    assert "AAAA" not in str(caught.value)

"""Keys: what of them is kept, and when they open something."""

from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.keys.domain import api_key as rules
from services.gateway.keys.domain import key_text
from services.gateway.keys.domain.api_key import ApiKey
from shared.kernel.ids import new_id

NOW = datetime(2026, 4, 11, 9, tzinfo=UTC)


def a_key(expires_at: datetime | None = None) -> ApiKey:
    key, _ = rules.create(
        new_id(), "live", "Shop", ["*"], created_by="admin", now=NOW, pepper="pepper", expires_at=expires_at
    )
    return key


def test_a_key_keeps_its_digest_and_not_its_text() -> None:
    key, text = rules.create(
        new_id(), "sandbox", "Shop", ["a:read", "a:read"], created_by="admin", now=NOW, pepper="pepper"
    )

    assert key.digest == key_text.digest(text, "pepper")
    assert (key.prefix, key.last4) == (text[:12], text[-4:])
    assert key.scopes == ("a:read",)
    assert text not in repr(key)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1)])
def test_a_key_cannot_be_born_expired(late: timedelta) -> None:
    with pytest.raises(rules.KeyExpiresInThePast):
        a_key(NOW - late)


def test_a_key_works_until_it_expires_or_is_revoked() -> None:
    expiring = a_key(NOW + timedelta(hours=1))
    revoked = rules.revoke(a_key(), NOW)

    assert expiring.is_usable(NOW + timedelta(minutes=59))
    assert not expiring.is_usable(NOW + timedelta(hours=1))
    assert not revoked.is_usable(NOW)
    assert rules.revoke(revoked, NOW + timedelta(days=1)) == revoked


def test_a_rotated_key_ends_after_the_grace_time_and_its_successor_lives_as_long_as_it_was_made_for() -> None:
    made, _ = rules.create(
        new_id(),
        "live",
        "Shop",
        ["invoices:read"],
        created_by="key:1",
        now=NOW,
        pepper="pepper",
        expires_at=NOW + timedelta(days=90),
    )
    later = NOW + timedelta(days=60)

    successor, ending, text = rules.rotate(
        made, "live", created_by="user:ada", now=later, pepper="pepper", grace=timedelta(hours=1)
    )

    assert (successor.name, successor.scopes, successor.replaces_id) == ("Shop", made.scopes, made.id)
    assert successor.digest != made.digest
    assert text.startswith("blg_live_")
    assert successor.created_by == "user:ada"
    assert successor.expires_at == later + timedelta(days=90)
    assert ending.expires_at == later + timedelta(hours=1)
    assert ending.is_usable(later + timedelta(minutes=59))
    assert not ending.is_usable(later + timedelta(hours=1))


def test_a_grace_time_never_makes_a_key_live_longer() -> None:
    soon = NOW + timedelta(minutes=5)
    made, _ = rules.create(
        new_id(), "live", "Shop", ["*"], created_by="key:1", now=NOW, pepper="pepper", expires_at=soon
    )

    _, ending, _ = rules.rotate(
        made, "live", created_by="key:1", now=NOW, pepper="pepper", grace=timedelta(days=1)
    )

    assert ending.expires_at == soon


def test_a_key_that_opens_nothing_is_not_rotated() -> None:
    made, _ = rules.create(new_id(), "live", "Shop", ["*"], created_by="key:1", now=NOW, pepper="pepper")

    with pytest.raises(rules.KeyNotUsable):
        rules.rotate(
            rules.revoke(made, NOW), "live", created_by="key:1", now=NOW, pepper="pepper", grace=timedelta(0)
        )

"""Keys: what of them is kept, and when they open something."""

from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.domain import api_key as rules
from services.gateway.domain import key_text
from services.gateway.domain.api_key import ApiKey
from shared.kernel.ids import new_id

NOW = datetime(2026, 4, 11, 9, tzinfo=UTC)


def a_key(expires_at: datetime | None = None) -> ApiKey:
    key, _ = rules.create(new_id(), "live", "Shop", ["*"], "admin", NOW, "pepper", expires_at)
    return key


def test_a_key_keeps_its_digest_and_not_its_text() -> None:
    key, text = rules.create(new_id(), "sandbox", "Shop", ["a:read", "a:read"], "admin", NOW, "pepper")

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

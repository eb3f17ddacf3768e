"""Signing secrets of an endpoint: `whsec_` and base64; old ones go on signing while receivers change over."""

import base64
import binascii
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id

PREFIX = "whsec_"
KEY_BYTES = 32
# Standard Webhooks 1.0 asks for 24 to 64 bytes.
MIN_KEY_BYTES = 24
MAX_KEY_BYTES = 64
MAX_LIVE = 3
DEFAULT_OVERLAP = timedelta(hours=24)
MAX_OVERLAP = timedelta(days=7)


class InvalidSecret(Invalid):
    """A secret is whsec_ and base64 of 24 to 64 bytes."""

    code = "invalid_secret"


class TooManySecrets(Conflict):
    """Three secrets sign: wait until the oldest has expired, or rotate with an overlap of 0 seconds."""

    code = "too_many_secrets"


@dataclass(frozen=True, slots=True)
class Secret:
    """One key of an endpoint; without `expires_at` it is the current one."""

    id: UUID
    key: bytes
    created_at: datetime
    expires_at: datetime | None = None

    @property
    def text(self) -> str:
        """As the receiver's library wants it."""
        return PREFIX + base64.b64encode(self.key).decode()

    def is_live(self, now: datetime) -> bool:
        """Whether it signs."""
        return self.expires_at is None or now < self.expires_at


def generate(now: datetime) -> Secret:
    """A new random secret."""
    return Secret(new_id(), secrets.token_bytes(KEY_BYTES), now)


def parse_secret(text: str, now: datetime) -> Secret:
    """A secret that the integrator brings; raises InvalidSecret."""
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidSecret(field="secret") from error
    if not text.startswith(PREFIX) or not MIN_KEY_BYTES <= len(key) <= MAX_KEY_BYTES:
        raise InvalidSecret(field="secret")
    return Secret(new_id(), key, now)


def rotate(secrets_: Iterable[Secret], newest: Secret, overlap: timedelta) -> list[Secret]:
    """The secrets after a rotation, newest first: the others sign on for `overlap`.

    An overlap of zero revokes every other secret at once. Raises TooManySecrets while three sign: a secret
    that a receiver was promised is never revoked by a later rotation.
    """
    end = newest.created_at + overlap
    others = [
        replace(secret, expires_at=min(secret.expires_at or end, end))
        for secret in select_live(secrets_, newest.created_at)
    ]
    kept = select_live(others, newest.created_at)
    if len(kept) >= MAX_LIVE:
        raise TooManySecrets
    return [newest, *kept]


def select_live(secrets_: Iterable[Secret], now: datetime) -> Sequence[Secret]:
    """Those that sign, newest first."""
    signing = [secret for secret in secrets_ if secret.is_live(now)]
    return sorted(signing, key=lambda secret: (secret.expires_at is None, secret.created_at), reverse=True)

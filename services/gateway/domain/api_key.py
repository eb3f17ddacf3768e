"""API keys: what an integrator's program signs in with, bound to one workspace and a set of scopes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.gateway.domain import key_text
from shared.events.workspace import Mode
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id

SHOWN_PREFIX_LENGTH = 12
SHOWN_SUFFIX_LENGTH = 4


class KeyExpiresInThePast(Invalid):
    """The key would have expired already."""

    code = "key_expires_in_the_past"


class KeyNotUsable(Conflict):
    """The key is revoked or has expired: make a new one."""

    code = "key_not_usable"


class KeyAlreadyRotated(Conflict):
    """Another key has taken this one's place already: rotate that one."""

    code = "key_already_rotated"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret: `prefix` and `last4` are what a person may recognise it by."""

    workspace_id: UUID
    id: UUID
    name: str
    digest: bytes
    prefix: str
    last4: str
    scopes: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    # The key whose place this one takes.
    replaces_id: UUID | None = None

    def is_usable(self, now: datetime) -> bool:
        """Whether it opens anything at this (real) instant."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def create(
    workspace_id: UUID,
    mode: Mode,
    name: str,
    scopes: Sequence[str],
    created_by: str,
    now: datetime,
    pepper: str,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its text, which is to be shown once; raises KeyExpiresInThePast."""
    if expires_at is not None and expires_at <= now:
        raise KeyExpiresInThePast(field="expires_at")
    text = key_text.make(mode)
    key = ApiKey(
        workspace_id=workspace_id,
        id=new_id(),
        name=name,
        digest=key_text.digest(text, pepper),
        prefix=text[:SHOWN_PREFIX_LENGTH],
        last4=text[-SHOWN_SUFFIX_LENGTH:],
        scopes=tuple(dict.fromkeys(scopes)),
        created_by=created_by,
        created_at=now,
        expires_at=expires_at,
    )
    return key, text


def rotate(
    key: ApiKey,
    mode: Mode,
    created_by: str,
    now: datetime,
    pepper: str,
    grace: timedelta,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, ApiKey, str]:
    """A key that takes this one's place, this one as it ends after the grace time, and the new one's text.

    Without an expiry of its own the new key lives as long as the old one was made for.
    Raises KeyNotUsable or KeyExpiresInThePast.
    """
    if not key.is_usable(now):
        raise KeyNotUsable
    if expires_at is None and key.expires_at is not None:
        expires_at = now + (key.expires_at - key.created_at)
    successor, text = create(
        key.workspace_id, mode, key.name, key.scopes, created_by, now, pepper, expires_at
    )
    end = now + grace
    ending = replace(key, expires_at=min(end, key.expires_at) if key.expires_at else end)
    return replace(successor, replaces_id=key.id), ending, text


def revoke(key: ApiKey, now: datetime) -> ApiKey:
    """The key as it is from now on: of no use; a revoked one keeps its first instant."""
    return replace(key, revoked_at=key.revoked_at or now)

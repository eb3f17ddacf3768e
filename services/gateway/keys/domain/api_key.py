"""API keys: what an integrator's program signs in with, bound to one workspace and a set of scopes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.gateway.keys.domain import key_text
from shared.events.workspace import Mode
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id

SHOWN_PREFIX_LENGTH = 12
SHOWN_SUFFIX_LENGTH = 4


class KeyExpiresInThePast(Invalid):
    """The key would have expired already."""

    code = "key_expires_in_the_past"


class KeyOutlivesItsMaker(Invalid):
    """A key that expires cannot make one that lives longer."""

    code = "key_outlives_its_maker"


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
    *,
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


def expiry_of_made(expires_at: datetime | None, maker_expires_at: datetime | None) -> datetime | None:
    """When a key ends that another credential makes: with its maker at the latest.

    Raises KeyOutlivesItsMaker where it was to live longer.
    """
    if maker_expires_at is None:
        return expires_at
    if expires_at is not None and expires_at > maker_expires_at:
        raise KeyOutlivesItsMaker(
            f"The key that makes it expires at {maker_expires_at.isoformat()}.", field="expires_at"
        )
    return expires_at or maker_expires_at


def expiry_of_successor(
    key: ApiKey, expires_at: datetime | None, maker_expires_at: datetime | None, now: datetime
) -> datetime | None:
    """When the key ends that takes this one's place: without an expiry of its own it lives as long again.

    Raises KeyOutlivesItsMaker where a maker that expires would replace a key for longer than it was made for.
    """
    lifetime = key.expires_at - key.created_at if key.expires_at else None
    if expires_at is None and lifetime is not None:
        return now + lifetime
    if maker_expires_at is None:
        return expires_at
    if lifetime is None:
        raise KeyOutlivesItsMaker("A key that expires cannot replace one that does not.", field="expires_at")
    if expires_at is not None and expires_at > max(now + lifetime, maker_expires_at):
        raise KeyOutlivesItsMaker("It would live longer than the key that it replaces.", field="expires_at")
    return expires_at


def rotate(
    key: ApiKey,
    mode: Mode,
    *,
    created_by: str,
    now: datetime,
    pepper: str,
    grace: timedelta,
    expires_at: datetime | None = None,
    maker_expires_at: datetime | None = None,
) -> tuple[ApiKey, ApiKey, str]:
    """A key that takes this one's place, this one as it ends after the grace time, and the new one's text.

    Raises KeyNotUsable, KeyOutlivesItsMaker or KeyExpiresInThePast.
    """
    if not key.is_usable(now):
        raise KeyNotUsable
    expires_at = expiry_of_successor(key, expires_at, maker_expires_at, now)
    successor, text = create(
        key.workspace_id,
        mode,
        key.name,
        key.scopes,
        created_by=created_by,
        now=now,
        pepper=pepper,
        expires_at=expires_at,
    )
    end = now + grace
    ending = replace(key, expires_at=min(end, key.expires_at) if key.expires_at else end)
    return replace(successor, replaces_id=key.id), ending, text


def revoke(key: ApiKey, now: datetime) -> ApiKey:
    """The key as it is from now on: of no use; a revoked one keeps its first instant."""
    return replace(key, revoked_at=key.revoked_at or now)

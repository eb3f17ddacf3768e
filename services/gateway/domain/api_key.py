"""API keys: what an integrator's program signs in with, bound to one workspace and a set of scopes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.gateway.domain import key_text
from shared.events.workspace import Mode
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id

SHOWN_PREFIX_LENGTH = 12
SHOWN_SUFFIX_LENGTH = 4


class KeyExpiresInThePast(Invalid):
    """The key would have expired already."""

    code = "key_expires_in_the_past"


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


def revoke(key: ApiKey, now: datetime) -> ApiKey:
    """The key as it is from now on: of no use; a revoked one keeps its first instant."""
    return replace(key, revoked_at=key.revoked_at or now)

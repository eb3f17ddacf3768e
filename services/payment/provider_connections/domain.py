"""Provider connections: a workspace's own credentials at a provider. What is secret is never shown again."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id
from shared.kernel.key_ring import KeyRing, place
from shared.kernel.unset import UNSET, Unset, chosen

Mode = Literal["live", "test"]
TABLE = "provider_connection"


class NoProviderConnection(Conflict):
    """The workspace has no connection to a payment provider: create one first."""

    code = "no_provider_connection"


class ConnectionExists(Conflict):
    """The workspace has a connection to this provider in this mode: change or delete it."""

    code = "provider_connection_exists"


class WrongMode(Invalid):
    """The key is of the other mode."""

    code = "provider_key_of_other_mode"


@dataclass(frozen=True, slots=True)
class Connection:
    """Credentials as stored, at one version."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    provider: str
    mode: Mode
    description: str | None
    publishable_key: str | None
    secret_key_encrypted: bytes
    secret_key_last4: str
    webhook_secret_encrypted: bytes | None
    event_cursor: str | None = None

    def secret_key(self, ring: KeyRing) -> str:
        """The API key in the clear; raises SecretUnreadable."""
        return ring.decrypt(self.secret_key_encrypted, self._place("secret_key")).decode()

    def webhook_secret(self, ring: KeyRing) -> str:
        """What webhooks are signed with; empty where none was given. Raises SecretUnreadable."""
        if self.webhook_secret_encrypted is None:
            return ""
        return ring.decrypt(self.webhook_secret_encrypted, self._place("webhook_secret")).decode()

    def _place(self, column: str) -> bytes:
        return place(self.workspace_id, TABLE, self.id, column)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionEdit:
    """What a caller gives of a connection; a key that is given replaces the one before."""

    description: str | Unset | None = UNSET
    publishable_key: str | Unset | None = UNSET
    secret_key: str | Unset = UNSET
    webhook_secret: str | Unset | None = UNSET


def connect(workspace_id: UUID, provider: str, mode: Mode, now: datetime) -> Connection:
    """A new connection without credentials: its first edit brings them."""
    return Connection(
        workspace_id=workspace_id,
        id=new_id(),
        version=0,
        created_at=now,
        updated_at=now,
        provider=provider,
        mode=mode,
        description=None,
        publishable_key=None,
        secret_key_encrypted=b"",
        secret_key_last4="",
        webhook_secret_encrypted=None,
    )


def edit_connection(connection: Connection, edit: ConnectionEdit, now: datetime, ring: KeyRing) -> Connection:
    """The connection at its next version, its secrets encrypted; raises WrongMode."""
    edited = replace(
        connection,
        description=chosen(edit.description, connection.description),
        publishable_key=chosen(edit.publishable_key, connection.publishable_key),
        version=connection.version + 1,
        updated_at=now,
    )
    if edit.secret_key is not UNSET:
        _check_mode(edit.secret_key, connection.mode, "secret_key")
        about = place(connection.workspace_id, TABLE, connection.id, "secret_key")
        encrypted = ring.encrypt(edit.secret_key.encode(), about)
        edited = replace(edited, secret_key_encrypted=encrypted, secret_key_last4=edit.secret_key[-4:])
    if isinstance(edit.publishable_key, str):
        _check_mode(edit.publishable_key, connection.mode, "publishable_key")
    if edit.webhook_secret is not UNSET:
        about = place(connection.workspace_id, TABLE, connection.id, "webhook_secret")
        secret = edit.webhook_secret
        encrypted_secret = ring.encrypt(secret.encode(), about) if secret else None
        edited = replace(edited, webhook_secret_encrypted=encrypted_secret)
    return edited


def _check_mode(key: str, mode: Mode, field: str) -> None:
    parts = key.split("_")
    if len(parts) > 2 and parts[1] in ("live", "test") and parts[1] != mode:
        raise WrongMode(f"This is a key of {parts[1]} mode.", field=field)

"""Provider connections: a workspace's own credentials at a provider. What is secret is never shown again."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id
from shared.kernel.key_ring import KeyRing, place

Mode = Literal["live", "test"]
TABLE = "provider_connection"
SANDBOX = "sandbox"
STRIPE = "stripe"


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


def connect(workspace_id: UUID, fields: dict[str, Any], now: datetime, ring: KeyRing) -> Connection:
    """A new connection; raises WrongMode."""
    connection = Connection(
        workspace_id=workspace_id,
        id=new_id(),
        version=0,
        created_at=now,
        updated_at=now,
        provider=fields["provider"],
        mode=fields["mode"],
        description=None,
        publishable_key=None,
        secret_key_encrypted=b"",
        secret_key_last4="",
        webhook_secret_encrypted=None,
    )
    return change(connection, fields, now, ring)


def change(connection: Connection, fields: dict[str, Any], now: datetime, ring: KeyRing) -> Connection:
    """The connection with these of `description`, the keys and the webhook secret; raises WrongMode."""
    made: dict[str, Any] = {
        name: fields[name] for name in ("description", "publishable_key") if name in fields
    }
    if secret_key := fields.get("secret_key"):
        _check_mode(secret_key, connection.mode, "secret_key")
        about = place(connection.workspace_id, TABLE, connection.id, "secret_key")
        made["secret_key_encrypted"] = ring.encrypt(secret_key.encode(), about)
        made["secret_key_last4"] = secret_key[-4:]
    if publishable_key := fields.get("publishable_key"):
        _check_mode(publishable_key, connection.mode, "publishable_key")
    if "webhook_secret" in fields:
        secret = fields["webhook_secret"]
        about = place(connection.workspace_id, TABLE, connection.id, "webhook_secret")
        made["webhook_secret_encrypted"] = ring.encrypt(secret.encode(), about) if secret else None
    return replace(connection, **made, version=connection.version + 1, updated_at=now)


def _check_mode(key: str, mode: Mode, field: str) -> None:
    parts = key.split("_")
    if len(parts) > 2 and parts[1] in ("live", "test") and parts[1] != mode:
        raise WrongMode(f"This is a key of {parts[1]} mode.", field=field)

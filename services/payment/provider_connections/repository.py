"""SQL of provider connections and of what providers call contacts."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg

from services.payment.provider_connections.domain import Connection as ProviderConnection
from services.payment.provider_connections.domain import ConnectionExists
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = (
    "workspace_id id version created_at updated_at provider mode description publishable_key "
    "secret_key_encrypted secret_key_last4 webhook_secret_encrypted event_cursor"
).split()
_COLUMNS = ", ".join(_NAMES)
_INSERT = Statement(f"INSERT INTO provider_connection ({_COLUMNS}) VALUES ({places(_NAMES)})")
_UPDATE = Statement("""
UPDATE provider_connection SET version = :version, updated_at = :updated_at, description = :description,
    publishable_key = :publishable_key, secret_key_encrypted = :secret_key_encrypted,
    secret_key_last4 = :secret_key_last4, webhook_secret_encrypted = :webhook_secret_encrypted
WHERE workspace_id = :workspace_id AND id = :id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFilter:
    """Which connections: all that are not deleted."""


_LIST = Listing(
    ConnectionFilter,
    "provider_connection",
    _COLUMNS,
    scope="workspace_id = :workspace_id AND deleted_at IS NULL",
)


async def insert(tx: Connection, connection: ProviderConnection) -> None:
    """Store a new connection; raises ConnectionExists."""
    try:
        await _INSERT.execute(tx, connection)
    except asyncpg.UniqueViolationError as error:
        raise ConnectionExists(field="mode") from error


async def save(tx: Connection, connection: ProviderConnection) -> None:
    """Store a changed connection."""
    await _UPDATE.execute(tx, connection)


async def delete(tx: Connection, workspace_id: UUID, connection_id: UUID) -> None:
    """Forget the credentials; the row stays for what was collected through it. Raises NotFound."""
    done = await tx.execute(
        """UPDATE provider_connection SET deleted_at = now(), secret_key_encrypted = '',
            webhook_secret_encrypted = NULL
        WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL""",
        workspace_id,
        connection_id,
    )
    if done == "UPDATE 0":
        raise_not_found("provider connection", connection_id)


async def lock(tx: Connection, workspace_id: UUID, connection_id: UUID) -> ProviderConnection:
    """The connection, locked; raises NotFound."""
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM provider_connection
        WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE""",
        workspace_id,
        connection_id,
    )
    return ProviderConnection(**row) if row else raise_not_found("provider connection", connection_id)


async def get(tx: Connection, workspace_id: UUID, connection_id: UUID) -> ProviderConnection:
    """The connection; raises NotFound."""
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM provider_connection
        WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL""",
        workspace_id,
        connection_id,
    )
    return ProviderConnection(**row) if row else raise_not_found("provider connection", connection_id)


async def of_mode(tx: Connection, workspace_id: UUID, provider: str, mode: str) -> ProviderConnection | None:
    """The workspace's connection to the provider in this mode."""
    row = await tx.fetchrow(
        f"""SELECT {_COLUMNS} FROM provider_connection
        WHERE workspace_id = $1 AND provider = $2 AND mode = $3 AND deleted_at IS NULL""",
        workspace_id,
        provider,
        mode,
    )
    return ProviderConnection(**row) if row else None


async def find(tx: Connection, workspace_id: UUID, window: Window) -> Found[ProviderConnection]:
    """Connections, newest first."""
    return await _LIST.find(
        tx, workspace_id, ConnectionFilter(), window, lambda row: ProviderConnection(**row)
    )


async def to_catch_up(tx: Connection, every: timedelta, limit: int) -> list[ProviderConnection]:
    """Connections whose events were not read for so long, marked as read now."""
    rows = await tx.fetch(
        f"""UPDATE provider_connection SET events_read_at = now()
        WHERE (workspace_id, id) IN (SELECT workspace_id, id FROM provider_connection
            WHERE deleted_at IS NULL AND (events_read_at IS NULL OR events_read_at < now() - $1::interval)
            ORDER BY events_read_at NULLS FIRST LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED)
        RETURNING {_COLUMNS}""",
        every,
        limit,
    )
    return [ProviderConnection(**row) for row in rows]


async def note_cursor(tx: Connection, c: ProviderConnection, cursor: str | None) -> None:
    """Remember the newest event that was read."""
    await tx.execute(
        "UPDATE provider_connection SET event_cursor = $3 WHERE workspace_id = $1 AND id = $2",
        c.workspace_id,
        c.id,
        cursor,
    )


async def customer(
    tx: Connection, workspace_id: UUID, provider: str, mode: str, owner_id: UUID
) -> str | None:
    """What the provider calls this contact, or the workspace itself."""
    reference: str | None = await tx.fetchval(
        """SELECT reference FROM provider_customer
        WHERE workspace_id = $1 AND provider = $2 AND mode = $3 AND owner_id = $4""",
        workspace_id,
        provider,
        mode,
        owner_id,
    )
    return reference


async def note_customer(
    tx: Connection, workspace_id: UUID, provider: str, mode: str, owner_id: UUID, *, reference: str
) -> str:
    """Remember it, unless another was remembered first; returns the one that counts."""
    await tx.execute(
        """INSERT INTO provider_customer (workspace_id, provider, mode, owner_id, reference)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING""",
        workspace_id,
        provider,
        mode,
        owner_id,
        reference,
    )
    return await customer(tx, workspace_id, provider, mode, owner_id) or reference

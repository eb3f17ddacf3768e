"""SQL of signing secrets; what goes in and out is encrypted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.postgres.pool import Connection

_COLUMNS = "workspace_id, id, endpoint_id, key_encrypted, created_at, expires_at"
_INSERT = f"INSERT INTO endpoint_secret ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)"
_OF = f"""
SELECT {_COLUMNS} FROM endpoint_secret
WHERE (workspace_id, endpoint_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
"""


@dataclass(frozen=True, slots=True)
class EncryptedSecret:
    """A row of endpoint_secret."""

    workspace_id: UUID
    id: UUID
    endpoint_id: UUID
    key_encrypted: bytes
    created_at: datetime
    expires_at: datetime | None


async def insert(tx: Connection, secrets: Sequence[EncryptedSecret]) -> None:
    """Store secrets."""
    await tx.executemany(_INSERT, [_values(one) for one in secrets])


async def delete(tx: Connection, workspace_id: UUID, endpoint_id: UUID) -> None:
    """Forget every secret of the endpoint."""
    await tx.execute(
        "DELETE FROM endpoint_secret WHERE workspace_id = $1 AND endpoint_id = $2", workspace_id, endpoint_id
    )


async def of_endpoints(tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> list[EncryptedSecret]:
    """The secrets of the endpoints with these workspace ids and ids."""
    rows = await tx.fetch(_OF, [workspace_id for workspace_id, _ in keys], [id_ for _, id_ in keys])
    return [EncryptedSecret(**row) for row in rows]


def _values(secret: EncryptedSecret) -> tuple[object, ...]:
    return (
        secret.workspace_id,
        secret.id,
        secret.endpoint_id,
        secret.key_encrypted,
        secret.created_at,
        secret.expires_at,
    )

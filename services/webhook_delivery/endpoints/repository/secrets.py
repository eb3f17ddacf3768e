"""SQL of signing secrets; what goes in and out is encrypted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = ("workspace_id", "id", "endpoint_id", "key_encrypted", "created_at", "expires_at")
_COLUMNS = ", ".join(_NAMES)
_INSERT = Statement(f"INSERT INTO endpoint_secret ({_COLUMNS}) VALUES ({places(_NAMES)})")
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
    for secret in secrets:
        await _INSERT.execute(tx, secret)


async def delete(tx: Connection, workspace_id: UUID, endpoint_id: UUID) -> None:
    """Forget every secret of the endpoint."""
    await tx.execute(
        "DELETE FROM endpoint_secret WHERE workspace_id = $1 AND endpoint_id = $2", workspace_id, endpoint_id
    )


async def of_endpoints(tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> list[EncryptedSecret]:
    """The secrets of the endpoints with these workspace ids and ids."""
    rows = await tx.fetch(_OF, [workspace_id for workspace_id, _ in keys], [id_ for _, id_ in keys])
    return [EncryptedSecret(**row) for row in rows]

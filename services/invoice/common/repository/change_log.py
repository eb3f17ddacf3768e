"""The change log: append-only, one row a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.postgres.named import Statement
from shared.postgres.pool import Connection

_INSERT = Statement("""
INSERT INTO change_log (workspace_id, resource, resource_id, sequence, types, actor, request_id, occurred_at,
    data_sha256)
SELECT workspace_id, resource, resource_id, sequence, string_to_array(types, ' '), actor, request_id,
    occurred_at, sha256
FROM unnest(:workspace_id::uuid[], :resource::text[], :resource_id::uuid[], :sequence::bigint[],
    :types::text[], :actor::text[], :request_id::text[], :occurred_at::timestamptz[], :sha256::bytea[])
    AS change (workspace_id, resource, resource_id, sequence, types, actor, request_id, occurred_at, sha256)
""")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a resource: its event types are separated by spaces; the digest is of the data told."""

    workspace_id: UUID
    resource: str
    resource_id: UUID
    sequence: int
    types: str
    actor: str
    request_id: str | None
    occurred_at: datetime
    sha256: bytes


async def insert(tx: Connection, changes: Sequence[Change]) -> None:
    """Append these changes."""
    await _INSERT.execute_many(tx, changes)

"""The change log: append-only, one row a change."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shared.postgres.pool import Connection

_INSERT = """
INSERT INTO change_log (workspace_id, resource, resource_id, sequence, types, actor, request_id, occurred_at,
    data_sha256)
SELECT workspace_id, resource, resource_id, sequence, string_to_array(types, ' '), $6, $7, occurred_at, sha256
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[], $8::timestamptz[], $9::bytea[])
    AS change (workspace_id, resource, resource_id, sequence, types, occurred_at, sha256)
"""


async def insert(
    tx: Connection,
    changes: Sequence[tuple[UUID, str, UUID, int, str, datetime, bytes]],
    actor: str,
    request_id: str | None,
) -> None:
    """Append changes: workspace, resource, id, sequence, event types (space-separated), time, digest."""
    workspaces, resources, ids, sequences, types, times, digests = (
        list(column) for column in zip(*changes, strict=True)
    )
    await tx.execute(_INSERT, workspaces, resources, ids, sequences, types, actor, request_id, times, digests)

"""SQL of the copies of invoices."""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.subscription_renewal.copies.domain.failed_collection import FailedCollection
from services.subscription_renewal.copies.domain.invoice import InvoiceCopy
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

_COLUMNS = "workspace_id, invoice_id, sequence, subscription_id, status, is_credited, is_late, changed_at"
# Ordered by id, so that two consumers cannot deadlock.
_STORE = Statement(f"""
INSERT INTO invoice_copy ({_COLUMNS}, has_failed)
SELECT *, false FROM unnest(:workspace_id::uuid[], :invoice_id::uuid[], :sequence::bigint[],
    :subscription_id::uuid[], :status::text[], :is_credited::boolean[], :is_late::boolean[],
    :changed_at::timestamptz[]) AS new ({_COLUMNS})
ORDER BY workspace_id, invoice_id
ON CONFLICT (workspace_id, invoice_id) DO UPDATE SET sequence = excluded.sequence,
    subscription_id = excluded.subscription_id, status = excluded.status, is_credited = excluded.is_credited,
    is_late = excluded.is_late, changed_at = excluded.changed_at
WHERE invoice_copy.sequence < excluded.sequence
RETURNING workspace_id, invoice_id
""")
_FAILED = f"""
INSERT INTO invoice_copy ({_COLUMNS}, has_failed) VALUES ($1, $2, 0, $3, 'open', false, false, $4, true)
ON CONFLICT (workspace_id, invoice_id) DO UPDATE SET has_failed = true
RETURNING {_COLUMNS}
"""
_IS_OWED = "status = 'open' AND (is_late OR has_failed)"
_OWED = f"""
SELECT EXISTS (SELECT FROM invoice_copy WHERE workspace_id = $1 AND subscription_id = $2 AND {_IS_OWED})
"""
_MOVING = f"""
SELECT s.workspace_id, s.id FROM subscription s
JOIN unnest($1::uuid[], $2::uuid[]) AS touched (workspace_id, id) USING (workspace_id, id)
WHERE s.status = 'past_due' OR (s.status = 'active' AND EXISTS (
    SELECT FROM invoice_copy WHERE workspace_id = s.workspace_id AND subscription_id = s.id AND {_IS_OWED}))
ORDER BY s.workspace_id, s.id
"""


async def store(tx: Connection, copies: Sequence[InvoiceCopy]) -> set[tuple[UUID, UUID]]:
    """Keep the newest copies, their rows locked; returns (workspace, invoice) ids of those that are news."""
    rows = await _STORE.fetch_many(tx, copies)
    return {(row["workspace_id"], row["invoice_id"]) for row in rows}


async def note_failure(tx: Connection, failure: FailedCollection) -> InvoiceCopy:
    """Note that the invoice could not be collected, its row locked; returns what is known of it."""
    row = await tx.fetchrow(
        _FAILED, failure.workspace_id, failure.invoice_id, failure.subscription_id, failure.failed_at
    )
    assert row is not None
    return InvoiceCopy(**row)


async def moving_subscriptions(
    tx: Connection, keys: Collection[tuple[UUID, UUID]]
) -> list[tuple[UUID, UUID]]:
    """Of these (workspace, subscription) ids those whose standing may change, in order; nothing is locked."""
    if not keys:
        return []
    rows = await tx.fetch(_MOVING, *(list(column) for column in zip(*keys, strict=True)))
    return [(row["workspace_id"], row["id"]) for row in rows]


async def is_owed_for(tx: Connection, workspace_id: UUID, subscription_id: UUID) -> bool:
    """Whether an invoice of the subscription is late or was not collected, and is not settled."""
    found: bool = await tx.fetchval(_OWED, workspace_id, subscription_id)
    return found

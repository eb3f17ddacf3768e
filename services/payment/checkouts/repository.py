"""SQL of checkouts: collections through a page of the provider's. Times are the database's."""

from datetime import timedelta
from uuid import UUID

from services.payment.collections.domain.collection import Collection
from services.payment.collections.repository import collections
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NEW = (
    "workspace_id payment_id invoice_id provider mode method_reference customer_reference amount_minor "
    "currency state is_automatic return_url lease_token"
).split()
_INSERT = Statement(f"""
INSERT INTO collection ({", ".join(_NEW)}, kind, lease_expires_at, expires_at)
VALUES ({places(_NEW)}, 'checkout', clock_timestamp() + :lease, clock_timestamp() + :lifetime)
RETURNING {collections.COLUMNS}, clock_timestamp() AS claimed_at
""")


async def insert(tx: Connection, collection: Collection, lease: timedelta, lifetime: timedelta) -> Collection:
    """Store a new checkout that is already claimed: whoever asked for it opens its page, no worker.

    Returns it with its times.
    """
    row = await _INSERT.fetchrow(tx, collection, lease=lease, lifetime=lifetime)
    assert row is not None
    return collections.to_collection(row)


async def newest(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> Collection | None:
    """The invoice's newest collection, of either kind, as of now."""
    row = await tx.fetchrow(
        f"""SELECT {collections.COLUMNS}, clock_timestamp() AS claimed_at FROM collection
        WHERE workspace_id = $1 AND payment_id IN (
            SELECT id FROM payment WHERE workspace_id = $1 AND invoice_id = $2)
        ORDER BY payment_id DESC LIMIT 1""",
        workspace_id,
        invoice_id,
    )
    return collections.to_collection(row) if row else None

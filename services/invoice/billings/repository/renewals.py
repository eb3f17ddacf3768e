"""SQL of what subscriptions bill: what is billed already, and what the invoices of many workspaces need."""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.invoice.billings.domain.renewal import Key
from shared.postgres.pool import Connection

# A lookup for each key, whatever the planner believes of the table: LIMIT keeps it from joining otherwise.
_BILLED = """
SELECT place FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bigint[]) WITH ORDINALITY
    AS wanted (workspace_id, subscription_id, period_start, version, place),
LATERAL (
    SELECT FROM invoice i WHERE i.workspace_id = wanted.workspace_id
        AND i.subscription_id = wanted.subscription_id
        AND i.billing_reason = 'cycle' AND i.period_start = wanted.period_start LIMIT 1
) AS cycle
UNION ALL
SELECT place FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bigint[]) WITH ORDINALITY
    AS wanted (workspace_id, subscription_id, period_start, version, place),
LATERAL (
    SELECT FROM invoice i WHERE i.workspace_id = wanted.workspace_id
        AND i.subscription_id = wanted.subscription_id
        AND i.billing_reason = 'change' AND i.subscription_version = wanted.version LIMIT 1
) AS change
"""


async def billed(tx: Connection, keys: Sequence[Key]) -> set[Key]:
    """Those of the keys that have an invoice."""
    rows = await tx.fetch(
        _BILLED,
        [key.workspace_id for key in keys],
        [key.subscription_id for key in keys],
        [key.period_start for key in keys],
        [key.version for key in keys],
    )
    return {keys[row["place"] - 1] for row in rows}


async def unknown_products(tx: Connection, keys: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Those (workspace, product) ids that name no product."""
    rows = await tx.fetch(
        """SELECT workspace_id, id FROM product
        WHERE (workspace_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))""",
        [workspace_id for workspace_id, _ in keys],
        [product_id for _, product_id in keys],
    )
    return set(keys) - {(row["workspace_id"], row["id"]) for row in rows}

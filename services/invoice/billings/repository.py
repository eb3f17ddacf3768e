"""What is billed already, and billings that wait for something of their workspace."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from services.invoice.billings import domain as rules
from services.invoice.billings.domain import BillingFailure, BillingKey, ClaimedBilling, WaitingBilling
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, in_order
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

# A lookup for each key, whatever the planner believes of the table: LIMIT keeps it from joining otherwise.
_BILLED = Statement("""
SELECT place FROM unnest(:workspace_id::uuid[], :subscription_id::uuid[], :period_start::timestamptz[],
    :version::bigint[]) WITH ORDINALITY
    AS billing (workspace_id, subscription_id, period_start, version, place),
LATERAL (
    SELECT FROM invoice i WHERE i.workspace_id = billing.workspace_id
        AND i.subscription_id = billing.subscription_id
        AND i.billing_reason = 'cycle' AND i.period_start = billing.period_start LIMIT 1
) AS cycle
UNION ALL
SELECT place FROM unnest(:workspace_id::uuid[], :subscription_id::uuid[], :period_start::timestamptz[],
    :version::bigint[]) WITH ORDINALITY
    AS billing (workspace_id, subscription_id, period_start, version, place),
LATERAL (
    SELECT FROM invoice i WHERE i.workspace_id = billing.workspace_id
        AND i.subscription_id = billing.subscription_id
        AND i.billing_reason = 'change' AND i.subscription_version = billing.version LIMIT 1
) AS change
""")
_STORE = Statement("""
INSERT INTO waiting_billing (workspace_id, id, subscription_id, sequence, contact_id, reason, period_start,
    period_end, event_type, event, problem_code, problem, attempt_count, next_attempt_at)
VALUES (:workspace_id, :id, :subscription_id, :sequence, :contact_id, :reason, :period_start, :period_end,
    :event_type, :event, :problem_code, :problem, :attempt_count, now() + :pause)
ON CONFLICT (workspace_id, subscription_id, sequence) DO UPDATE SET
    problem_code = excluded.problem_code, problem = excluded.problem,
    attempt_count = excluded.attempt_count, next_attempt_at = excluded.next_attempt_at
WHERE waiting_billing.attempt_count < excluded.attempt_count
""")
_CLAIM = """
SELECT event_type, event, attempt_count FROM waiting_billing WHERE next_attempt_at <= now()
ORDER BY next_attempt_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingBillingFilter:
    """Which billings that wait."""

    subscription_id: Annotated[UUID | None, in_order("subscription_id = :subscription_id")] = None


_LIST = Listing(
    WaitingBillingFilter,
    "waiting_billing",
    """id, subscription_id, contact_id, reason, period_start, period_end, problem_code, problem,
    attempt_count, first_attempt_at, next_attempt_at""",
)


async def billed(tx: Connection, keys: Sequence[BillingKey]) -> set[BillingKey]:
    """Those of the keys that have an invoice."""
    rows = await _BILLED.fetch_many(tx, keys)
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


async def store(tx: Connection, failure: BillingFailure, attempt_count: int) -> None:
    """Keep the billing, tried so often by now, until it can be billed."""
    event, data = failure.billed, failure.billed.data
    await _STORE.execute(
        tx,
        data.billing,
        workspace_id=event.workspace_id,
        id=event.id,
        subscription_id=data.id,
        sequence=data.version,
        contact_id=data.contact_id,
        event_type=event.type,
        event=event.encode(),
        problem_code=failure.error.code,
        problem=failure.error.detail,
        attempt_count=attempt_count,
        pause=rules.pause_after(attempt_count),
    )


async def claim(tx: Connection, limit: int) -> list[ClaimedBilling]:
    """Up to `limit` billings whose next attempt is due, locked, longest due first."""
    return [rules.claimed_billing_from_event(*row) for row in await tx.fetch(_CLAIM, limit)]


async def remove(tx: Connection, done: Sequence[ClaimedBilling]) -> None:
    """Let go of billings that have their invoice."""
    await tx.execute(
        """DELETE FROM waiting_billing USING unnest($1::uuid[], $2::uuid[]) AS done (workspace_id, id)
        WHERE waiting_billing.workspace_id = done.workspace_id AND waiting_billing.id = done.id""",
        [claimed.billed.workspace_id for claimed in done],
        [claimed.billed.id for claimed in done],
    )


async def retry_all_now(tx: Connection, workspace_id: UUID) -> None:
    """Let all of the workspace's billings be tried again at once: something of it has changed."""
    await tx.execute(
        "UPDATE waiting_billing SET next_attempt_at = now() WHERE workspace_id = $1", workspace_id
    )


async def retry_now(tx: Connection, workspace_id: UUID, billing_id: UUID) -> None:
    """Let this one be tried again at once; raises NotFound."""
    done = await tx.fetchval(
        "UPDATE waiting_billing SET next_attempt_at = now() WHERE workspace_id = $1 AND id = $2 RETURNING 1",
        workspace_id,
        billing_id,
    )
    if done is None:
        raise_not_found("waiting billing", billing_id)


async def find(
    tx: Connection, workspace_id: UUID, filters: WaitingBillingFilter, window: Window
) -> Found[WaitingBilling]:
    """The workspace's billings that wait, newest first."""
    return await _LIST.find(tx, workspace_id, filters, window, lambda row: WaitingBilling(**row))


async def count(tx: Connection) -> int:
    """How many wait, of all workspaces."""
    return await _LIST.count(tx, None, WaitingBillingFilter())

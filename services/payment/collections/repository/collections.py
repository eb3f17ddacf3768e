"""SQL of collections. Times are the database's: workers with skewed clocks must agree on a lease."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from asyncpg import Record

from services.payment.collections.domain.collection import CancelReason, Collection, CollectionState
from shared.kernel.errors import raise_not_found
from shared.kernel.leased_work import LeaseLost
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

COLUMNS = """workspace_id, payment_id, invoice_id, payment_method_id, provider, mode, method_reference,
    customer_reference, amount_minor, currency, state, is_automatic, provider_reference, confirm_count,
    miss_count, cancel_reason, created_at, next_step_at, lease_token, kind, checkout_url, return_url,
    expires_at"""
_CLAIM = f"""UPDATE collection SET lease_token = $1, lease_expires_at = clock_timestamp() + $2
WHERE (workspace_id, payment_id) IN (
    SELECT workspace_id, payment_id FROM collection
    WHERE next_step_at <= clock_timestamp()
      AND (lease_expires_at IS NULL OR lease_expires_at < clock_timestamp())
    ORDER BY next_step_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING {COLUMNS}, clock_timestamp() AS claimed_at"""
_IN_FLIGHT = "('pending', 'processing', 'requires_action', 'unknown', 'needs_review')"
_NEW = (
    "workspace_id payment_id invoice_id payment_method_id provider mode method_reference customer_reference "
    "amount_minor currency state is_automatic"
).split()
_INSERT = Statement(f"INSERT INTO collection ({', '.join(_NEW)}) VALUES ({places(_NEW)})")
_SAVE_STEP = Statement("""
UPDATE collection SET provider_reference = :provider_reference, confirm_count = :confirm_count,
    checkout_url = :checkout_url, lease_expires_at = clock_timestamp() + :lease
WHERE workspace_id = :workspace_id AND payment_id = :payment_id AND lease_token = :lease_token
""")
_FINISH_STEP = Statement("""
UPDATE collection SET state = :state, provider_reference = :provider_reference, miss_count = :miss_count,
    next_step_at = CASE WHEN next_step_at IS NOT DISTINCT FROM :next_step_at THEN clock_timestamp() + :delay
        ELSE next_step_at END, lease_token = NULL, lease_expires_at = NULL
WHERE workspace_id = :workspace_id AND payment_id = :payment_id AND lease_token = :lease_token
""")
_SAVE_STATE = Statement("""
UPDATE collection SET state = :state, miss_count = :miss_count, lease_token = NULL, lease_expires_at = NULL,
    next_step_at = CASE WHEN :is_due THEN clock_timestamp() END
WHERE workspace_id = :workspace_id AND payment_id = :payment_id
""")


async def insert(tx: Connection, collection: Collection) -> None:
    """Store a new collection, due at once."""
    await _INSERT.execute(tx, collection)


async def is_in_flight(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> bool:
    """Whether one of this invoice may still bring money."""
    is_under_way: bool = await tx.fetchval(
        f"""SELECT EXISTS (SELECT FROM collection WHERE workspace_id = $1 AND invoice_id = $2
            AND state IN {_IN_FLIGHT})""",
        workspace_id,
        invoice_id,
    )
    return is_under_way


async def claim(tx: Connection, token: UUID, lease: timedelta, limit: int) -> list[Collection]:
    """Take over what is due and nobody works on."""
    rows = await tx.fetch(_CLAIM, token, lease, limit)
    return [to_collection(row) for row in rows]


async def lock(tx: Connection, workspace_id: UUID, payment_id: UUID) -> Collection:
    """The collection, locked; its receivable and payment are locked before. Raises NotFound."""
    row = await tx.fetchrow(
        f"""SELECT {COLUMNS} FROM collection WHERE workspace_id = $1 AND payment_id = $2
        FOR NO KEY UPDATE""",
        workspace_id,
        payment_id,
    )
    return to_collection(row) if row else raise_not_found("payment", payment_id)


async def lock_claimed(tx: Connection, claimed: Collection) -> Collection:
    """The collection as it is now, locked; raises LeaseLost when another worker has taken it over."""
    now = await lock(tx, claimed.workspace_id, claimed.payment_id)
    if now.lease_token is None or now.lease_token != claimed.lease_token:
        raise LeaseLost
    return now


async def save_step(tx: Connection, collection: Collection, lease: timedelta) -> None:
    """Store what must be known before the next call to the provider (or its page is shown), and hold the
    lease longer.

    Raises LeaseLost when another worker has taken it over.
    """
    _require_one(await _SAVE_STEP.execute(tx, collection, lease=lease))


async def finish_step(tx: Connection, collection: Collection, delay: timedelta | None) -> None:
    """Store the outcome of a step and give the lease back; None: nothing more is expected.

    What was asked for meanwhile (a hint, a cancellation) stays due. Raises LeaseLost when another worker
    has taken it over.
    """
    _require_one(await _FINISH_STEP.execute(tx, collection, delay=delay))


async def save_state(tx: Connection, collection: Collection, *, is_due: bool) -> None:
    """Store what a person decided; whoever works on it now loses the lease."""
    await _SAVE_STATE.execute(tx, collection, is_due=is_due)


async def ask_to_cancel(tx: Connection, workspace_id: UUID, payment_id: UUID, reason: CancelReason) -> None:
    """Let the next step cancel it."""
    await tx.execute(
        """UPDATE collection SET cancel_reason = $3, next_step_at = clock_timestamp()
        WHERE workspace_id = $1 AND payment_id = $2""",
        workspace_id,
        payment_id,
        reason,
    )


async def let_follow_checkout(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> None:
    """Let the invoice be collected automatically when its open checkout ends unpaid."""
    await tx.execute(
        """UPDATE collection SET is_automatic = true WHERE workspace_id = $1 AND invoice_id = $2
            AND kind = 'checkout' AND state IN ('pending', 'requires_action', 'unknown')""",
        workspace_id,
        invoice_id,
    )


async def cancel_outdated(tx: Connection) -> int:
    """Let the next step cancel those that would collect more than is due now; returns how many."""
    done = await tx.execute(
        """UPDATE collection c SET cancel_reason = 'outdated', next_step_at = clock_timestamp()
        FROM receivable r
        WHERE r.workspace_id = c.workspace_id AND r.invoice_id = c.invoice_id AND c.cancel_reason IS NULL
          AND c.state IN ('pending', 'requires_action', 'unknown')
          AND c.amount_minor > CASE WHEN r.status = 'closed' THEN 0
              ELSE r.total_minor - r.paid_minor - r.credited_minor - r.written_off_minor END"""
    )
    return int(done.split()[-1])


async def wake(tx: Connection, workspace_id: UUID, provider: str, reference: str) -> bool:
    """Look the intent with this reference up now, whatever its state but success; whether it is known."""
    done = await tx.execute(
        """UPDATE collection SET next_step_at = CASE WHEN state = 'succeeded' THEN next_step_at
            ELSE clock_timestamp() END
        WHERE workspace_id = $1 AND provider = $2 AND provider_reference = $3""",
        workspace_id,
        provider,
        reference,
    )
    return bool(int(done.split()[-1]))


async def payment_of(tx: Connection, workspace_id: UUID, provider: str, reference: str) -> UUID | None:
    """The payment that this intent collects."""
    payment_id: UUID | None = await tx.fetchval(
        """SELECT payment_id FROM collection
        WHERE workspace_id = $1 AND provider = $2 AND provider_reference = $3""",
        workspace_id,
        provider,
        reference,
    )
    return payment_id


async def reference_of(tx: Connection, workspace_id: UUID, payment_id: UUID) -> tuple[str | None, str | None]:
    """The provider and its intent of a payment, where it was collected; raises NotFound."""
    row = await tx.fetchrow(
        """SELECT c.provider, c.provider_reference FROM payment p
        LEFT JOIN collection c ON c.workspace_id = p.workspace_id AND c.payment_id = p.id
        WHERE p.workspace_id = $1 AND p.id = $2""",
        workspace_id,
        payment_id,
    )
    return (row[0], row[1]) if row else raise_not_found("payment", payment_id)


async def order(
    tx: Connection, orders: Sequence[tuple[UUID, UUID, UUID | None, UUID | None]]
) -> set[tuple[UUID, UUID]]:
    """Note (workspace, invoice, method, subscription) to collect; returns the keys that are new."""
    rows = await tx.fetch(
        """INSERT INTO collection_order (workspace_id, invoice_id, payment_method_id, subscription_id)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[])
        ON CONFLICT DO NOTHING RETURNING workspace_id, invoice_id""",
        *map(list, zip(*orders, strict=True)),
    )
    return {(row["workspace_id"], row["invoice_id"]) for row in rows}


async def get_order(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> tuple[UUID | None, UUID | None]:
    """The method and the subscription that the invoice names."""
    row = await tx.fetchrow(
        """SELECT payment_method_id, subscription_id FROM collection_order
        WHERE workspace_id = $1 AND invoice_id = $2""",
        workspace_id,
        invoice_id,
    )
    return (row[0], row[1]) if row else (None, None)


def _require_one(done: str) -> None:
    if done != "UPDATE 1":
        raise LeaseLost


def to_collection(row: Record) -> Collection:
    """The collection in a row that has its columns."""
    return Collection(**{**row, "state": CollectionState(row["state"])})

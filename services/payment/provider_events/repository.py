"""SQL of providers' hints and of refunds that a provider is told of."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.postgres.named import Statement
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Hint:
    """An event of a provider: what happened is read from the object itself."""

    workspace_id: UUID
    provider: str
    mode: str
    event_id: str
    type: str
    object_id: str
    failure_count: int = 0


@dataclass(frozen=True, slots=True)
class Sending:
    """A refund that its provider is to be told of."""

    workspace_id: UUID
    refund_id: UUID
    sent_reference: str | None
    miss_count: int
    amount_minor: int
    currency: str
    reason: str | None
    provider: str
    mode: str
    payment_reference: str


_INSERT = Statement("""
INSERT INTO provider_event (workspace_id, provider, mode, event_id, type, object_id)
SELECT * FROM unnest(:workspace_id::uuid[], :provider::text[], :mode::text[], :event_id::text[],
    :type::text[], :object_id::text[])
ON CONFLICT DO NOTHING
""")


async def insert(tx: Connection, hints: Sequence[Hint]) -> int:
    """Store those that are new; returns how many."""
    done = await _INSERT.execute_many(tx, hints)
    return int(done.split()[-1])


async def claim(tx: Connection, lease: timedelta, limit: int) -> list[Hint]:
    """Hints that are due, each the caller's for so long."""
    rows = await tx.fetch(
        """UPDATE provider_event SET next_step_at = clock_timestamp() + $1, failure_count = failure_count + 1
        WHERE (workspace_id, provider, event_id) IN (
            SELECT workspace_id, provider, event_id FROM provider_event
            WHERE next_step_at <= clock_timestamp() ORDER BY next_step_at LIMIT $2
            FOR NO KEY UPDATE SKIP LOCKED)
        RETURNING workspace_id, provider, mode, event_id, type, object_id, failure_count""",
        lease,
        limit,
    )
    return [Hint(**row) for row in rows]


async def take(tx: Connection, hint: Hint) -> bool:
    """Mark it as done in the transaction of its effect; False when another did it meanwhile."""
    done = await tx.execute(
        """UPDATE provider_event SET next_step_at = NULL
        WHERE workspace_id = $1 AND provider = $2 AND event_id = $3 AND next_step_at IS NOT NULL""",
        hint.workspace_id,
        hint.provider,
        hint.event_id,
    )
    return done == "UPDATE 1"


async def put_off(tx: Connection, hint: Hint, delay: timedelta) -> None:
    """Let a hint that was taken be due again after so long."""
    await tx.execute(
        """UPDATE provider_event SET next_step_at = clock_timestamp() + $4
        WHERE workspace_id = $1 AND provider = $2 AND event_id = $3""",
        hint.workspace_id,
        hint.provider,
        hint.event_id,
        delay,
    )


async def reference_of(tx: Connection, workspace_id: UUID, refund_id: UUID) -> str | None:
    """The provider's id of a refund that was sent."""
    reference: str | None = await tx.fetchval(
        "SELECT provider_reference FROM refund_sending WHERE workspace_id = $1 AND refund_id = $2",
        workspace_id,
        refund_id,
    )
    return reference


async def refund_of(tx: Connection, workspace_id: UUID, reference: str, named: str | None) -> UUID | None:
    """The refund that the provider knows by this reference, or that names itself so there."""
    refund_id: UUID | None = await tx.fetchval(
        """SELECT refund_id FROM refund_sending
        WHERE workspace_id = $1 AND (provider_reference = $2 OR refund_id = $3) LIMIT 1""",
        workspace_id,
        reference,
        _uuid(named),
    )
    return refund_id


async def note_pending_refunds(tx: Connection, limit: int) -> None:
    """Take up refunds of collected payments that nobody has told their provider of."""
    await tx.execute(
        """INSERT INTO refund_sending (workspace_id, refund_id)
        SELECT r.workspace_id, r.id FROM refund r
        JOIN payment p ON p.workspace_id = r.workspace_id AND p.id = r.payment_id
        WHERE r.state = 'pending' AND p.provider IS NOT NULL AND NOT EXISTS (
            SELECT FROM refund_sending s WHERE s.workspace_id = r.workspace_id AND s.refund_id = r.id)
        LIMIT $1 ON CONFLICT DO NOTHING""",
        limit,
    )


async def claim_refunds(tx: Connection, lease: timedelta, limit: int) -> list[Sending]:
    """Refunds that are due to be sent or looked up, each the caller's for so long."""
    rows = await tx.fetch(
        """WITH due AS (
            UPDATE refund_sending SET next_step_at = clock_timestamp() + $1, miss_count = miss_count + 1
            WHERE (workspace_id, refund_id) IN (
                SELECT s.workspace_id, s.refund_id FROM refund_sending s
                JOIN refund r ON r.workspace_id = s.workspace_id AND r.id = s.refund_id
                WHERE r.state = 'pending' AND s.next_step_at <= clock_timestamp()
                ORDER BY s.next_step_at LIMIT $2 FOR NO KEY UPDATE OF s SKIP LOCKED)
            RETURNING *
        )
        SELECT due.workspace_id, due.refund_id, due.provider_reference AS sent_reference, due.miss_count,
            r.amount_minor, r.currency, r.reason, c.provider, c.mode,
            c.provider_reference AS payment_reference
        FROM due JOIN refund r ON r.workspace_id = due.workspace_id AND r.id = due.refund_id
        JOIN collection c ON c.workspace_id = r.workspace_id AND c.payment_id = r.payment_id""",
        lease,
        limit,
    )
    return [Sending(**row) for row in rows]


async def note_refund(tx: Connection, s: Sending, reference: str | None, delay: timedelta) -> None:
    """Keep the provider's id of a refund, and look at it again after so long."""
    await tx.execute(
        """UPDATE refund_sending SET provider_reference = coalesce($3, provider_reference),
            next_step_at = clock_timestamp() + $4
        WHERE workspace_id = $1 AND refund_id = $2""",
        s.workspace_id,
        s.refund_id,
        reference,
        delay,
    )


async def wake_refund(tx: Connection, workspace_id: UUID, reference: str) -> bool:
    """Look the refund with this reference up now; whether it is known."""
    done = await tx.execute(
        """UPDATE refund_sending SET next_step_at = clock_timestamp()
        WHERE workspace_id = $1 AND provider_reference = $2""",
        workspace_id,
        reference,
    )
    return bool(int(done.split()[-1]))


def _uuid(text: str | None) -> UUID | None:
    # What stands at the provider may be another system's.
    with suppress(ValueError):
        return UUID(text or "")
    return None

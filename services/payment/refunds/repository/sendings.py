"""SQL of refunds that a provider is to be told of, and of what the provider calls them."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class RefundSending:
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


async def note_pending(tx: Connection, limit: int) -> None:
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


async def claim(tx: Connection, lease: timedelta, limit: int) -> list[RefundSending]:
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
    return [RefundSending(**row) for row in rows]


async def note(tx: Connection, s: RefundSending, reference: str | None, delay: timedelta) -> None:
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


async def wake(tx: Connection, workspace_id: UUID, reference: str) -> bool:
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

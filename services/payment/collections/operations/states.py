"""What a provider's answer does to a collection and its payment, behind the fence of the worker's lease."""

from dataclasses import dataclass, replace
from datetime import timedelta

from services.payment.collections.domain import collecting as rules
from services.payment.collections.domain.collecting import CollectionFailure
from services.payment.collections.domain.collection import Collection, State
from services.payment.collections.operations.collected import settle_collected
from services.payment.collections.operations.credit_use import settle_first
from services.payment.collections.repository import collections
from services.payment.collections.repository import payments as collected_payments
from services.payment.payments.domain.payment import Payment, snapshot
from services.payment.payments.repository import payments
from services.payment.receivables.repository import receivables
from shared.events.payment import PaymentFailed, PaymentUpdated
from shared.messaging.work import Work
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a step leaves a collection, and when the next one is due; None: nothing more is expected."""

    state: State
    reference: str | None
    delay: timedelta | None = None
    failure: CollectionFailure | None = None
    miss_count: int = 0


async def note_prepared(tx: Connection, claimed: Collection, reference: str, lease: timedelta) -> Collection:
    """Commit the intent's reference before anything else is asked of it; raises LeaseLost."""
    prepared = replace(claimed, provider_reference=reference)
    await collections.save_step(tx, prepared, lease)
    return prepared


async def begin_confirm(work: Work, claimed: Collection, lease: timedelta) -> Collection:
    """Commit that a confirmation begins, with a key of its own.

    Credit that the contact got meanwhile settles the invoice first. It must not begin when the invoice asks
    for less by now, or when it is to be canceled: then the collection comes back with its reason to be
    canceled. Raises LeaseLost.
    """
    key = (claimed.workspace_id, claimed.invoice_id)
    locked = [await settle_first(work, receivable) for receivable in await receivables.lock(work.tx, [key])]
    expected_minor = sum(receivable.expected_minor for receivable, _ in locked)
    now = await collections.lock_claimed(work.tx, claimed)
    now = replace(now, claimed_at=claimed.claimed_at, next_step_at=claimed.next_step_at)
    if now.cancel_reason or expected_minor < now.amount_minor:
        return replace(now, cancel_reason=now.cancel_reason or "outdated")
    begun = replace(now, confirm_count=now.confirm_count + 1)
    await collections.save_step(work.tx, begun, lease)
    return begun


async def finish(work: Work, claimed: Collection, outcome: Outcome) -> Payment:
    """Apply a step's outcome to the collection and its payment at once; raises LeaseLost.

    Locks receivable, payment and collection in this order, as everyone does.
    """
    await receivables.lock(work.tx, [(claimed.workspace_id, claimed.invoice_id)])
    payment = await payments.lock(work.tx, claimed.workspace_id, claimed.payment_id)
    now = await collections.lock_claimed(work.tx, claimed)
    after = replace(
        now,
        state=outcome.state,
        provider_reference=outcome.reference,
        miss_count=outcome.miss_count,
        next_step_at=claimed.next_step_at,
    )
    await collections.finish_step(work.tx, after, outcome.delay)
    if outcome.state is State.SUCCEEDED and payment.state != "succeeded":
        await collected_payments.note_success(work.tx, payment.workspace_id, payment.id, outcome.reference)
        return await settle_collected(work, payment.id)
    if outcome.state.value != payment.state:
        return await set_state(work, payment, outcome.state, outcome.reference, outcome.failure)
    return payment


async def set_state(
    work: Work,
    payment: Payment,
    state: State,
    reference: str | None,
    failure: CollectionFailure | None,
) -> Payment:
    """Move a locked payment to any state but success, and say so."""
    moved = rules.move(payment, state, reference, failure, work.clock)
    await collected_payments.save(work.tx, moved)
    data = snapshot(moved)
    work.record(PaymentUpdated.of(moved.workspace_id, data))
    if state is State.FAILED:
        work.record(PaymentFailed.of(moved.workspace_id, data))
    return moved

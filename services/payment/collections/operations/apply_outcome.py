"""What a provider's answer does to a collection and its payment, behind the fence of the worker's lease."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from services.payment.allocations import repository as allocations
from services.payment.collections.domain import collected_payment as rules
from services.payment.collections.domain.collected_payment import CollectionFailure
from services.payment.collections.domain.collection import Collection, CollectionState
from services.payment.collections.operations.credit_first import settle_first
from services.payment.collections.repository import collected_payments, collections
from services.payment.payments.domain.payment import Payment, snapshot
from services.payment.payments.operations import money_batches
from services.payment.payments.repository import payments
from services.payment.receivables.repository import receivables
from shared.events.payment import PaymentFailed, PaymentUpdated
from shared.messaging.work import Work
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """Where a step leaves a collection, and when the next one is due; None: nothing more is expected."""

    state: CollectionState
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


async def finish(work: Work, claimed: Collection, outcome: StepOutcome) -> Payment:
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
    if outcome.state is CollectionState.SUCCEEDED and payment.state != "succeeded":
        await collected_payments.note_success(work.tx, payment.workspace_id, payment.id, outcome.reference)
        return await settle_collected(work, payment.id)
    if outcome.state.value != payment.state:
        return await set_state(work, payment, outcome.state, outcome.reference, outcome.failure)
    return payment


async def set_state(
    work: Work,
    payment: Payment,
    state: CollectionState,
    reference: str | None,
    failure: CollectionFailure | None,
) -> Payment:
    """Move a locked payment to any state but success, and say so."""
    moved = rules.move(payment, state, reference, failure, work.clock)
    await collected_payments.save(work.tx, moved)
    data = snapshot(moved)
    work.record(PaymentUpdated.of(moved.workspace_id, data))
    if state is CollectionState.FAILED:
        work.record(PaymentFailed.of(moved.workspace_id, data))
    return moved


async def settle_collected(work: Work, payment_id: UUID) -> Payment:
    """The payment, which names its invoice, has succeeded: the provider has `amount_minor` for us.

    Call it within the transaction that stores what the provider said. It locks the invoice's receivable, then
    the payment (so hold no lock on the payment before, or lock the receivable first, too); the
    invoice takes at most what it asks for, the surplus goes into the contact's credit balance. State
    `succeeded`, ledger entries, `payment.updated` and, with a surplus, `credit_balance.updated` are recorded
    here: record none of your own for the same change. A payment that has succeeded already is given
    back as it is, so it may be called again. Raises NotFound.
    """
    invoice_id = await payments.invoice_of(work.tx, work.workspace_id, payment_id)
    named = (invoice_id,) if invoice_id else ()
    batch = await money_batches.lock_payment(work, payment_id, *named)
    if batch.payments[payment_id].state not in rules.FINAL:
        rules.succeed(batch, payment_id, iter(await allocations.serials(work.tx, 1)))
        await money_batches.save(work, batch)
    return batch.payments[payment_id]

"""What providers hint at: taken in once, then read again at the provider before anything happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from services.payment.collections.repository import collections
from services.payment.disputes.domain.dispute import DisputeReport, DisputeState
from services.payment.disputes.operations import follow_dispute
from services.payment.payment_methods.domain import CardDetails
from services.payment.payment_methods.operations import finish_setup, follow_provider
from services.payment.provider_events import repository as provider_events
from services.payment.provider_events.repository import Hint
from services.payment.providers.provider import (
    Method,
    Provider,
    ProviderDispute,
    ProviderEvent,
    RefundState,
    SetupState,
)
from services.payment.refunds.domain.refund import PaymentNotSucceeded
from services.payment.refunds.operations import finish_refund
from services.payment.refunds.repository import sendings
from shared.messaging.work import Work
from shared.postgres.pool import Connection

MAX_FAILURES = 12
"""So often a hint is tried; waiting longer each time, that is more than an hour."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ProviderObject:
    """What the provider says of the object that an event is about."""

    setup: SetupState | None = None
    method: Method | None = None
    dispute: ProviderDispute | None = None
    refund: RefundState | None = None


async def take_in(
    tx: Connection, workspace_id: UUID, provider: str, mode: str, events: Sequence[ProviderEvent]
) -> int:
    """Store the hints that are new; returns how many."""
    hints = [
        Hint(workspace_id, provider, mode, event.id, event.type, event.object_id)
        for event in events
        if event.object_id
    ]
    return await provider_events.insert(tx, hints) if hints else 0


async def read_again(provider: Provider, hint: Hint) -> ProviderObject:
    """Ask the provider for the object, with no transaction open; raises ProviderError."""
    if hint.type.startswith("setup_intent."):
        setup = await provider.get_setup_intent(hint.object_id)
        method = await provider.get_method(setup.method_id) if setup.method_id else None
        return ProviderObject(setup=setup, method=method)
    if hint.type.startswith("payment_method."):
        return ProviderObject(method=await provider.get_method(hint.object_id))
    if hint.type.startswith("charge.dispute."):
        return ProviderObject(dispute=await provider.get_dispute(hint.object_id))
    if hint.type.startswith(("refund.", "charge.refund.")):
        return ProviderObject(refund=await provider.get_refund(hint.object_id))
    return ProviderObject()


async def apply_hint(work: Work, hint: Hint, read: ProviderObject) -> None:
    """Do what the object asks for, once; a dispute of what has not succeeded here yet is put off."""
    if not await provider_events.take(work.tx, hint):
        return
    if hint.type.startswith(("payment_intent.", "checkout.session.")):
        await collections.wake(work.tx, hint.workspace_id, hint.provider, hint.object_id)
    elif read.refund:
        await _refund(work, hint, read.refund)
    elif read.setup:
        await finish_setup(work, hint.provider, read.setup, read.method)
    elif read.method:
        card = read.method
        details = CardDetails(card.brand, card.last4, card.exp_month, card.exp_year)
        await follow_provider(work, hint.provider, hint.object_id, details)
    elif read.dispute and not await _dispute(work, hint, read.dispute):
        await _put_off(work, hint)


async def _refund(work: Work, hint: Hint, said: RefundState) -> None:
    """A refund may end without us asking, and may fail days after it had succeeded."""
    refund_id = await sendings.refund_of(work.tx, hint.workspace_id, said.reference, said.refund_id)
    if refund_id is None:
        return
    if said.status not in ("succeeded", "failed", "canceled"):
        await sendings.wake(work.tx, hint.workspace_id, said.reference)
        return
    has_gone = said.status == "succeeded"
    reason = None if has_gone else said.failure_reason or said.status
    await finish_refund(work, refund_id, succeeded=has_gone, reason=reason)


# A question of the bank's, or one that never became a dispute: the money is still ours.
_NOT_TAKEN_BACK = frozenset(("warning_needs_response", "warning_under_review", "warning_closed", "prevented"))
_DECIDED = {"won": DisputeState.WON, "lost": DisputeState.LOST}


async def _dispute(work: Work, hint: Hint, said: ProviderDispute) -> bool:
    """Let the payment follow; False where it is not here, or holds no money, yet."""
    if said.status in _NOT_TAKEN_BACK:
        return True
    payment_id = await collections.payment_of(
        work.tx, hint.workspace_id, hint.provider, said.payment_reference
    )
    if payment_id is None:
        return False
    status = _DECIDED.get(said.status, DisputeState.OPEN)
    told = DisputeReport(said.reference, status, said.amount_minor, said.reason, said.currency)
    try:
        await follow_dispute(work, payment_id, told)
    except PaymentNotSucceeded:
        await collections.wake(work.tx, hint.workspace_id, hint.provider, said.payment_reference)
        return False
    return True


async def _put_off(work: Work, hint: Hint) -> None:
    """Try again later; what is still unknown then is another system's at the same provider."""
    if hint.failure_count < MAX_FAILURES:
        delay = timedelta(seconds=min(2**hint.failure_count, 3600))
        await provider_events.put_off(work.tx, hint, delay)
    else:
        log.warning("provider_event.not_ours", type=hint.type, event_id=hint.event_id)

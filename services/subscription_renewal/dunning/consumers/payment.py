"""Payments heard: an automatic collection that failed begins a campaign, or uses up a row of its schedule."""

from services.subscription_renewal.copies.domain.failed_collection import FailedCollection
from services.subscription_renewal.dunning.operations import campaigns as operations
from shared.events.payment import PaymentFailed
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on(PaymentFailed)
async def note_failure(unit: Unit, event: PaymentFailed) -> None:
    """Only automatic attempts count: one by hand says nothing about the schedule."""
    data = event.data
    if not data.is_automatic or data.invoice_id is None:
        return
    failure = FailedCollection(
        workspace_id=event.workspace_id,
        payment_id=data.id,
        sequence=event.sequence,
        invoice_id=data.invoice_id,
        contact_id=data.contact_id,
        subscription_id=data.subscription_id,
        failed_at=event.time,
        code=data.failure.code if data.failure else None,
        advice=data.failure.advice if data.failure else "retry",
    )
    await operations.note_failure(await workspaces.work_of(unit, event.workspace_id), failure)

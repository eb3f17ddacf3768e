"""What providers hint at: taken in once, then read again at the provider before anything happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.payment.domain.payment_method import Attachment
from services.payment.operations.disputes import dispute_payment
from services.payment.operations.payment_methods import attach_method, follow_provider
from services.payment.providers.provider import Dispute, Method, Provider, ProviderEvent, SetupState
from services.payment.repository import collections, provider_events, setup_intents
from services.payment.repository.provider_events import Hint
from services.payment.repository.setup_intents import SetupIntent
from shared.kernel.clock import Clock
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Read:
    """What the provider says of the object that an event is about."""

    setup: SetupState | None = None
    method: Method | None = None
    dispute: Dispute | None = None


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


async def read_again(provider: Provider, hint: Hint) -> Read:
    """Ask the provider for the object, with no transaction open; raises ProviderError."""
    if hint.type.startswith("setup_intent."):
        setup = await provider.get_setup_intent(hint.object_id)
        method = await provider.get_method(setup.method_id) if setup.method_id else None
        return Read(setup=setup, method=method)
    if hint.type.startswith("payment_method."):
        return Read(method=await provider.get_method(hint.object_id))
    if hint.type.startswith("charge.dispute."):
        return Read(dispute=await provider.get_dispute(hint.object_id))
    return Read()


async def apply_hint(tx: Connection, hint: Hint, read: Read, clock: Clock) -> None:
    """Do what the object asks for, once."""
    if not await provider_events.take(tx, hint):
        return
    if hint.type.startswith(("payment_intent.", "checkout.session.")):
        await collections.wake(tx, hint.workspace_id, hint.provider, hint.object_id)
    elif "refund" in hint.type:
        await provider_events.wake_refund(tx, hint.workspace_id, hint.object_id)
    elif read.setup:
        await finish_setup(tx, hint.workspace_id, hint.provider, read, clock)
    elif read.method:
        shown = {name: getattr(read.method, name) for name in ("brand", "last4", "exp_month", "exp_year")}
        await follow_provider(tx, hint.workspace_id, hint.provider, hint.object_id, shown, clock)
    elif read.dispute:
        await _dispute(tx, hint, read.dispute, clock)


async def finish_setup(tx: Connection, workspace_id: UUID, provider: str, read: Read, clock: Clock) -> None:
    """Attach the method of a setup intent that succeeded; one of somebody else's is none of ours."""
    assert read.setup is not None
    intent = await setup_intents.lock_by_reference(tx, workspace_id, provider, read.setup.reference)
    if intent is None or intent.status == "succeeded":
        return
    if read.setup.has_succeeded and read.method:
        method = await attach_method(tx, _attachment(intent, read.method), clock)
        await setup_intents.finish(tx, intent, "succeeded", method.id)
    elif read.setup.failure_code:
        await setup_intents.finish(tx, intent, "failed", None)


def _attachment(intent: SetupIntent, method: Method) -> Attachment:
    return Attachment(
        workspace_id=intent.workspace_id,
        contact_id=intent.contact_id,
        provider=intent.provider,
        mode=intent.mode,
        customer_reference=intent.customer_reference,
        external_id=method.external_id,
        type=method.type,
        brand=method.brand,
        last4=method.last4,
        exp_month=method.exp_month,
        exp_year=method.exp_year,
    )


# Until then it is a question of the bank's, and the money is still ours.
_NOT_TAKEN_BACK = ("warning_needs_response", "warning_under_review", "warning_closed", "won", "prevented")


async def _dispute(tx: Connection, hint: Hint, dispute: Dispute, clock: Clock) -> None:
    if dispute.status in _NOT_TAKEN_BACK:
        return
    payment_id = await collections.payment_of(tx, hint.workspace_id, hint.provider, dispute.payment_reference)
    if payment_id and await provider_events.take_dispute(tx, hint, dispute.reference):
        await dispute_payment(tx, hint.workspace_id, payment_id, dispute.amount_minor, clock)

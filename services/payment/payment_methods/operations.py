"""Payment methods: attached, changed, made the default, deleted; and their expiry announced."""

from dataclasses import replace
from uuid import UUID

from services.payment.payment_methods import domain as rules
from services.payment.payment_methods.domain import Attachment, CardDetails, MethodEdit, PaymentMethod
from services.payment.payment_methods.repository import payment_methods, setup_intents
from services.payment.payment_methods.repository.setup_intents import SetupIntent
from services.payment.providers.provider import Method, SetupState
from shared.events.payment_method import (
    PaymentMethodCreated,
    PaymentMethodDeleted,
    PaymentMethodExpiring,
    PaymentMethodUpdated,
)
from shared.kernel.unset import applied
from shared.kernel.versions import require_version
from shared.messaging.aggregate import Aggregate, Locked
from shared.messaging.work import Work

METHODS = Aggregate(
    payment_methods.lock,
    payment_methods.insert,
    payment_methods.save,
    lambda method, _: rules.snapshot(method),
)


async def attach_method(work: Work, attachment: Attachment) -> PaymentMethod:
    """Keep a method, once; the owner's first is the default."""
    workspace_id, contact_id = attachment.workspace_id, attachment.contact_id
    await payment_methods.lock_owner(work.tx, workspace_id, contact_id)
    method = await payment_methods.by_reference(
        work.tx, workspace_id, attachment.provider, attachment.external_id
    )
    if method:
        return method
    has_default = await payment_methods.default_of(work.tx, workspace_id, contact_id) is not None
    method = rules.attach(attachment, not has_default, work.clock.now())
    return (await METHODS.create(work, method, PaymentMethodCreated)).value


async def finish_setup(work: Work, provider: str, setup: SetupState, card: Method | None) -> None:
    """Attach the method of a setup intent that succeeded; one of somebody else's is none of ours."""
    intent = await setup_intents.lock_by_reference(work.tx, work.workspace_id, provider, setup.reference)
    if intent is None or intent.status == "succeeded":
        return
    if setup.has_succeeded and card:
        method = await attach_method(work, _attachment(intent, card))
        await setup_intents.finish(work.tx, intent, "succeeded", method.id)
    elif setup.failure_code:
        await setup_intents.finish(work.tx, intent, "failed", None)


async def change_method(
    work: Work, method_id: UUID, edit: MethodEdit, expected_version: int | None
) -> PaymentMethod:
    """Change `metadata`, `exp_month`, `exp_year`, or make it the owner's default (`is_default`, only true).

    The owner's other default is none then; an expired method with another end is active until it passes.

    Raises NotFound, PaymentMethodDeleted or PreconditionFailed.
    """
    locked = await _lock(work, method_id, expected_version)
    method = locked.value
    if method.deleted_at:
        raise rules.PaymentMethodDeleted
    changed = rules.edit_method(method, edit)
    if changed.is_default and not method.is_default:
        await _unset_default(work, method.contact_id)
    return await _save(locked, changed)


async def delete_method(work: Work, method_id: UUID, expected_version: int | None) -> None:
    """Delete it softly; a worker detaches it at the provider. The owner's newest other is the default then.

    Raises NotFound or PreconditionFailed; one that is deleted already stays so.
    """
    locked = await _lock(work, method_id, expected_version)
    method = locked.value
    if method.deleted_at:
        return
    await locked.save(rules.delete(method, work.clock.now()), PaymentMethodDeleted)
    if method.is_default:
        successor = await payment_methods.newest_of(work.tx, work.workspace_id, method.contact_id)
        if successor:
            await _save(METHODS.locked(work, successor), replace(successor, is_default=True))


async def follow_provider(work: Work, provider: str, external_id: str, details: CardDetails) -> None:
    """Show what the provider shows of a method now: its bank may have renewed the card."""
    method = await payment_methods.by_reference(work.tx, work.workspace_id, provider, external_id)
    if method is None or method.deleted_at:
        return
    renewed = applied(details, to=method)
    if renewed != method:
        await _save(METHODS.locked(work, method), replace(renewed, status="active"))


async def announce_expiry(work: Work, method: PaymentMethod) -> bool:
    """Say once that a locked method expires within 30 days, and once that it has; whether it was said."""
    locked, today = METHODS.locked(work, method), work.clock.today()
    if rules.has_expired(method, today):
        await _save(locked, replace(method, status="expired"))
    elif rules.is_expiring(method, today):
        # The notice changes the resource's version alone: every fact has a sequence of its own.
        noted = rules.at_next_version(method, work.clock.now())
        await locked.save(noted, PaymentMethodUpdated, PaymentMethodExpiring)
    else:
        return False
    await payment_methods.note_announced(work.tx, locked.value)
    return True


async def _lock(work: Work, method_id: UUID, expected_version: int | None) -> Locked[PaymentMethod]:
    """The method, once no other change of its owner's methods is under way."""
    owner = (await payment_methods.get(work.tx, work.workspace_id, method_id)).contact_id
    await payment_methods.lock_owner(work.tx, work.workspace_id, owner)
    locked = await METHODS.lock(work, method_id)
    require_version(locked.value.version, expected_version)
    return locked


async def _unset_default(work: Work, owner: UUID | None) -> None:
    default = await payment_methods.default_of(work.tx, work.workspace_id, owner)
    if default:
        await _save(METHODS.locked(work, default), replace(default, is_default=False))


async def _save(locked: Locked[PaymentMethod], changed: PaymentMethod) -> PaymentMethod:
    """Store it at its next version; nothing where it is what it was."""
    if changed == locked.value:
        return locked.value
    return await locked.save(rules.at_next_version(changed, locked.work.clock.now()), PaymentMethodUpdated)


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

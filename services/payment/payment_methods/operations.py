"""Payment methods: attached, changed, made the default, deleted; and their expiry announced."""

from datetime import date
from typing import Any
from uuid import UUID

from services.payment.payment_methods import domain as rules
from services.payment.payment_methods.domain import Attachment, PaymentMethod
from services.payment.payment_methods.repository import payment_methods
from shared.events.payment_method import (
    PaymentMethodCreated,
    PaymentMethodDeleted,
    PaymentMethodExpiring,
    PaymentMethodUpdated,
)
from shared.kernel.clock import Clock
from shared.kernel.versions import require_version
from shared.messaging import outbox
from shared.postgres.pool import Connection


async def attach_method(tx: Connection, attachment: Attachment, clock: Clock) -> PaymentMethod:
    """Keep a method, once; the owner's first is the default."""
    workspace_id, contact_id = attachment.workspace_id, attachment.contact_id
    await payment_methods.lock_owner(tx, workspace_id, contact_id)
    known = await payment_methods.by_reference(tx, workspace_id, attachment.provider, attachment.external_id)
    if known:
        return known
    has_default = await payment_methods.default_of(tx, workspace_id, contact_id) is not None
    method = rules.attach(attachment, not has_default, clock.now())
    await payment_methods.insert(tx, method)
    await outbox.record(tx, PaymentMethodCreated.of(workspace_id, rules.snapshot(method)))
    return method


async def change_method(
    tx: Connection,
    workspace_id: UUID,
    method_id: UUID,
    changes: dict[str, Any],
    expected_version: int | None,
    clock: Clock,
) -> PaymentMethod:
    """Change `metadata`, `exp_month`, `exp_year`, or make it the owner's default (`is_default`, only true).

    The owner's other default is none then; an expired method with another end is active until it passes.

    Raises NotFound, PaymentMethodDeleted or PreconditionFailed.
    """
    owner = (await payment_methods.get(tx, workspace_id, method_id)).contact_id
    await payment_methods.lock_owner(tx, workspace_id, owner)
    method = await payment_methods.lock(tx, workspace_id, method_id)
    require_version(method.version, expected_version)
    if method.deleted_at:
        raise rules.PaymentMethodDeleted
    if changes.get("is_default") and not method.is_default:
        await _unset_default(tx, workspace_id, owner, clock)
    changed = {name: value for name, value in changes.items() if getattr(method, name) != value}
    if method.status == "expired" and changed.keys() & {"exp_month", "exp_year"}:
        changed["status"] = "active"
    return await _changed(tx, method, clock, **changed) if changed else method


async def delete_method(
    tx: Connection, workspace_id: UUID, method_id: UUID, expected_version: int | None, clock: Clock
) -> None:
    """Delete it softly; a worker detaches it at the provider. The owner's newest other is the default then.

    Raises NotFound or PreconditionFailed; one that is deleted already stays so.
    """
    owner = (await payment_methods.get(tx, workspace_id, method_id)).contact_id
    await payment_methods.lock_owner(tx, workspace_id, owner)
    method = await payment_methods.lock(tx, workspace_id, method_id)
    require_version(method.version, expected_version)
    if method.deleted_at:
        return
    deleted = rules.delete(method, clock.now())
    await payment_methods.save(tx, deleted)
    await outbox.record(tx, PaymentMethodDeleted.of(workspace_id, rules.snapshot(deleted)))
    successor = await payment_methods.newest_of(tx, workspace_id, owner) if method.is_default else None
    if successor:
        await _changed(tx, successor, clock, is_default=True)


async def follow_provider(
    tx: Connection, workspace_id: UUID, provider: str, external_id: str, shown: dict[str, Any], clock: Clock
) -> None:
    """Show what the provider shows of a method now: its bank may have renewed the card."""
    method = await payment_methods.by_reference(tx, workspace_id, provider, external_id)
    if method is None or method.deleted_at:
        return
    changed = {name: value for name, value in shown.items() if getattr(method, name) != value}
    if changed:
        await _changed(tx, method, clock, **changed, status="active")


async def announce_expiry(tx: Connection, method: PaymentMethod, today: date, clock: Clock) -> bool:
    """Say once that a locked method expires within 30 days, and once that it has; whether it was said."""
    if rules.has_expired(method, today):
        method = await _changed(tx, method, clock, status="expired")
    elif rules.is_expiring(method, today):
        # The notice changes the resource's version alone: every fact has a sequence of its own.
        method = rules.change(method, clock.now())
        await payment_methods.save(tx, method)
        data = rules.snapshot(method)
        await outbox.record(
            tx,
            PaymentMethodUpdated.of(method.workspace_id, data),
            PaymentMethodExpiring.of(method.workspace_id, data),
        )
    else:
        return False
    await payment_methods.note_announced(tx, method)
    return True


async def _unset_default(tx: Connection, workspace_id: UUID, owner: UUID | None, clock: Clock) -> None:
    other = await payment_methods.default_of(tx, workspace_id, owner)
    if other:
        await _changed(tx, other, clock, is_default=False)


async def _changed(tx: Connection, method: PaymentMethod, clock: Clock, **fields: Any) -> PaymentMethod:
    changed = rules.change(method, clock.now(), **fields)
    await payment_methods.save(tx, changed)
    await outbox.record(tx, PaymentMethodUpdated.of(method.workspace_id, rules.snapshot(changed)))
    return changed

"""State changes of contacts."""

from typing import Any
from uuid import UUID

from services.invoice.common.operations import changes
from services.invoice.contacts import domain as contact_rules
from services.invoice.contacts import repository as contacts
from services.invoice.contacts.domain import Contact
from shared.events.contact import ContactCreated, ContactDeleted, ContactUpdated
from shared.events.payment import CreditBalanceUpdated
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection


async def create_contact(tx: Connection, workspace_id: UUID, fields: dict[str, Any], clock: Clock) -> Contact:
    """Store a new contact; raises Invalid or ContactExternalIdTaken."""
    contact = contact_rules.new_contact(workspace_id, new_id(), fields, clock.now())
    await contacts.insert(tx, contact)
    await changes.record(tx, ContactCreated.of(workspace_id, contact_rules.to_snapshot(contact)))
    return contact


async def change_contact(
    tx: Connection,
    workspace_id: UUID,
    contact_id: UUID,
    fields: dict[str, Any],
    clock: Clock,
    expected_version: int | None = None,
) -> Contact:
    """Change these fields; raises NotFound, PreconditionFailed, Invalid or ContactExternalIdTaken."""
    contact = await contacts.lock(tx, workspace_id, contact_id)
    require_version(contact.version, expected_version)
    changed = contact_rules.change(contact, fields, clock.now())
    await contacts.update(tx, changed)
    await changes.record(tx, ContactUpdated.of(workspace_id, contact_rules.to_snapshot(changed)))
    return changed


async def archive_contact(tx: Connection, workspace_id: UUID, contact_id: UUID, clock: Clock) -> None:
    """Archive the contact; doing it again changes nothing. Raises NotFound."""
    contact = await contacts.lock(tx, workspace_id, contact_id)
    if contact.archived_at:
        return
    archived = contact_rules.archive(contact, clock.now())
    await contacts.update(tx, archived)
    await changes.record(tx, ContactDeleted.of(workspace_id, contact_rules.to_snapshot(archived)))


async def show_credit_balance(tx: Connection, event: CreditBalanceUpdated, clock: Clock) -> None:
    """Show on the contact what the workspace owes it."""
    data = event.data
    is_news = await contacts.show_credit_balance(
        tx, event.workspace_id, data.contact_id, data.currency, data.amount_minor, event.sequence
    )
    if is_news:
        await change_contact(tx, event.workspace_id, data.contact_id, {}, clock)

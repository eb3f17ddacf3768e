"""Changes of contacts: lock, decide, save, and tell."""

from uuid import UUID

from services.invoice.contacts import domain as contact_rules
from services.invoice.contacts import repository as contacts
from services.invoice.contacts.domain import Contact, ContactEdit
from shared.events.contact import ContactCreated, ContactDeleted, ContactUpdated
from shared.events.payment import CreditBalanceUpdated
from shared.kernel.ids import new_id
from shared.kernel.versions import require_version
from shared.messaging.aggregate import Aggregate
from shared.messaging.work import Work

CONTACTS = Aggregate(
    contacts.lock, contacts.insert, contacts.update, lambda contact, _: contact_rules.to_snapshot(contact)
)


async def create_contact(work: Work, details: ContactEdit) -> Contact:
    """Store a new contact; raises Invalid or ContactExternalIdTaken."""
    contact = contact_rules.new_contact(work.workspace_id, new_id(), details, work.clock.now())
    return (await CONTACTS.create(work, contact, ContactCreated)).value


async def change_contact(
    work: Work, contact_id: UUID, changes: ContactEdit, expected_version: int | None = None
) -> Contact:
    """Change these fields; raises NotFound, PreconditionFailed, Invalid or ContactExternalIdTaken."""
    contact = await CONTACTS.lock(work, contact_id)
    require_version(contact.value.version, expected_version)
    changed = contact_rules.edit(contact.value, changes, work.clock.now())
    return await contact.save(changed, ContactUpdated)


async def archive_contact(work: Work, contact_id: UUID) -> None:
    """Archive the contact; doing it again changes nothing. Raises NotFound."""
    contact = await CONTACTS.lock(work, contact_id)
    await contact.save(contact_rules.archive(contact.value, work.clock.now()), ContactDeleted)


async def show_credit_balance(work: Work, event: CreditBalanceUpdated) -> None:
    """Show on the contact what the workspace owes it, unless something newer is shown. Raises NotFound."""
    if await contacts.store_credit_balance(work.tx, event.workspace_id, event.data, event.sequence):
        contact = await CONTACTS.lock(work, event.data.contact_id)
        await contact.save(contact_rules.next_version(contact.value, work.clock.now()), ContactUpdated)

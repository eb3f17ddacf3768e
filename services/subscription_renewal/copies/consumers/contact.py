"""Contacts heard: subscriptions know whom they bill."""

from services.subscription_renewal.copies.domain.contact import Contact
from services.subscription_renewal.copies.repository import contacts
from shared.events.contact import ContactCreated, ContactDeleted, ContactUpdated
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on(ContactCreated, ContactUpdated, ContactDeleted)
async def copy_contact(unit: Unit, event: ContactCreated | ContactUpdated | ContactDeleted) -> None:
    """Keep the newest snapshot."""
    await contacts.store(unit.tx, Contact.of(event.workspace_id, event.data))

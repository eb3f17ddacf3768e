"""Contacts heard: subscriptions know whom they bill."""

from services.subscription_renewal.copies.domain.contact import Contact
from services.subscription_renewal.copies.repository import contacts
from shared.events.contact import ContactCreated, ContactDeleted, ContactUpdated
from shared.messaging.handlers import Handlers
from shared.postgres.pool import Connection

handlers = Handlers()


@handlers.on(ContactCreated, ContactUpdated, ContactDeleted)
async def copy_contact(tx: Connection, event: ContactCreated | ContactUpdated | ContactDeleted) -> None:
    """Keep the newest snapshot."""
    await contacts.store(tx, Contact.of(event.workspace_id, event.data))

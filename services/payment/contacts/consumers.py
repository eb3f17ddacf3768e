"""Contacts heard: money can come in for them."""

from collections.abc import Sequence

from services.payment.contacts.operations import note_contacts
from shared.events.contact import ContactCreated
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on_batch(ContactCreated)
async def note_new_contacts(unit: Unit, events: Sequence[ContactCreated]) -> None:
    """Remember that they exist."""
    await note_contacts(unit.tx, [(event.workspace_id, event.subject) for event in events])

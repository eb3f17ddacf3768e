"""Contacts: that they exist is all that is kept of them."""

from collections.abc import Sequence
from uuid import UUID

from services.payment.contacts import repository as contacts
from shared.postgres.pool import Connection


async def note_contacts(tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> None:
    """Remember that these (workspace, contact) exist, so that money can come in for them."""
    await contacts.note(tx, keys)

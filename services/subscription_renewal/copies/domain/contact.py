"""What subscriptions know of the contacts that they bill."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from shared.events import reading
from shared.events.contact import ContactData


@dataclass(frozen=True, slots=True)
class Contact:
    """A copy of a contact, as it was at one sequence of its events."""

    workspace_id: UUID
    contact_id: UUID
    sequence: int
    name: str
    external_id: str | None
    is_archived: bool

    @classmethod
    def of(cls, workspace_id: UUID, data: ContactData) -> Self:
        """The copy that the event's snapshot makes."""
        is_archived = data.archived_at is not None
        return cls(workspace_id, data.id, data.version, data.name, data.external_id, is_archived)

    @classmethod
    def of_reply(cls, workspace_id: UUID, reply: object) -> Self:
        """The copy that the invoice service's own answer makes; raises ValueError where it is not one."""
        return cls.of(workspace_id, reading.read_reply(ContactData, reply))

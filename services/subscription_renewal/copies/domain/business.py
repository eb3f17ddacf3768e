"""What subscriptions know of the business that sells: how its invoices round."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from shared.events.business import BusinessData
from shared.kernel.pricing import Rounding


@dataclass(frozen=True, slots=True)
class Business:
    """A copy of a workspace's profile at one sequence of its events."""

    workspace_id: UUID
    sequence: int
    rounding: Rounding

    @classmethod
    def of(cls, workspace_id: UUID, data: BusinessData) -> Self:
        """The copy that the event's snapshot makes."""
        return cls(workspace_id, data.version, Rounding(data.rounding_level, data.rounding_mode))

    @classmethod
    def of_reply(cls, workspace_id: UUID, reply: object) -> Self:
        """The copy that the invoice service's own answer makes; raises ValueError where it is not one."""
        return cls.of(workspace_id, BusinessData.model_validate(reply))

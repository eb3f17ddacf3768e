"""What dunning knows of payment methods."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from shared.events.payment_method import PaymentMethodData


@dataclass(frozen=True, slots=True)
class PaymentMethodCopy:
    """A contact's method at one sequence of its events."""

    workspace_id: UUID
    payment_method_id: UUID
    sequence: int
    contact_id: UUID
    is_usable: bool
    is_default: bool
    expires: str | None
    changed_at: datetime

    @classmethod
    def of(cls, workspace_id: UUID, contact_id: UUID, data: PaymentMethodData) -> Self:
        """The copy that the event's snapshot makes."""
        return cls(
            workspace_id=workspace_id,
            payment_method_id=data.id,
            sequence=data.version,
            contact_id=contact_id,
            is_usable=data.status == "active" and data.deleted_at is None,
            is_default=data.is_default,
            expires=f"{data.exp_year}-{data.exp_month}" if data.exp_year else None,
            changed_at=data.updated_at,
        )

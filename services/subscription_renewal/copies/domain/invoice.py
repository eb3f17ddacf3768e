"""What dunning knows of invoices: what is owed of a subscription, and what is settled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self, get_args
from uuid import UUID

from shared.events.invoice import InvoiceData, InvoiceStatus


@dataclass(frozen=True, slots=True)
class InvoiceCopy:
    """An invoice at one sequence of its events; sequence 0: only a failed collection was heard of."""

    workspace_id: UUID
    invoice_id: UUID
    sequence: int
    subscription_id: UUID | None
    status: str
    is_credited: bool
    is_late: bool
    changed_at: datetime

    @property
    def is_settled(self) -> bool:
        """Whether nothing is to be collected any more."""
        return self.status != "open"

    @property
    def is_paid(self) -> bool:
        """Whether money settled it, and not a credit note, a void or a write-off."""
        return self.status == "paid" and not self.is_credited

    @classmethod
    def of(cls, workspace_id: UUID, data: InvoiceData) -> Self:
        """The copy that the event's snapshot makes."""
        return cls(
            workspace_id=workspace_id,
            invoice_id=data.id,
            sequence=data.version,
            subscription_id=data.subscription_id,
            status=_status(data),
            is_credited=data.amount_credited_minor > 0 and data.amount_credited_minor >= data.total_minor,
            is_late=data.is_overdue and data.collection_method == "send_invoice",
            changed_at=data.updated_at,
        )


def _status(data: InvoiceData) -> str:
    """Its status; where it is in a word that is not known here, open as long as it asks for money."""
    if data.status in get_args(InvoiceStatus):
        return data.status
    return "open" if data.amount_due_minor > 0 else "paid"


def concerns_us(data: InvoiceData) -> bool:
    """Whether dunning or a subscription's standing may depend on the invoice."""
    return data.subscription_id is not None or data.collection_method == "charge_automatically"

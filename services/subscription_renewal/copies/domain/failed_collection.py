"""Collections that failed, as the payment service tells of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.events.payment import Advice


@dataclass(frozen=True, slots=True)
class FailedCollection:
    """An automatic collection that brought no money; `failed_at` on the workspace's clock."""

    workspace_id: UUID
    payment_id: UUID
    sequence: int
    invoice_id: UUID
    contact_id: UUID
    subscription_id: UUID | None
    failed_at: datetime
    code: str | None
    advice: Advice

    @property
    def is_hard(self) -> bool:
        """Whether the same payment method can never bring the money (stolen, closed, do not retry)."""
        return self.advice != "retry"

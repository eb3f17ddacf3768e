"""Facts about dunning: what is done about an invoice whose automatic collection failed."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Event, Snapshot
from shared.events.fields import Instant

DunningStatus = Literal["active", "waiting_for_payment_method", "recovered", "exhausted", "canceled"]
TerminalAction = Literal["cancel", "uncollectible", "leave"]


class DunningData(Snapshot):
    """A campaign of retries for one invoice, scheduled at its first failure."""

    path: ClassVar[str] = "/v1/dunning/{id}"

    invoice_id: UUID
    contact_id: UUID
    subscription_id: UUID | None = None
    status: DunningStatus
    attempt_count: int = Field(description="Automatic retries made; attempts by hand do not count.")
    next_attempt_at: Instant | None = None
    remaining_attempts: list[Instant] = []
    last_failure_code: str | None = None
    terminal_action: TerminalAction = Field(description="What is done when the last retry failed.")
    ended_at: Instant | None = None


class DunningCreated(Event):
    """A campaign began: an automatic collection failed for the first time."""

    type: ClassVar[str] = "dunning.created"
    source: ClassVar[str] = "/subscription_renewal"
    data: DunningData


class DunningUpdated(Event):
    """A campaign was changed."""

    type: ClassVar[str] = "dunning.updated"
    source: ClassVar[str] = "/subscription_renewal"
    data: DunningData


class DunningRetryDue(Event):
    """It is time to collect the invoice once more."""

    type: ClassVar[str] = "dunning.retry_due"
    source: ClassVar[str] = "/subscription_renewal"
    data: DunningData


class DunningEnded(Event):
    """A campaign is over: recovered, exhausted (its terminal action is due) or canceled."""

    type: ClassVar[str] = "dunning.ended"
    source: ClassVar[str] = "/subscription_renewal"
    data: DunningData

"""What every channel has in common: messages go in, outcomes come out; only Unreachable is ever raised."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.invoice.sending.domain.delivery import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent for one delivery; a text message has neither subject nor html."""

    delivery_id: UUID
    recipient: str
    recipient_name: str
    language: str
    text: str
    subject: str = ""
    html: str | None = None
    business_name: str = ""
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = ()


class Unreachable(Exception):
    """Nothing can be sent over the channel now; its outcome holds for all that was to be sent."""

    def __init__(self, verdict: Verdict, code: str, message: str) -> None:
        self.outcome = Outcome(verdict, code, message)
        super().__init__(message)


class Channel(Protocol):
    """A way to send, opened for a batch of one workspace's messages; a simulated one lets nothing out."""

    is_simulated: bool

    async def open(self) -> None:
        """Be ready to send; raises Unreachable."""

    async def send(self, message: Message) -> Outcome:
        """Send one message, once."""

    async def close(self) -> None:
        """Leave; never raises."""

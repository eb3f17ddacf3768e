"""The channels of sandboxes: nothing leaves the house, and the recipient says how it goes."""

from collections.abc import Mapping

from services.invoice.sending.channels.channel import Message
from services.invoice.sending.domain.delivery import Outcome, Verdict

_BY_NAME: Mapping[str, Outcome] = {
    "bounce": Outcome(Verdict.BOUNCED, "recipient_refused", "550 5.1.1 No such mailbox (simulated)"),
    "fail": Outcome(Verdict.FAILED, "rejected", "554 5.7.1 Refused (simulated)"),
    "delay": Outcome(Verdict.TEMPORARY, "deferred", "451 4.7.1 Try again later (simulated)"),
    "unknown": Outcome(Verdict.UNKNOWN, "no_answer", "The answer was lost (simulated)"),
}
_BY_ENDING: Mapping[str, str] = {"0002": "bounce", "0003": "fail", "0004": "delay", "0005": "unknown"}


class SandboxChannel:
    """Delivers all but what goes to `bounce@`, `fail@`, `delay@`, `unknown@`, or numbers on 0002 to 0005."""

    is_simulated = True

    async def open(self) -> None:
        """There is nothing to open."""

    async def send(self, message: Message) -> Outcome:
        """What the recipient's name or number asks for."""
        if "@" in message.recipient:
            name = message.recipient.partition("@")[0].partition("+")[0].lower()
        else:
            name = _BY_ENDING.get(message.recipient[-4:], "")
        return _BY_NAME.get(name) or Outcome(Verdict.DELIVERED, reference=f"sandbox-{message.delivery_id}")

    async def close(self) -> None:
        """There is nothing to close."""

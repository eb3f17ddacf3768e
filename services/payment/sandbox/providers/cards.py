"""The test cards of the sandbox provider: each does the same every time."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from shared.events.payment import Advice


class CardFault(StrEnum):
    """What goes wrong on the way, besides what happens to the money."""

    REPLY_LOST = "reply_lost"
    ERROR_500 = "error_500"
    # The error is remembered with the idempotency key: the same call gets it again.
    STORED_500 = "stored_500"
    RATE_LIMITED = "rate_limited"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Card:
    """How a confirmation with this card ends (`outcome`), and what fault its first confirmation meets."""

    outcome: str = "succeeded"
    code: str | None = None
    advice: Advice | None = None
    fault: CardFault | None = None
    # Without effect: the fault strikes before anything was done.
    fault_has_effect: bool = True
    # What happens to the money afterwards: the bank disputes it, or a refund of it comes back.
    aftermath: Literal["dispute", "refund_fails"] | None = None
    brand: str = "visa"
    last4: str = "4242"


CARDS = MappingProxyType(
    {
        "success": Card(),
        "declined": Card("declined", "generic_decline", "retry", last4="0002"),
        "insufficient": Card("declined", "insufficient_funds", "retry", last4="9995"),
        "expired": Card("declined", "expired_card", "new_method", last4="0069"),
        "requires_action": Card("requires_action", "authentication_required", last4="3155"),
        "slow": Card(fault=CardFault.SLOW, last4="0259"),
        "timeout_then_success": Card(fault=CardFault.REPLY_LOST, last4="0101"),
        "timeout_then_declined": Card(
            "declined", "generic_decline", "retry", fault=CardFault.REPLY_LOST, last4="0127"
        ),
        "processing": Card("processing", last4="0077"),
        "flaky_500": Card(fault=CardFault.ERROR_500, fault_has_effect=False, last4="0119"),
        "stored500_charged": Card(fault=CardFault.STORED_500, last4="0135"),
        "stored500_not_charged": Card(fault=CardFault.STORED_500, fault_has_effect=False, last4="0143"),
        "disputed": Card(aftermath="dispute", last4="0259"),
        "refund_fails": Card(aftermath="refund_fails", last4="5126"),
        "rate_limited": Card(fault=CardFault.RATE_LIMITED, fault_has_effect=False, last4="0150"),
    }
)
"""By name; a method made from one is called `pm_sandbox_<name>_…`."""

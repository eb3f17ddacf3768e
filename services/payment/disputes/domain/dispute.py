"""Disputes: what a payer's bank says of a payment, as it is kept within its payment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from shared.events.payment import DisputeData
from shared.kernel.errors import Conflict


class DisputeState(StrEnum):
    """Where a dispute stands. Until it is won, its money is with the payer's bank."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


MOVES: Mapping[DisputeState, frozenset[DisputeState]] = {
    DisputeState.OPEN: frozenset({DisputeState.WON, DisputeState.LOST}),
    # A bank may still give in. What was given back is never taken again: such a word is older than the gift.
    DisputeState.LOST: frozenset({DisputeState.WON}),
    DisputeState.WON: frozenset(),
}


class DisputeUndecided(Conflict):
    """The payer's bank has taken back money of this invoice and has not decided: its decision comes first."""

    code = "dispute_undecided"


@dataclass(frozen=True, slots=True)
class Told:
    """What the provider says of a dispute; minor units of `currency`, or else of the payment's."""

    reference: str
    status: DisputeState
    amount_minor: int
    reason: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """So much of an allocation that a dispute took from its invoice."""

    allocation_id: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute of one payment; `taken_minor` left the bank for it, and `parts` of that left invoices.

    `reference` is the provider's; it is empty for one that was booked before references were kept.
    """

    reference: str
    status: DisputeState
    amount_minor: int
    taken_minor: int
    reason: str | None
    opened_at: datetime
    closed_at: datetime | None = None
    parts: tuple[Part, ...] = ()

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """The dispute in a document that kept() made."""
        closed_at = kept["closed_at"]
        return cls(
            reference=kept["reference"],
            status=DisputeState(kept["status"]),
            amount_minor=kept["amount_minor"],
            taken_minor=kept["taken_minor"],
            reason=kept["reason"],
            opened_at=datetime.fromisoformat(kept["opened_at"]),
            closed_at=datetime.fromisoformat(closed_at) if closed_at else None,
            parts=tuple(Part(UUID(one["allocation_id"]), one["amount_minor"]) for one in kept["parts"]),
        )

    def kept(self) -> dict[str, Any]:
        """The dispute as a document."""
        return {
            "reference": self.reference,
            "status": self.status.value,
            "amount_minor": self.amount_minor,
            "taken_minor": self.taken_minor,
            "reason": self.reason,
            "opened_at": self.opened_at.isoformat(),
            "closed_at": self.closed_at.isoformat() if self.closed_at else None,
            "parts": [
                {"allocation_id": str(one.allocation_id), "amount_minor": one.amount_minor}
                for one in self.parts
            ],
        }


def snapshot(dispute: Dispute) -> DisputeData:
    """The dispute as events and the public API show it within its payment."""
    return DisputeData(
        reference=dispute.reference or None,
        status=dispute.status.value,
        amount_minor=dispute.amount_minor,
        reason=dispute.reason,
        opened_at=dispute.opened_at,
        closed_at=dispute.closed_at,
    )

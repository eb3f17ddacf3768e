"""Disputes: what a payer's bank says of a payment, as it is kept within its payment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self, TypedDict
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
class DisputeReport:
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


class PartDocument(TypedDict):
    """A part as it is kept."""

    allocation_id: str
    amount_minor: int


class DisputeDocument(TypedDict):
    """A dispute as it is kept: JSON, with instants in ISO 8601."""

    reference: str
    status: str
    amount_minor: int
    taken_minor: int
    reason: str | None
    opened_at: str
    closed_at: str | None
    parts: list[PartDocument]


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
    def from_document(cls, document: DisputeDocument) -> Self:
        """The dispute in a document that to_document() made."""
        closed_at = document["closed_at"]
        return cls(
            reference=document["reference"],
            status=DisputeState(document["status"]),
            amount_minor=document["amount_minor"],
            taken_minor=document["taken_minor"],
            reason=document["reason"],
            opened_at=datetime.fromisoformat(document["opened_at"]),
            closed_at=datetime.fromisoformat(closed_at) if closed_at else None,
            parts=tuple(
                Part(UUID(part["allocation_id"]), part["amount_minor"]) for part in document["parts"]
            ),
        )

    def to_document(self) -> DisputeDocument:
        """The dispute as its payment's row keeps it, in JSON."""
        return {
            "reference": self.reference,
            "status": self.status.value,
            "amount_minor": self.amount_minor,
            "taken_minor": self.taken_minor,
            "reason": self.reason,
            "opened_at": self.opened_at.isoformat(),
            "closed_at": self.closed_at.isoformat() if self.closed_at else None,
            "parts": [
                {"allocation_id": str(part.allocation_id), "amount_minor": part.amount_minor}
                for part in self.parts
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

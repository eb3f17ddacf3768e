"""Collections: one intent each to collect what an invoice still asks for, and where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Self
from uuid import UUID

from shared.kernel.errors import Conflict
from shared.kernel.leased_work import parse_delays


class CollectionState(StrEnum):
    """Where a collection stands; also the state of its payment."""

    PENDING = "pending"
    PROCESSING = "processing"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NEEDS_REVIEW = "needs_review"
    CANCELED = "canceled"


_OPEN = frozenset(
    {
        CollectionState.PENDING,
        CollectionState.PROCESSING,
        CollectionState.REQUIRES_ACTION,
        CollectionState.UNKNOWN,
        CollectionState.NEEDS_REVIEW,
    }
)
_ENDS = frozenset({CollectionState.SUCCEEDED, CollectionState.FAILED, CollectionState.CANCELED})
MOVES: Mapping[CollectionState, frozenset[CollectionState]] = {
    CollectionState.PENDING: (_OPEN | _ENDS) - {CollectionState.PENDING},
    CollectionState.PROCESSING: (
        _ENDS | {CollectionState.NEEDS_REVIEW, CollectionState.UNKNOWN, CollectionState.REQUIRES_ACTION}
    ),
    CollectionState.REQUIRES_ACTION: (
        _ENDS | {CollectionState.NEEDS_REVIEW, CollectionState.UNKNOWN, CollectionState.PROCESSING}
    ),
    CollectionState.UNKNOWN: (_OPEN | _ENDS) - {CollectionState.PENDING, CollectionState.UNKNOWN},
    CollectionState.NEEDS_REVIEW: (_OPEN | _ENDS) - {CollectionState.PENDING, CollectionState.NEEDS_REVIEW},
    # Money that comes after all is never lost.
    CollectionState.FAILED: frozenset({CollectionState.SUCCEEDED}),
    CollectionState.CANCELED: frozenset({CollectionState.SUCCEEDED}),
    CollectionState.SUCCEEDED: frozenset(),
}
Kind = Literal["method", "checkout"]
CancelReason = Literal["requested", "outdated", "unanswered"]


class NothingDue(Conflict):
    """The invoice asks for no money."""

    code = "nothing_due"


class CollectionInFlight(Conflict):
    """A collection of this invoice is on its way: its outcome comes first."""

    code = "collection_in_flight"


class NoPaymentMethod(Conflict):
    """There is no payment method to collect from."""

    code = "no_payment_method"


class NotCancelable(Conflict):
    """The payment is not being collected any more."""

    code = "not_cancelable"


class NotInReview(Conflict):
    """The payment does not need a person's decision."""

    code = "not_in_review"


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection as its row stands; `claimed_at` is the database's time of the claim.

    A checkout has no method: the payer pays on the provider's page at `checkout_url` until `expires_at`, and
    comes back to `return_url`. As soon as the page is there, a confirmation counts as begun.
    """

    workspace_id: UUID
    payment_id: UUID
    invoice_id: UUID
    payment_method_id: UUID | None
    provider: str
    mode: str
    method_reference: str
    customer_reference: str
    amount_minor: int
    currency: str
    state: CollectionState
    is_automatic: bool
    provider_reference: str | None
    confirm_count: int
    miss_count: int
    cancel_reason: CancelReason | None
    created_at: datetime
    next_step_at: datetime | None = None
    lease_token: UUID | None = None
    claimed_at: datetime | None = None
    kind: Kind = "method"
    checkout_url: str | None = None
    return_url: str | None = None
    expires_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more is expected; a late success may still come."""
        return self.state in _ENDS

    @property
    def is_checkout(self) -> bool:
        """Whether the payer pays on the provider's page."""
        return self.kind == "checkout"

    @property
    def has_expired(self) -> bool:
        """Whether this is a checkout whose time was over when it was claimed."""
        return bool(self.expires_at and self.claimed_at and self.claimed_at >= self.expires_at)

    @property
    def remaining_time(self) -> timedelta:
        """How long its page stays open after the claim; none of what is no checkout."""
        if not self.expires_at or not self.claimed_at:
            return timedelta(0)
        return max(self.expires_at - self.claimed_at, timedelta(0))

    @property
    def prepare_key(self) -> str:
        """The idempotency key of making the intent: one for the whole collection."""
        return f"col:{self.payment_id}"

    @property
    def confirm_key(self) -> str:
        """The idempotency key of the confirmation that was begun last."""
        return f"{self.prepare_key}:c{self.confirm_count}"

    @property
    def cancel_key(self) -> str:
        """The idempotency key of canceling the intent."""
        return f"{self.prepare_key}:cancel"


@dataclass(frozen=True, slots=True)
class Delays:
    """How long to wait after each step in a row without an answer.

    `retries` where surely nothing was executed, `lookups` where that is unknown, `processing` while the
    provider works on it, `action` for a payer to answer.
    """

    retries: Sequence[timedelta]
    lookups: Sequence[timedelta]
    processing: Sequence[timedelta]
    action: timedelta

    @classmethod
    def parse(cls, retries: str, lookups: str, processing: str, action: str) -> Self:
        """Read comma-separated seconds, `86400*5` for five times a day; raises ValueError."""
        return cls(
            parse_delays(retries), parse_delays(lookups), parse_delays(processing), parse_delays(action)[0]
        )

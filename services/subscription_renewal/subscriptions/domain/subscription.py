"""Subscriptions: agreements to bill a contact for every period of a calendar, and how they move."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from services.subscription_renewal.dunning.domain import schedule
from services.subscription_renewal.subscriptions.domain.calendar import Cadence, Calendar
from services.subscription_renewal.subscriptions.domain.line import Lines
from services.subscription_renewal.subscriptions.domain.proration import Segment
from shared.events.invoice import CollectionMethod
from shared.events.subscription import CatchUp, Interval, ScheduledChange, SubscriptionData
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.kernel.moves import require_move
from shared.kernel.pricing import USUAL_ROUNDING, Arithmetic, Rounding
from shared.kernel.unset import UNSET, Unset, given


class SubscriptionState(StrEnum):
    """Where a subscription stands. Canceled: stopped at once. Ended: its last period is over."""

    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    CANCELED = "canceled"
    ENDED = "ended"


_STOPS = frozenset({SubscriptionState.PAUSED, SubscriptionState.CANCELED, SubscriptionState.ENDED})
MOVES: Mapping[SubscriptionState, frozenset[SubscriptionState]] = {
    SubscriptionState.TRIALING: frozenset({SubscriptionState.ACTIVE}) | _STOPS,
    SubscriptionState.ACTIVE: frozenset({SubscriptionState.PAST_DUE}) | _STOPS,
    # Goes on being billed: what is owed grows until dunning says otherwise.
    SubscriptionState.PAST_DUE: frozenset({SubscriptionState.ACTIVE}) | _STOPS,
    SubscriptionState.PAUSED: frozenset(
        {
            SubscriptionState.TRIALING,
            SubscriptionState.ACTIVE,
            SubscriptionState.PAST_DUE,
            SubscriptionState.CANCELED,
        }
    ),
    SubscriptionState.CANCELED: frozenset(),
    SubscriptionState.ENDED: frozenset(),
}
BILLED = frozenset({SubscriptionState.TRIALING, SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE})
"""Statuses in which periods are billed."""
OVER = frozenset({SubscriptionState.CANCELED, SubscriptionState.ENDED})


class SubscriptionIsOver(Conflict):
    """A canceled or ended subscription does not change any more: create another."""

    code = "subscription_is_over"


class SubscriptionIsPaused(Conflict):
    """The subscription is paused: resume it first, or cancel it now."""

    code = "subscription_is_paused"


class SubscriptionIsParked(Conflict):
    """The subscription is parked: its renewal waits for somebody to look at it."""

    code = "subscription_is_parked"


class SubscriptionEnds(Conflict):
    """The subscription ends with its period: take that back first, or cancel it now."""

    code = "subscription_ends_with_its_period"


class SubscriptionExternalIdTaken(Conflict):
    """Another subscription of the workspace has this external_id."""

    code = "subscription_external_id_taken"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription at one version.

    `period_index` is the period that is billed at `next_billing_at`; the current period is the one that was
    billed last (or the trial), null where none that was billed is running.
    """

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    contact_id: UUID
    currency: str
    status: SubscriptionState
    lines: Lines
    interval: Interval
    interval_count: int
    timezone: str
    start_at: datetime
    anchor_at: datetime
    period_index: int = 0
    trial_end: datetime | None = None
    current_period_start: datetime | None = None
    current_period_end: datetime | None = None
    next_billing_at: datetime | None = None
    collection_method: CollectionMethod = "send_invoice"
    payment_method_id: UUID | None = None
    payment_terms_days: int | None = None
    cancel_at_period_end: bool = False
    scheduled_change: ScheduledChange | None = None
    pending_lines: Lines = ()
    catch_up: CatchUp = "all"
    parked_reason: str | None = None
    parked_at: datetime | None = None
    external_id: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    paused_at: datetime | None = None
    keeps_anchor: bool = True
    canceled_at: datetime | None = None
    ended_at: datetime | None = None
    # What the current period is charged for, piece by piece; nothing: with `lines`, since its start.
    segments: tuple[Segment, ...] = ()
    # No change may count from before this; where it is null, from before the current period's start.
    changes_from_at: datetime | None = None
    # The breaker's memory: how many of its periods were billed on that day (UTC).
    billed_on: date | None = None
    billed_count: int = 0
    last_amount_minor: int | None = None
    # The business's, as it is now: not a part of the agreement, so a change of it counts at once.
    rounding: Rounding = USUAL_ROUNDING

    @property
    def arithmetic(self) -> Arithmetic:
        """How its amounts are made: as on its invoices."""
        return Arithmetic(self.currency, self.rounding)

    @property
    def calendar(self) -> Calendar:
        """When its periods begin."""
        return Calendar(self.anchor_at, self.timezone, self.interval, self.interval_count)

    @property
    def is_in_trial(self) -> bool:
        """Whether the current period is the trial."""
        return self.trial_end is not None and self.trial_end == self.current_period_end

    def is_due(self, now: datetime) -> bool:
        """Whether a period has begun that is to be billed."""
        return (
            self.status in BILLED
            and self.parked_reason is None
            and self.next_billing_at is not None
            and self.next_billing_at <= now
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is agreed of a new subscription besides its lines; no currency: the first product's."""

    contact_id: UUID
    cadence: Cadence
    start_at: datetime
    timezone: str
    trial_days: int = 0
    currency: str | None = None
    collection_method: CollectionMethod = "send_invoice"
    payment_method_id: UUID | None = None
    payment_terms_days: int | None = None
    catch_up: CatchUp = "all"
    external_id: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionEdit:
    """What may be changed of it without touching its calendar or its lines."""

    collection_method: CollectionMethod | Unset = UNSET
    payment_method_id: UUID | Unset | None = UNSET
    payment_terms_days: int | Unset | None = UNSET
    catch_up: CatchUp | Unset = UNSET
    external_id: str | Unset | None = UNSET
    metadata: dict[str, str] | Unset = UNSET


_NOTES = frozenset({"metadata", "external_id"})


def start(
    workspace_id: UUID, terms: Terms, lines: Lines, arithmetic: Arithmetic, now: datetime
) -> Subscription:
    """A subscription that is billed from `start_at`, or from the end of its trial: there its anchor is."""
    calendar = schedule.begin(terms.cadence, terms.start_at, terms.trial_days, terms.timezone)
    return Subscription(
        workspace_id=workspace_id,
        id=new_id(),
        version=1,
        created_at=now,
        updated_at=now,
        status=SubscriptionState.TRIALING if terms.trial_days else SubscriptionState.ACTIVE,
        lines=lines,
        currency=arithmetic.currency,
        rounding=arithmetic.rounding,
        contact_id=terms.contact_id,
        collection_method=terms.collection_method,
        payment_method_id=terms.payment_method_id,
        payment_terms_days=terms.payment_terms_days,
        catch_up=terms.catch_up,
        external_id=terms.external_id,
        metadata=terms.metadata,
        **calendar,
    )


def edit(subscription: Subscription, edit: SubscriptionEdit, now: datetime) -> Subscription:
    """Change what does not touch the calendar; raises SubscriptionIsOver for more than notes of its own."""
    changes = given(edit)
    if subscription.status in OVER and changes.keys() - _NOTES:
        raise SubscriptionIsOver(field=min(changes.keys() - _NOTES))
    return replace(subscription, **next_version(subscription, now), **changes) if changes else subscription


def cancel(subscription: Subscription, at_period_end: bool, now: datetime) -> Subscription:
    """Stop at once, or once the period that is paid for is over; raises IllegalMove or SubscriptionIsPaused.

    Can be repeated; a subscription that has not begun yet is canceled at once.
    """
    if subscription.status is SubscriptionState.CANCELED and not at_period_end:
        return subscription
    require_move(MOVES, subscription.status, SubscriptionState.CANCELED)
    if at_period_end and subscription.current_period_start is not None:
        if subscription.status is SubscriptionState.PAUSED:
            raise SubscriptionIsPaused
        require_not_parked(subscription)
        if subscription.cancel_at_period_end:
            return subscription
        return replace(
            subscription, **next_version(subscription, now), cancel_at_period_end=True, canceled_at=now
        )
    return replace(
        subscription,
        **next_version(subscription, now),
        status=SubscriptionState.CANCELED,
        canceled_at=now,
        ended_at=now,
        paused_at=None,
        next_billing_at=None,
        cancel_at_period_end=False,
        scheduled_change=None,
        parked_reason=None,
        parked_at=None,
    )


def mark_past_due(subscription: Subscription, now: datetime) -> Subscription:
    """An invoice of it could not be collected or is late: it goes on being billed, and shows it.

    A subscription that is not active stays as it is.
    """
    if subscription.status is not SubscriptionState.ACTIVE:
        return subscription
    return replace(subscription, **next_version(subscription, now), status=SubscriptionState.PAST_DUE)


def mark_active(subscription: Subscription, now: datetime) -> Subscription:
    """Nothing of it is late any more; one that is not past due stays as it is."""
    if subscription.status is not SubscriptionState.PAST_DUE:
        return subscription
    return replace(subscription, **next_version(subscription, now), status=SubscriptionState.ACTIVE)


def park(subscription: Subscription, reason: str, now: datetime) -> Subscription:
    """Take it out of the renewals until somebody has looked at it."""
    return replace(
        subscription, **next_version(subscription, now), parked_reason=reason[:1000], parked_at=now
    )


def unpark(subscription: Subscription, now: datetime, catch_up: CatchUp | None) -> Subscription:
    """Let it be billed again; raises Conflict when it is not parked."""
    if subscription.parked_reason is None:
        raise Conflict("The subscription is not parked.", field="subscription_id")
    return replace(
        subscription,
        **next_version(subscription, now),
        parked_reason=None,
        parked_at=None,
        billed_count=0,
        catch_up=catch_up or subscription.catch_up,
    )


def require_not_parked(subscription: Subscription) -> None:
    """Raise SubscriptionIsParked with its reason."""
    if subscription.parked_reason is not None:
        raise SubscriptionIsParked(f"The subscription is parked: {subscription.parked_reason}")


def require_not_ending(subscription: Subscription) -> None:
    """Raise SubscriptionEnds where it is canceled at its period's end: that is never taken back silently."""
    if subscription.cancel_at_period_end:
        raise SubscriptionEnds(field="cancel_at_period_end")


class NextVersion(TypedDict):
    """What every change changes."""

    version: int
    updated_at: datetime


def next_version(subscription: Subscription, now: datetime) -> NextVersion:
    """The version and time after one change: `replace(subscription, **next_version(…), status=…)`."""
    return {"version": subscription.version + 1, "updated_at": now}


_SHOWN = tuple(
    name for name in SubscriptionData.model_fields if name not in ("status", "lines", "pending_lines")
)


def snapshot(subscription: Subscription) -> SubscriptionData:
    """The subscription as the public API and events show it."""
    plain = {name: getattr(subscription, name) for name in _SHOWN}
    return SubscriptionData(
        **plain,
        status=subscription.status.value,
        lines=list(subscription.lines),
        pending_lines=list(subscription.pending_lines),
    )

"""What callers may send about subscriptions."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from services.subscription_renewal.charges.api.bodies import (
    MAX_CHARGES,
    MAX_SUBJECTS,
    ChargeFields,
    Subject,
)
from services.subscription_renewal.charges.operations.charges import WantedCharge
from services.subscription_renewal.subscriptions.domain.calendar import Cadence
from services.subscription_renewal.subscriptions.domain.change import Policy
from services.subscription_renewal.subscriptions.domain.line import WantedLine
from services.subscription_renewal.subscriptions.domain.proration import Basis
from services.subscription_renewal.subscriptions.domain.subscription import SubscriptionEdit, Terms
from services.subscription_renewal.subscriptions.operations.changes import Request
from shared.events.invoice import CollectionMethod, Discount
from shared.events.subscription import CatchUp, Interval
from shared.http.fields import (
    Body,
    Currency,
    Metadata,
    Moment,
    Name,
    Quantity,
    Whole,
    optional,
)
from shared.http.lines import ChargedFields
from shared.kernel.clock import Clock
from shared.kernel.unset import edit_of

MAX_LINES = 100
Days = Annotated[int, Field(ge=0, le=3650)]


class LineFields(ChargedFields):
    """What is charged each period; what is not given is the product's of today, and stays so."""

    def to_wanted_line(self) -> WantedLine:
        """The line as it is asked for."""
        discount = Discount(**self.discount.model_dump()) if self.discount else None
        return WantedLine(**dict(self) | {"discount": discount})


class NewSubscription(Body):
    """A subscription to create, with lines, or with one product and its quantity."""

    contact_id: UUID
    currency: Currency | None = Field(None, description="The product's or the workspace's where not given.")
    lines: list[LineFields] | None = Field(None, min_length=1, max_length=MAX_LINES)
    product_id: UUID | None = None
    quantity: Quantity | None = Field(None, description="Of the product; 1 where not given.")
    charges: list[ChargeFields] = Field(
        [],
        max_length=MAX_CHARGES,
        description="What is billed of usage once each period is over, besides lines or without any.",
    )
    usage_subjects: list[Subject] | None = Field(
        None,
        min_length=1,
        max_length=MAX_SUBJECTS,
        description="Whose usage the charges bill; the contact's id and external_id where not given.",
    )
    interval: Interval
    interval_count: Whole = Field(1, ge=1, le=1_000)
    start_at: Moment | None = Field(None, description="Now where not given; past and future are fine.")
    timezone: str | None = Field(
        None, max_length=64, description="IANA name; the workspace's where not given."
    )
    trial_days: Whole = Field(0, ge=0, le=3_650)
    collection_method: CollectionMethod = "send_invoice"
    payment_method_id: UUID | None = None
    payment_terms_days: Days | None = Field(None, description="The business's where not given.")
    catch_up: CatchUp = Field("all", description="What is billed of missed periods, also of a past start.")
    external_id: Name | None = None
    metadata: Metadata = {}

    @model_validator(mode="after")
    def _lines_or_product(self) -> "NewSubscription":
        if not self.charges or self.lines is not None or self.product_id or self.quantity is not None:
            _require_one(self.lines, self.product_id, self.quantity)
        if self.usage_subjects is not None and not self.charges:
            raise ValueError("usage_subjects come with charges")
        for name in ("key", "meter"):
            if len({getattr(charge, name) for charge in self.charges}) < len(self.charges):
                raise ValueError(f"each charge has a {name} of its own")
        return self

    def new_lines(self) -> list[WantedLine]:
        """Its lines, however they were given."""
        return _lines(self.lines, self.product_id, self.quantity) or []

    def new_charges(self) -> list[WantedCharge]:
        """What is billed of usage; raises TiersMustAscend or Invalid."""
        return [charge.to_wanted(index) for index, charge in enumerate(self.charges)]

    def terms(self, clock: Clock) -> Terms:
        """Everything but the lines, with what the workspace has where nothing was given."""
        return Terms(
            contact_id=self.contact_id,
            cadence=Cadence(self.interval, self.interval_count),
            start_at=self.start_at or clock.now(),
            timezone=self.timezone or clock.zone,
            trial_days=self.trial_days,
            currency=self.currency,
            collection_method=self.collection_method,
            payment_method_id=self.payment_method_id,
            payment_terms_days=self.payment_terms_days,
            catch_up=self.catch_up,
            external_id=self.external_id,
            metadata=self.metadata,
        )


class SubscriptionChanges(Body):
    """The fields to change. Lines are changed by `/change`."""

    status: Literal["active", "paused", "canceled"] = optional()
    cancel_at_period_end: bool = optional()
    collection_method: CollectionMethod = optional()
    payment_method_id: UUID | None = None
    payment_terms_days: Days | None = None
    catch_up: CatchUp = optional()
    external_id: Name | None = None
    metadata: Metadata = optional()

    def edit(self) -> SubscriptionEdit:
        """What is changed besides where it stands."""
        return edit_of(SubscriptionEdit, self, but={"status", "cancel_at_period_end"})


class Pause(Body):
    """What happens to the calendar."""

    keep_anchor: bool = Field(
        True, description="True: billing days stay. False: everything is later by the length of the pause."
    )


class Cancellation(Body):
    """When it ends."""

    at: Literal["now", "period_end"] = "now"


class Retry(Body):
    """What is billed of what it missed."""

    catch_up: CatchUp | None = Field(None, description="Its policy from now on; unchanged where not given.")


class LineChange(Body):
    """Other lines, a product and its quantity, or only another quantity of the one line."""

    lines: list[LineFields] | None = Field(None, min_length=1, max_length=MAX_LINES)
    product_id: UUID | None = None
    quantity: Quantity | None = None
    policy: Policy = Field(
        "invoice_now",
        description="invoice_now and next_invoice prorate the rest of the period; next_period changes "
        "nothing until it is over; reset_anchor begins a new period now and credits the old one's rest (in a "
        "trial or before the start: where the first period would have begun). What already is so stays.",
    )
    proration: Basis = "second"
    proration_at: Moment | None = Field(
        None,
        description="From when the change counts; now where not given. It may lie before earlier changes of "
        "the running period, but not before its start, nor before the end of a pause that moved it.",
    )
    interval: Interval | None = Field(None, description="A new calendar; with reset_anchor alone.")
    interval_count: Whole | None = Field(None, ge=1, le=1_000)

    @model_validator(mode="after")
    def _something(self) -> "LineChange":
        if self.lines is not None or self.product_id is not None or self.quantity is None:
            _require_one(self.lines, self.product_id, self.quantity)
        if self.interval_count is not None and self.interval is None:
            raise ValueError("interval_count comes with interval")
        return self

    def request(self) -> Request:
        """What is wanted."""
        return Request(
            lines=_lines(self.lines, self.product_id, self.quantity),
            quantity=self.quantity,
            policy=self.policy,
            basis=self.proration,
            at=self.proration_at,
            interval=Cadence(self.interval, self.interval_count or 1) if self.interval else None,
        )


def _require_one(lines: list[LineFields] | None, product_id: UUID | None, quantity: Decimal | None) -> None:
    if (lines is None) == (product_id is None) or (lines is not None and quantity is not None):
        raise ValueError("give either lines, or product_id with its quantity")


def _lines(
    lines: list[LineFields] | None, product_id: UUID | None, quantity: Decimal | None
) -> list[WantedLine] | None:
    if lines is not None:
        return [line.to_wanted_line() for line in lines]
    if product_id is None:
        return None
    return [WantedLine(product_id=product_id, quantity=quantity, place="")]

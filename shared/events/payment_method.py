"""Facts about payment methods: what a contact's invoices can be collected from. Never a card number."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Event, Snapshot
from shared.events.fields import Instant

PaymentMethodStatus = Literal["active", "expired", "failed"]


class PaymentMethodData(Snapshot):
    """A card, mandate or wallet kept by the provider, as far as it may be shown."""

    path: ClassVar[str] = "/v1/payment-methods/{id}"

    contact_id: UUID | None = Field(None, description="Null for a method of the workspace itself.")
    provider: str
    type: str
    brand: str | None = None
    last4: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None
    status: PaymentMethodStatus
    is_default: bool
    external_id: str | None = Field(None, description="Its id at the provider.")
    metadata: dict[str, str] = {}
    deleted_at: Instant | None = None


class PaymentMethodCreated(Event):
    """A payment method was attached."""

    type: ClassVar[str] = "payment_method.created"
    source: ClassVar[str] = "/payment"
    data: PaymentMethodData


class PaymentMethodUpdated(Event):
    """A payment method was changed: its expiry, whether it is the default."""

    type: ClassVar[str] = "payment_method.updated"
    source: ClassVar[str] = "/payment"
    data: PaymentMethodData


class PaymentMethodExpiring(Event):
    """A payment method will expire soon."""

    type: ClassVar[str] = "payment_method.expiring"
    source: ClassVar[str] = "/payment"
    data: PaymentMethodData


class PaymentMethodDeleted(Event):
    """A payment method was detached; it is kept for what it paid."""

    type: ClassVar[str] = "payment_method.deleted"
    source: ClassVar[str] = "/payment"
    data: PaymentMethodData

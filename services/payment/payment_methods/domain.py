"""Payment methods: what a contact's invoices can be collected from. Never a card number."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from shared.events.payment_method import PaymentMethodData, PaymentMethodStatus
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id
from shared.kernel.unset import UNSET, Unset, applied

EXPIRING_DAYS = 30
"""So long before its end a method is said to expire."""


class PaymentMethodDeleted(Conflict):
    """The payment method was deleted."""

    code = "payment_method_deleted"


class NotAMethodOfContact(Invalid):
    """The payment method belongs to another contact."""

    code = "payment_method_of_another_contact"


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A card, mandate or wallet kept by a provider, at one version."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    contact_id: UUID | None
    provider: str
    mode: str
    type: str
    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    status: PaymentMethodStatus
    is_default: bool
    external_id: str
    customer_reference: str
    metadata: dict[str, str]
    deleted_at: datetime | None = None

    @property
    def expires_on(self) -> date | None:
        """The last day on which it can be used."""
        if self.exp_month is None or self.exp_year is None:
            return None
        return date(self.exp_year, self.exp_month, monthrange(self.exp_year, self.exp_month)[1])


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is known of a method when it is attached."""

    workspace_id: UUID
    contact_id: UUID | None
    provider: str
    mode: str
    customer_reference: str
    external_id: str
    type: str
    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None


def attach(attachment: Attachment, is_default: bool, now: datetime) -> PaymentMethod:
    """A new method."""
    fields = {name: getattr(attachment, name) for name in Attachment.__dataclass_fields__}
    return PaymentMethod(
        **fields,
        id=new_id(),
        version=1,
        created_at=now,
        updated_at=now,
        status="active",
        is_default=is_default,
        metadata={},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodEdit:
    """What a caller changes of a method; the default is only made so, never unmade."""

    is_default: bool | Unset = UNSET
    metadata: dict[str, str] | Unset = UNSET
    exp_month: int | Unset = UNSET
    exp_year: int | Unset = UNSET


@dataclass(frozen=True, slots=True)
class CardDetails:
    """What a provider shows of a method, which its bank may renew."""

    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None


def at_next_version(method: PaymentMethod, now: datetime) -> PaymentMethod:
    """The method as it is to be stored once it has changed."""
    return replace(method, version=method.version + 1, updated_at=now)


def edit_method(method: PaymentMethod, edit: MethodEdit) -> PaymentMethod:
    """The method with the edit's fields; an expired one with another end is active until that passes."""
    edited = applied(edit, to=method)
    has_other_end = (edited.exp_month, edited.exp_year) != (method.exp_month, method.exp_year)
    if method.status == "expired" and has_other_end:
        return replace(edited, status="active")
    return edited


def delete(method: PaymentMethod, now: datetime) -> PaymentMethod:
    """Detach it; the row stays for what it paid."""
    return at_next_version(replace(method, deleted_at=now, is_default=False), now)


def is_expiring(method: PaymentMethod, today: date) -> bool:
    """Whether it ends within the next 30 days, or has ended."""
    ends = method.expires_on
    return ends is not None and ends - today <= timedelta(days=EXPIRING_DAYS)


def has_expired(method: PaymentMethod, today: date) -> bool:
    """Whether its last day is over."""
    return method.expires_on is not None and method.expires_on < today


def snapshot(method: PaymentMethod) -> PaymentMethodData:
    """The method as the public API and events show it."""
    return PaymentMethodData(
        id=method.id,
        version=method.version,
        created_at=method.created_at,
        updated_at=method.updated_at,
        contact_id=method.contact_id,
        provider=method.provider,
        type=method.type,
        brand=method.brand,
        last4=method.last4,
        exp_month=method.exp_month,
        exp_year=method.exp_year,
        status=method.status,
        is_default=method.is_default,
        external_id=method.external_id,
        metadata=method.metadata,
        deleted_at=method.deleted_at,
    )

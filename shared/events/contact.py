"""Facts about contacts: the customers that a workspace bills."""

from typing import ClassVar

from pydantic import BaseModel, Field

from shared.events.event import Event, Snapshot
from shared.events.fields import Instant


class Address(BaseModel):
    """A postal address."""

    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None


class CreditBalance(BaseModel):
    """Money of one currency that the workspace owes the contact, in minor units."""

    currency: str
    amount_minor: int


class ContactData(Snapshot):
    """A customer of the workspace."""

    path: ClassVar[str] = "/v1/contacts/{id}"

    name: str
    email: str | None = None
    phone: str | None = None
    address: Address | None = None
    country: str | None = Field(None, description="ISO 3166-1 alpha-2.")
    locale: str | None = None
    vat_id: str | None = None
    e_invoice_address: str | None = Field(None, description="Where it receives e-invoices, as `scheme:id`.")
    external_id: str | None = Field(None, description="The contact's id in another system.")
    tags: list[str] = []
    metadata: dict[str, str] = {}
    archived_at: Instant | None = None
    credit_balances: list[CreditBalance] = []


class ContactCreated(Event):
    """A contact was created."""

    type: ClassVar[str] = "contact.created"
    source: ClassVar[str] = "/invoice"
    data: ContactData


class ContactUpdated(Event):
    """A contact was changed."""

    type: ClassVar[str] = "contact.updated"
    source: ClassVar[str] = "/invoice"
    data: ContactData


class ContactDeleted(Event):
    """A contact was archived."""

    type: ClassVar[str] = "contact.deleted"
    source: ClassVar[str] = "/invoice"
    data: ContactData

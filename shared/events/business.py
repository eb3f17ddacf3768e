"""Facts about the business: the seller's profile of a workspace."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.contact import Address
from shared.events.event import Event, Snapshot


class BusinessData(Snapshot):
    """Who sells, and how its documents are made; `id` is the workspace's."""

    path: ClassVar[str] = "/v1/business"

    name: str
    address: Address | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None
    vat_id: str | None = None
    tax_number: str | None = Field(None, description="The tax office's number for it, besides a VAT number.")
    registration_number: str | None = None
    iban: str | None = None
    bic: str | None = None
    logo_url: str | None = None
    logo_sha256: str | None = Field(None, description="Of the uploaded logo that new documents show.")
    currency: str = Field(description="ISO 4217: of documents that name none.")
    payment_terms_days: int
    rounding_level: Literal["total", "line"] = Field(description="Tax is rounded per rate, or per line.")
    rounding_mode: Literal["half_up", "half_even"]
    number_formats: dict[str, str]


class BusinessUpdated(Event):
    """The seller's profile was changed."""

    type: ClassVar[str] = "business.updated"
    source: ClassVar[str] = "/invoice"
    data: BusinessData

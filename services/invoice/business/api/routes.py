"""The business profile: what stands on documents about who sells, and how documents are made."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from services.invoice.business import operations
from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import BusinessEdit
from services.invoice.contacts.api import AddressFields
from shared.events.business import BusinessData
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, Currency, Name, ShortText, Whole
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.work import Work
from shared.kernel.unset import edit_of

router = APIRouter(prefix="/v1/business", route_class=Route, tags=["business"])
READ, WRITE = require("business:read"), require("business:write")
TaxNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
NumberFormat = Annotated[str, StringConstraints(min_length=5, max_length=50)]


class BusinessChanges(Body):
    """The fields to change; null clears one that may be empty."""

    # Factories, since a default that is never used has no place in the description of the API.
    name: Name = Field(default_factory=str)
    address: AddressFields | None = None
    country: ShortText | None = None
    email: ShortText | None = None
    phone: ShortText | None = None
    vat_id: ShortText | None = None
    tax_number: TaxNumber | None = Field(
        None,
        description="The tax office's number for it (EN 16931 BT-32), for a seller without a VAT number or "
        "beside one; in Sweden the words `Godkänd för F-skatt`.",
        examples=["133/8150/8159"],
    )
    registration_number: ShortText | None = None
    iban: ShortText | None = None
    bic: ShortText | None = None
    logo_url: Annotated[str, StringConstraints(pattern="^https://", max_length=500)] | None = None
    currency: Currency = Field(default_factory=str)
    payment_terms_days: Whole = Field(30, ge=0, le=3650)
    rounding_level: Literal["total", "line"] = "total"
    rounding_mode: Literal["half_up", "half_even"] = "half_up"
    number_formats: dict[str, NumberFormat] = Field({}, examples=[{"invoices": "INV-{year}-{seq:5}"}])

    def edit(self) -> BusinessEdit:
        """The fields that were sent."""
        if self.address is None:
            return edit_of(BusinessEdit, self)
        return edit_of(BusinessEdit, self, address=self.address.to_address())


@router.get("", dependencies=[READ])
async def get(response: Response, work: Work, who: Who) -> BusinessData:
    """Get the seller's profile."""
    business = await operations.load_business(work, who.currency)
    etag.tag(response, business.version)
    return business_rules.to_snapshot(business)


@router.patch("", dependencies=[WRITE])
async def change(
    body: BusinessChanges, response: Response, expected: IfMatch, work: Work, who: Who
) -> BusinessData:
    """Change the seller's profile; documents that are issued stay as they are."""
    changed = await operations.change_business(work, body.edit(), who.currency, expected)
    etag.tag(response, changed.version)
    return business_rules.to_snapshot(changed)

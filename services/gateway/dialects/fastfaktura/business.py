"""The business: the seller's profile."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from services.gateway.dialects.common.dialect import (
    Ask,
    Body,
    Call,
    Operation,
    Translation,
    asked,
    reply_with,
)
from services.gateway.dialects.common.fields import (
    Instant,
    Uuid,
    address_pointer,
    address_text,
    our_address,
    renamed,
)

TAG = "Business"
PATH = "/v1/business"
_NAMES = {"vat_id": "vat_number"}
EXAMPLE = {"name": "Nordlys AS", "email": "post@nordlys.example", "country": "NO"}


class BusinessChanges(Body):
    """What of the profile is to change; null clears what may be empty."""

    # Factories, since a default that is never used has no place in the description.
    name: str = Field(default_factory=str)
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    country: str | None = None
    vat_number: str | None = None
    registration_number: str | None = None
    iban: str | None = None
    bic: str | None = None
    logo_url: str | None = None
    currency: str = Field(default_factory=str)
    payment_terms_days: int = Field(default_factory=int)


class Business(BaseModel):
    """The seller's profile."""

    id: Uuid
    name: str
    email: str | None
    phone: str | None
    address: str | None
    country: str | None
    vat_number: str | None
    registration_number: str | None
    iban: str | None
    bic: str | None
    logo_url: str | None
    currency: str
    payment_terms_days: int
    updated_at: Instant


def get(call: Call) -> Translation:
    """GET /business"""
    return reply_with(to_reply((yield Ask("GET", PATH)).body))


def update(call: Call) -> Translation:
    """PATCH or PUT /business"""
    given = call.body.model_dump(exclude_unset=True)
    if "vat_number" in given:
        given["vat_id"] = given.pop("vat_number")
    if "address" in given:
        given["address"] = our_address(given["address"])
    ask = Ask("PATCH", PATH, body=given, headers=call.only("if-match"))
    ours = yield from asked(ask, lambda pointer: renamed(_NAMES, address_pointer(pointer)))
    return reply_with(to_reply(ours.body))


def to_reply(ours: Mapping[str, Any]) -> Business:
    """Their profile."""
    same = set(Business.model_fields) - {"address", "vat_number"}
    return Business(
        **{name: ours[name] for name in same},
        address=address_text(ours["address"]),
        vat_number=ours["vat_id"],
    )


OPERATIONS = (
    Operation("getBusiness", "GET", "/business", TAG, "Profil entreprise", get, reply=Business),
    Operation(
        "updateBusiness", "PATCH", "/business", TAG, "Mise à jour du profil", update,
        request=BusinessChanges, reply=Business, example=EXAMPLE,
    ),
    Operation(
        "replaceBusiness", "PUT", "/business", TAG, "Mise à jour du profil", update,
        request=BusinessChanges, reply=Business, example=EXAMPLE,
    ),
)  # fmt: skip

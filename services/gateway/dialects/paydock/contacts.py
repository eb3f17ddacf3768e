"""Contacts: the address is one text, `vat_number` is our `vat_id`; PUT changes the fields that it names."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.gateway.dialects.common.dialect import (
    Ask,
    Body,
    Call,
    Operation,
    Reply,
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
from services.gateway.dialects.paydock.fields import LIMIT, OFFSET, Page, page, part_of_list
from shared.kernel.errors import NotFound

TAG = "Contacts"
PATH = "/v1/contacts"
_NAMES = {"vat_id": "vat_number"}
EXAMPLE = {
    "name": "Acme BV",
    "email": "info@acme.nl",
    "phone": "+31201234567",
    "address": "Keizersgracht 1\n1015 CJ Amsterdam",
    "country": "NL",
    "vat_number": "NL004495445B01",
    "external_id": "CRM-12345",
}


class ContactChanges(Body):
    """What may be said of a customer."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    country: str | None = None
    vat_number: str | None = None
    external_id: str | None = None


class NewContact(ContactChanges):
    """A customer to create."""

    name: str


class Contact(BaseModel):
    """A customer."""

    id: Uuid
    name: str
    email: str | None
    phone: str | None
    address: str | None
    country: str | None
    vat_number: str | None
    external_id: str | None


class FullContact(Contact):
    """A customer, and since when it is there."""

    created_at: Instant
    updated_at: Instant


def create(call: Call) -> Translation:
    """POST /contacts"""
    ask = Ask("POST", PATH, body=_ours(call.body), headers=call.only("idempotency-key"))
    ours = yield from asked(ask, _pointer)
    return reply_with(full(ours.body), 201)


def list_(call: Call) -> Translation:
    """GET /contacts"""
    ours = yield Ask("GET", PATH, [*part_of_list(call), ("archived", "false")])
    return page(call, ours, [full(contact) for contact in ours.body["data"]])


def get(call: Call) -> Translation:
    """GET /contacts/{id}: an archived contact counts as deleted here."""
    ours = yield Ask("GET", f"{PATH}/{call.id}")
    if ours.body["archived_at"]:
        raise NotFound
    return reply_with(full(ours.body))


def update(call: Call) -> Translation:
    """PUT /contacts/{id}"""
    ask = Ask("PATCH", f"{PATH}/{call.id}", body=_ours(call.body), headers=call.only("if-match"))
    ours = yield from asked(ask, _pointer)
    return reply_with(full(ours.body))


def delete(call: Call) -> Translation:
    """DELETE /contacts/{id}: archives, since documents go on naming it."""
    yield Ask("DELETE", f"{PATH}/{call.id}")
    return Reply(204)


def full(ours: Mapping[str, Any]) -> FullContact:
    """Their contact."""
    return FullContact(**on_document(ours), created_at=ours["created_at"], updated_at=ours["updated_at"])


def on_document(ours: Mapping[str, Any]) -> dict[str, Any]:
    """What their contact and the contact on a document have in common."""
    same = ("id", "name", "email", "phone", "country", "external_id")
    return {
        **{name: ours[name] for name in same},
        "address": address_text(ours["address"]),
        "vat_number": ours["vat_id"],
    }


def _ours(body: ContactChanges) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True)
    if "vat_number" in given:
        given["vat_id"] = given.pop("vat_number")
    if "address" in given:
        given["address"] = our_address(given["address"])
    return given


def _pointer(pointer: str) -> str:
    return renamed(_NAMES, address_pointer(pointer))


OPERATIONS = (
    Operation(
        "listContacts", "GET", "/contacts", TAG, "List all contacts", list_,
        query=(LIMIT, OFFSET), reply=Page[FullContact],
    ),
    Operation(
        "createContact", "POST", "/contacts", TAG, "Create contact", create,
        status=201, request=NewContact, reply=FullContact, example=EXAMPLE,
    ),
    Operation("getContact", "GET", "/contacts/{id}", TAG, "Get contact", get, reply=FullContact),
    Operation(
        "updateContact", "PUT", "/contacts/{id}", TAG, "Update contact", update,
        request=ContactChanges, reply=FullContact, example={"email": "administratie@acme.nl"},
    ),
    Operation("deleteContact", "DELETE", "/contacts/{id}", TAG, "Delete contact", delete, status=204),
)  # fmt: skip

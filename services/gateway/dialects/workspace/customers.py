"""Customers: a name and an e-mail address, which an empty string clears."""

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
    getting,
    reply_with,
)
from services.gateway.dialects.common.fields import Instant, Uuid
from services.gateway.dialects.workspace.fields import PART, Page, page, part_of_list

TAG = "Customers"
PATH = "/v1/contacts"
EXAMPLE = {"name": "Acme Ltd", "email": "billing@acme.example"}


class CustomerChanges(Body):
    """What of a customer can be changed; an empty e-mail clears it."""

    # A factory, since a default that is never used has no place in the description.
    name: str = Field(default_factory=str)
    email: str | None = None


class NewCustomer(CustomerChanges):
    """A customer to create."""

    name: str


class Customer(BaseModel):
    """A customer, also as it stands on an invoice."""

    id: Uuid
    name: str
    email: str | None


class FullCustomer(Customer):
    """A customer, and since when it is there."""

    created_at: Instant
    updated_at: Instant


def create(call: Call) -> Translation:
    """POST /customers"""
    ask = Ask("POST", PATH, body=_ours(call.body), headers=call.only("idempotency-key"))
    ours = yield from asked(ask, str)
    return reply_with(to_reply(ours.body), 201)


def list_(call: Call) -> Translation:
    """GET /customers"""
    ours = yield Ask("GET", PATH, [*part_of_list(call), ("archived", "false")])
    return page(call, ours, [to_reply(contact) for contact in ours.body["data"]])


def update(call: Call) -> Translation:
    """PATCH /customers/{id}"""
    ask = Ask("PATCH", f"{PATH}/{call.id}", body=_ours(call.body), headers=call.only("if-match"))
    ours = yield from asked(ask, str)
    return reply_with(to_reply(ours.body))


def to_reply(ours: Mapping[str, Any]) -> FullCustomer:
    """Their customer."""
    return FullCustomer(**{name: ours[name] for name in FullCustomer.model_fields})


def on_invoice(ours: Mapping[str, Any]) -> Customer:
    """The customer as it stands on an invoice of ours."""
    return Customer(**{name: ours[name] for name in Customer.model_fields})


def _ours(body: CustomerChanges) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True)
    if "email" in given:
        given["email"] = given["email"] or None
    return given


OPERATIONS = (
    Operation(
        "listCustomers", "GET", "/customers", TAG, "List customers", list_,
        query=PART, reply=Page[FullCustomer],
    ),
    Operation(
        "createCustomer", "POST", "/customers", TAG, "Create a customer", create,
        status=201, request=NewCustomer, reply=FullCustomer, example=EXAMPLE,
    ),
    Operation(
        "getCustomer", "GET", "/customers/{id}", TAG, "Fetch one customer", getting(PATH, to_reply),
        reply=FullCustomer,
    ),
    Operation(
        "updateCustomer", "PATCH", "/customers/{id}", TAG, "Update name and/or e-mail", update,
        request=CustomerChanges, reply=FullCustomer,
        example={"name": "Acme Holdings Ltd", "email": "ap@acme.example"},
    ),
)  # fmt: skip

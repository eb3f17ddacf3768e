"""Payment methods: cards and mandates that the provider keeps; deleted ones stay, marked."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from services.gateway.dialects.common.dialect import Ask, Call, Reply, Translation, asked
from services.gateway.dialects.common.fields import Instant
from services.gateway.dialects.facturering.hydra import (
    PAGING,
    Body,
    Iri,
    Resource,
    id_of,
    iri,
    listed,
    many_of,
    named,
    one_of,
    operations,
    part_of_list,
    patching,
    posting,
    renaming,
    reply_with,
)

PATH = "/v1/payment-methods"
KIND = "PaymentMethod"
_NAMES = {"exp_month": "ccExpMonth", "exp_year": "ccExpYear", "contact_id": "organization"}


class PaymentMethodChanges(Body):
    """When it expires."""

    cc_exp_month: int = Field(default_factory=int)
    cc_exp_year: int = Field(default_factory=int)


class NewSetupIntent(Body):
    """For whom a method is to be kept; for the workspace itself where nobody is named."""

    organization: str | None = None


class PaymentMethod(Resource):
    """What invoices can be collected from; never a card's number."""

    id: str
    organization: Iri | None
    type: str
    cc_brand: str | None
    cc_last_digits: str | None
    cc_exp_month: int | None
    cc_exp_year: int | None
    external_id: str | None
    created_at: Instant
    updated_at: Instant
    deleted_at: Instant | None
    deleted: bool


class SetupIntent(Resource):
    """What the browser needs to let the payer confirm a method with the provider."""

    id: str
    client_secret: str | None
    publishable_key: str | None
    status: str | None


def list_(call: Call) -> Translation:
    """GET /payment-methods"""
    ours = yield Ask("GET", PATH, part_of_list(call))
    return listed(call, "/payment-methods", KIND, [to_reply(call, one) for one in ours.body["data"]], ours)


def get(call: Call) -> Translation:
    """GET /payment-methods/{id}"""
    ours = yield Ask("GET", f"{PATH}/{call.id}")
    return reply_with(call, to_reply(call, ours.body))


def update(call: Call) -> Translation:
    """PATCH /payment-methods/{id}"""
    given = call.body.model_dump(exclude_unset=True)
    fields = {name.removeprefix("cc_"): value for name, value in given.items()}
    ask = Ask("PATCH", f"{PATH}/{call.id}", body=fields, headers=call.only("if-match"))
    ours = yield from asked(ask, renaming(_NAMES))
    return reply_with(call, to_reply(call, ours.body))


def delete(call: Call) -> Translation:
    """DELETE /payment-methods/{id}"""
    yield Ask("DELETE", f"{PATH}/{call.id}")
    return Reply(204)


def create_setup_intent(call: Call) -> Translation:
    """POST /payment-methods/create-setup-intent"""
    organization = call.body.organization if call.body else None
    contact = organization and id_of(organization, "organizations", "organization")
    fields = {"contact_id": contact} if contact else {}
    headers = call.only("idempotency-key")
    ask = Ask("POST", f"{PATH}/setup-intents", body=fields, headers=headers)
    ours = (yield from asked(ask, renaming(_NAMES))).body
    same = ("client_secret", "publishable_key", "status")
    where = named(call, "SetupIntent", "payment-methods/setup-intents", ours["id"])
    shape = SetupIntent(**where, id=ours["id"], **{name: ours.get(name) for name in same})
    return reply_with(call, shape, 201)


def to_reply(call: Call, ours: Mapping[str, Any]) -> PaymentMethod:
    """Their payment method."""
    same = ("id", "type", "external_id", "created_at", "updated_at", "deleted_at")
    contact_id = ours["contact_id"]
    return PaymentMethod(
        **named(call, KIND, "payment-methods", ours["id"]),
        **{name: ours[name] for name in same},
        organization=iri(call, "organizations", contact_id) if contact_id else None,
        cc_brand=ours["brand"],
        cc_last_digits=ours["last4"],
        cc_exp_month=ours["exp_month"],
        cc_exp_year=ours["exp_year"],
        deleted=ours["deleted_at"] is not None,
    )


OPERATIONS = operations(
    "Betaalmethode",
    ("listPaymentMethods", "GET", "/payment-methods", "Retrieves the collection of PaymentMethod resources.",
     list_, {"query": PAGING, **many_of(PaymentMethod)}),
    ("createSetupIntent", "POST", "/payment-methods/create-setup-intent",
     "Creates a PaymentMethod resource.", create_setup_intent,
     {"status": 201, "is_body_optional": True, **posting(NewSetupIntent, {}), **one_of(SetupIntent)}),
    ("getPaymentMethod", "GET", "/payment-methods/{id}", "Retrieves a PaymentMethod resource.", get,
     one_of(PaymentMethod)),
    ("updatePaymentMethod", "PATCH", "/payment-methods/{id}", "Updates the PaymentMethod resource.", update,
     {**patching(PaymentMethodChanges, {"ccExpMonth": 12, "ccExpYear": 2030}), **one_of(PaymentMethod)}),
    ("deletePaymentMethod", "DELETE", "/payment-methods/{id}", "Removes the PaymentMethod resource.", delete,
     {"status": 204}),
)  # fmt: skip

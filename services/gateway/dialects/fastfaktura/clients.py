"""Clients: found by a part of name, e-mail or phone; archived, never deleted."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from services.gateway.dialects.common.dialect import (
    Ask,
    Body,
    Call,
    Operation,
    Parameter,
    Reply,
    Translation,
    asked,
    getting,
    reply_with,
)
from services.gateway.dialects.common.fields import Instant, Uuid, address_pointer, address_text, our_address
from services.gateway.dialects.fastfaktura.fields import PAGE, Locale, Page, page, part_of_list

TAG = "Clients"
PATH = "/v1/contacts"
MAX_Q = 200
_Q = Parameter("q", {"type": "string", "maxLength": MAX_Q}, "Recherche nom/email/téléphone")
EXAMPLE = {
    "name": "Nordlys AS",
    "email": "post@nordlys.example",
    "phone": "+4721000000",
    "address": "Karl Johans gate 1\n0154 Oslo",
    "country": "NO",
    "locale": "nb",
    "external_id": "CRM-7",
    "tags": ["retail"],
}


class ClientChanges(Body):
    """What of a client is to change; null clears what may be empty."""

    # Factories, since a default that is never used has no place in the description.
    name: str = Field(default_factory=str)
    email: str | None = None
    phone: str | None = Field(None, description="E.164")
    address: str | None = None
    country: str | None = None
    locale: Locale | None = None
    external_id: str | None = None
    tags: list[str] = []


class NewClient(ClientChanges):
    """A client to create."""

    name: str


class Client(BaseModel):
    """A client; `archived_at` tells since when it is archived."""

    id: Uuid
    name: str
    email: str | None
    phone: str | None
    address: str | None
    country: str | None
    locale: str | None
    external_id: str | None
    tags: list[str]
    archived_at: Instant | None
    created_at: Instant
    updated_at: Instant


def list_(call: Call) -> Translation:
    """GET /clients"""
    query = [*part_of_list(call), ("archived", "false")]
    if q := call.one("q"):
        query.append(("q", q))
    ours = yield Ask("GET", PATH, query)
    return page(call, ours, [to_reply(contact) for contact in ours.body["data"]])


def create(call: Call) -> Translation:
    """POST /clients"""
    ask = Ask("POST", PATH, body=_ours(call.body), headers=call.only("idempotency-key"))
    ours = yield from asked(ask, address_pointer)
    return reply_with(to_reply(ours.body), 201)


def update(call: Call) -> Translation:
    """PATCH or PUT /clients/{id}"""
    ask = Ask("PATCH", f"{PATH}/{call.id}", body=_ours(call.body), headers=call.only("if-match"))
    ours = yield from asked(ask, address_pointer)
    return reply_with(to_reply(ours.body))


def archive(call: Call) -> Translation:
    """DELETE /clients/{id}"""
    yield Ask("DELETE", f"{PATH}/{call.id}")
    return Reply(204)


def to_reply(ours: Mapping[str, Any]) -> Client:
    """Their client."""
    same = set(Client.model_fields) - {"address"}
    return Client(**{name: ours[name] for name in same}, address=address_text(ours["address"]))


def _ours(body: ClientChanges) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True)
    if "address" in given:
        given["address"] = our_address(given["address"])
    return given


OPERATIONS = (
    Operation(
        "listClients", "GET", "/clients", TAG, "Liste des clients", list_,
        query=(PAGE, _Q), reply=Page[Client],
    ),
    Operation(
        "createClient", "POST", "/clients", TAG, "Création client", create,
        status=201, request=NewClient, reply=Client, example=EXAMPLE,
    ),
    Operation(
        "getClient", "GET", "/clients/{id}", TAG, "Détail client", getting(PATH, to_reply), reply=Client,
    ),
    Operation(
        "updateClient", "PATCH", "/clients/{id}", TAG, "Édition client", update,
        request=ClientChanges, reply=Client, example={"tags": ["retail", "vip"]},
    ),
    Operation(
        "replaceClient", "PUT", "/clients/{id}", TAG, "Édition client", update,
        request=ClientChanges, reply=Client, example={"tags": ["retail", "vip"]},
    ),
    Operation(
        "archiveClient", "DELETE", "/clients/{id}", TAG,
        "Archivage client (pas de suppression définitive)", archive, status=204,
    ),
)  # fmt: skip

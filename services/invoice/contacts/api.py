"""HTTP in: contacts."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import Field, StringConstraints

from services.invoice.contacts import domain as contact_rules
from services.invoice.contacts import operations
from services.invoice.contacts import repository as contacts
from shared.events.contact import ContactData
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, Metadata, Name, ShortText
from shared.http.idempotency import Route
from shared.http.internal_auth import Now, Who, require
from shared.http.pagination import Page, Sliced
from shared.http.transactions import Tx

router = APIRouter(prefix="/v1/contacts", route_class=Route, tags=["contacts"])
READ, WRITE = require("contacts:read"), require("contacts:write")
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]


class AddressFields(Body):
    """A postal address."""

    line1: ShortText | None = None
    line2: ShortText | None = None
    postal_code: ShortText | None = None
    city: ShortText | None = None
    region: ShortText | None = None


class ContactFields(Body):
    """What may be said of a contact; phone numbers are kept as E.164."""

    email: ShortText | None = None
    phone: ShortText | None = None
    address: AddressFields | None = None
    country: ShortText | None = Field(None, description="ISO 3166-1 alpha-2.", examples=["NL"])
    locale: ShortText | None = Field(None, examples=["nl"])
    vat_id: ShortText | None = None
    e_invoice_address: ShortText | None = Field(
        None,
        description="Where it receives e-invoices, as `scheme:id`; without one at its VAT number.",
        examples=["0106:12345678"],
    )
    external_id: Name | None = Field(None, description="The contact's id in another system; unique.")
    tags: list[Tag] = Field([], max_length=50)
    metadata: Metadata = {}


class NewContact(ContactFields):
    """A contact to create."""

    name: Name


class ContactChanges(ContactFields):
    """The fields to change; null clears one."""

    # A factory, since a default that is never used has no place in the description of the API.
    name: Name = Field(default_factory=str)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=ContactData, dependencies=[WRITE])
async def create(body: NewContact, response: Response, tx: Tx, who: Who, clock: Now) -> Any:
    """Create a contact."""
    contact = await operations.create_contact(tx, who.workspace_id, body.model_dump(), clock)
    etag.tag(response, contact.version)
    return contact_rules.to_snapshot(contact)


@router.get("", response_model=Page[ContactData], dependencies=[READ])
async def list_(
    part: Sliced,
    tx: Tx,
    who: Who,
    q: Annotated[str | None, Query(max_length=200, description="Part of name, e-mail or phone.")] = None,
    external_id: Annotated[str | None, Query(max_length=200)] = None,
    tag: Annotated[str | None, Query(max_length=50)] = None,
    archived: Annotated[bool | None, Query()] = None,
) -> Any:
    """List contacts, newest first."""
    filters = {"q": q, "external_id": external_id, "tag": tag, "archived": archived, **part.rows()}
    found = await contacts.find(tx, who.workspace_id, filters)
    total = await contacts.count(tx, who.workspace_id, filters) if part.wants_total else None
    return part.page([contact_rules.to_snapshot(contact) for contact in found], total)


@router.get("/{contact_id}", response_model=ContactData, dependencies=[READ])
async def get(contact_id: UUID, response: Response, tx: Tx, who: Who) -> Any:
    """Get a contact."""
    contact = await contacts.get(tx, who.workspace_id, contact_id)
    etag.tag(response, contact.version)
    return contact_rules.to_snapshot(contact)


@router.patch("/{contact_id}", response_model=ContactData, dependencies=[WRITE])
async def change(
    contact_id: UUID,
    body: ContactChanges,
    response: Response,
    expected: IfMatch,
    tx: Tx,
    who: Who,
    clock: Now,
) -> Any:
    """Change the fields that are given; null clears one."""
    fields = body.model_dump(exclude_unset=True)
    contact = await operations.change_contact(tx, who.workspace_id, contact_id, fields, clock, expected)
    etag.tag(response, contact.version)
    return contact_rules.to_snapshot(contact)


@router.delete("/{contact_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def archive(contact_id: UUID, tx: Tx, who: Who, clock: Now) -> Response:
    """Archive a contact; its documents stay."""
    await operations.archive_contact(tx, who.workspace_id, contact_id, clock)
    return Response(status_code=status.HTTP_204_NO_CONTENT)

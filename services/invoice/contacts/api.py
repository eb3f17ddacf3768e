"""Contacts: create, list, get, change, archive."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import Field, StringConstraints

from services.invoice.contacts import domain as contact_rules
from services.invoice.contacts import operations
from services.invoice.contacts import repository as contacts
from services.invoice.contacts.domain import Contact, ContactEdit
from services.invoice.contacts.repository import ContactFilter
from shared.events.contact import Address, ContactData
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, Metadata, Name, ShortText
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.queries import searched
from shared.http.work import Work
from shared.kernel.unset import edit_of
from shared.postgres import search

router = APIRouter(prefix="/v1/contacts", route_class=Route, tags=["contacts"])
READ, WRITE = require("contacts:read"), require("contacts:write")
Search = Annotated[str | None, Query(max_length=200, description=searched("name, e-mail or phone"))]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]


class AddressFields(Body):
    """A postal address."""

    line1: ShortText | None = None
    line2: ShortText | None = None
    postal_code: ShortText | None = None
    city: ShortText | None = None
    region: ShortText | None = None

    def to_address(self) -> Address:
        """The address as documents have it."""
        return Address(**self.model_dump())


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

    def edit(self) -> ContactEdit:
        """The fields that were sent."""
        if self.address is None:
            return edit_of(ContactEdit, self)
        return edit_of(ContactEdit, self, address=self.address.to_address())


class NewContact(ContactFields):
    """A contact to create."""

    name: Name


class ContactChanges(ContactFields):
    """The fields to change; null clears one."""

    # A factory, since a default that is never used has no place in the description of the API.
    name: Name = Field(default_factory=str)


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def create(body: NewContact, response: Response, work: Work) -> ContactData:
    """Create a contact."""
    return _reply(await operations.create_contact(work, body.edit()), response)


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    q: Search = None,
    external_id: Annotated[str | None, Query(max_length=200)] = None,
    tag: Annotated[str | None, Query(max_length=50)] = None,
    archived: Annotated[bool | None, Query()] = None,
) -> Page[ContactData]:
    """List contacts, newest first."""
    filters = ContactFilter(**search.terms(q), external_id=external_id, tag=tag, is_archived=archived)
    rows = await contacts.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(rows, contact_rules.to_snapshot)


@router.get("/{contact_id}", dependencies=[READ])
async def get(contact_id: UUID, response: Response, work: Work) -> ContactData:
    """Get a contact."""
    return _reply(await contacts.get(work.tx, work.workspace_id, contact_id), response)


@router.patch("/{contact_id}", dependencies=[WRITE])
async def change(
    contact_id: UUID, body: ContactChanges, response: Response, expected: IfMatch, work: Work
) -> ContactData:
    """Change the fields that are given; null clears one."""
    return _reply(await operations.change_contact(work, contact_id, body.edit(), expected), response)


@router.delete("/{contact_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def archive(contact_id: UUID, work: Work) -> Response:
    """Archive a contact; its documents stay."""
    await operations.archive_contact(work, contact_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def _reply(contact: Contact, response: Response) -> ContactData:
    etag.tag(response, contact.version)
    return contact_rules.to_snapshot(contact)

"""HTTP in: what was sent, over all documents: which mails bounced, what a contact got, and trying again."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.invoice.common.api import filters
from services.invoice.documents.domain.print_model import Kind
from services.invoice.invoices.repository import invoices
from services.invoice.sending.api.bodies import DeliveryReply, Retry, RetryReply, to_reply, to_retry_reply
from services.invoice.sending.domain.delivery import Channel, Delivery, DeliveryStatus
from services.invoice.sending.operations import deliveries as operations
from services.invoice.sending.repository import document_deliveries as repository
from services.invoice.sending.repository.document_deliveries import WantedDeliveries
from shared.http import etag
from shared.http.fields import Moment
from shared.http.idempotency import Route
from shared.http.internal_auth import Now, Principal, Who, require
from shared.http.pagination import Page, Sliced
from shared.http.transactions import Tx
from shared.postgres.pool import Connection

router = APIRouter(prefix="/v1/document-deliveries", route_class=Route, tags=["sending"])
READ, WRITE = require("invoices:read"), require("invoices:write")
OfStatuses = Annotated[
    list[str] | None, Query(description="In one of these statuses, such as `bounced,failed`.")
]
_OF_INVOICES: tuple[Kind, ...] = ("invoice", "credit_note")


@router.get("", dependencies=[READ], summary="List deliveries of all documents")
async def list_(
    part: Sliced,
    tx: Tx,
    who: Who,
    status: OfStatuses = None,
    channel: Annotated[Channel | None, Query(description="Of one channel.")] = None,
    contact_id: Annotated[UUID | None, Query(description="To one contact.")] = None,
    document_type: Annotated[
        Literal["invoice", "credit_note", "quote"] | None, Query(description="Of one kind of document.")
    ] = None,
    document_id: Annotated[UUID | None, Query(description="Of one document.")] = None,
    since: Annotated[Moment | None, Query(description="Queued then or later.")] = None,
    until: Annotated[Moment | None, Query(description="Queued before.")] = None,
) -> Page[DeliveryReply]:
    """List how documents were sent, newest first; those of quotes for whoever may read quotes."""
    wanted = WantedDeliveries(
        workspace_id=who.workspace_id,
        kinds=tuple(kind for kind in _kinds(who) if document_type in (None, kind)),
        status=filters.words(status, [one.value for one in DeliveryStatus]),
        channel=channel,
        contact_id=contact_id,
        document_id=document_id,
        since=since,
        until=until,
    )
    found = await repository.find(tx, wanted, **part.rows())
    total = await repository.count(tx, wanted) if part.wants_total else None
    return part.page([to_reply(delivery) for delivery in found], total)


@router.get(
    "/{delivery_id}",
    dependencies=[READ],
    summary="Get any delivery",
)
async def get(delivery_id: UUID, response: Response, tx: Tx, who: Who) -> DeliveryReply:
    """Get one delivery, whatever the document."""
    found = await _get(tx, who, delivery_id)
    etag.tag(response, found.version)
    return to_reply(found, await _link(tx, found))


@router.post("/{delivery_id}/retry", dependencies=[WRITE], summary="Try any delivery again")
async def retry(
    delivery_id: UUID, response: Response, tx: Tx, who: Who, clock: Now, body: Retry | None = None
) -> RetryReply:
    """Try again what failed, bounced, or never told how it went; the last may then arrive twice.

    It goes to the contact's present address, unless the delivery had one of its own or `to` is `original`.
    """
    known = await _get(tx, who, delivery_id)
    to = body.to if body else None
    found = await operations.retry_delivery(tx, who.workspace_id, known.document_id, delivery_id, to, clock)
    etag.tag(response, found.version)
    return to_retry_reply(found, known)


async def _get(tx: Connection, who: Principal, delivery_id: UUID) -> Delivery:
    return await repository.get(tx, WantedDeliveries(who.workspace_id, _kinds(who)), delivery_id)


def _kinds(who: Principal) -> tuple[Kind, ...]:
    return (*_OF_INVOICES, "quote") if who.may("quotes:read") else _OF_INVOICES


async def _link(tx: Connection, delivery: Delivery) -> str | None:
    if delivery.channel != "link":
        return None
    return (await invoices.get(tx, delivery.workspace_id, delivery.document_id)).public_url

"""What was sent, over all documents: which mails bounced, what a contact got, and trying again."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.invoice.documents.domain.print_model import Kind
from services.invoice.invoices.repository import invoices
from services.invoice.sending.api.bodies import DeliveryReply, Retry, RetryReply, to_reply, to_retry_reply
from services.invoice.sending.domain.delivery import Channel, Delivery, DeliveryStatus
from services.invoice.sending.operations import deliveries as operations
from services.invoice.sending.repository import deliveries
from services.invoice.sending.repository.deliveries import DeliveryFilter
from shared.http import etag
from shared.http.fields import Moment
from shared.http.filters import words
from shared.http.idempotency import Route
from shared.http.internal_auth import Principal, Who, require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work

router = APIRouter(prefix="/v1/document-deliveries", route_class=Route, tags=["sending"])
READ, WRITE = require("invoices:read"), require("invoices:write")
OfStatuses = Annotated[
    list[str] | None, Query(description="In one of these statuses, such as `bounced,failed`.")
]
_OF_INVOICES: tuple[Kind, ...] = ("invoice", "credit_note")


@router.get("", dependencies=[READ], summary="List deliveries of all documents")
async def list_(
    part: Sliced,
    work: Work,
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
    wanted = DeliveryFilter(
        kinds=[kind for kind in _kinds(who) if document_type in (None, kind)],
        status=words(status, [state.value for state in DeliveryStatus]),
        channel=channel,
        contact_id=contact_id,
        document_id=document_id,
        since=since,
        until=until,
    )
    page = await deliveries.find(work.tx, work.workspace_id, wanted, part.window())
    return part.page(page, to_reply)


@router.get(
    "/{delivery_id}",
    dependencies=[READ],
    summary="Get any delivery",
)
async def get(delivery_id: UUID, response: Response, work: Work, who: Who) -> DeliveryReply:
    """Get one delivery, whatever the document."""
    delivery = await _get(work, who, delivery_id)
    etag.tag(response, delivery.version)
    return to_reply(delivery, await _load_link(work, delivery))


@router.post("/{delivery_id}/retry", dependencies=[WRITE], summary="Try any delivery again")
async def retry(
    delivery_id: UUID, response: Response, work: Work, who: Who, body: Retry | None = None
) -> RetryReply:
    """Try again what failed, bounced, or never told how it went; the last may then arrive twice.

    It goes to the contact's present address, unless the delivery had one of its own or `to` is `original`.
    """
    before = await _get(work, who, delivery_id)
    retried = await operations.retry_delivery(
        work, before.document_id, delivery_id, body.to if body else None
    )
    etag.tag(response, retried.version)
    return to_retry_reply(retried, before)


async def _get(work: Work, who: Principal, delivery_id: UUID) -> Delivery:
    wanted = DeliveryFilter(id=delivery_id, kinds=_kinds(who))
    return await deliveries.get_any(work.tx, work.workspace_id, wanted)


def _kinds(who: Principal) -> tuple[Kind, ...]:
    return (*_OF_INVOICES, "quote") if who.may("quotes:read") else _OF_INVOICES


async def _load_link(work: Work, delivery: Delivery) -> str | None:
    if delivery.channel != "link":
        return None
    return (await invoices.get(work.tx, work.workspace_id, delivery.document_id)).public_url

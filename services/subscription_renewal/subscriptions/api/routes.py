"""HTTP in: subscriptions."""

from typing import Annotated, Any, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from services.subscription_renewal.common.api.filters import words
from services.subscription_renewal.copies.api import AskingRoute
from services.subscription_renewal.runs.operations import runs
from services.subscription_renewal.subscriptions.api.bodies import (
    Cancellation,
    LineChange,
    NewSubscription,
    Pause,
    Retry,
    SubscriptionChanges,
)
from services.subscription_renewal.subscriptions.api.limits import Limited
from services.subscription_renewal.subscriptions.api.replies import ChangePreview, Periods
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from services.subscription_renewal.subscriptions.operations import changes
from services.subscription_renewal.subscriptions.operations import subscriptions as operations
from services.subscription_renewal.subscriptions.repository import billings, subscriptions
from shared.events.subscription import SubscriptionData, SubscriptionStatus
from shared.http import etag, payment_methods
from shared.http.etag import IfMatch
from shared.http.fields import Moment
from shared.http.internal_auth import Now, Who, require
from shared.http.pagination import Page, Sliced
from shared.http.transactions import Tx

router = APIRouter(prefix="/v1/subscriptions", route_class=AskingRoute, tags=["subscriptions"])
READ, WRITE = require("subscriptions:read"), require("subscriptions:write")


async def _named_in(body: NewSubscription, request: Request) -> payment_methods.Named:
    return await payment_methods.named(request, [body.payment_method_id])


async def _named_in_changes(body: SubscriptionChanges, request: Request) -> payment_methods.Named:
    return await payment_methods.named(request, [body.payment_method_id])


# Before Tx among the arguments, so that the owner is asked before the request's transaction opens.
Named = Annotated[payment_methods.Named, Depends(_named_in)]
NamedInChanges = Annotated[payment_methods.Named, Depends(_named_in_changes)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=SubscriptionData, dependencies=[WRITE])
async def create(
    body: NewSubscription, response: Response, methods: Named, tx: Tx, who: Who, clock: Now, limits: Limited
) -> Any:
    """Create a subscription; the period that runs is billed at once, in advance.

    Prices are those of today and stay so: a later change of the product does not touch it.
    """
    payment_methods.require(methods, body.payment_method_id, body.contact_id)
    made = await operations.create_subscription(
        tx, who.workspace_id, body.fields(clock, who.currency), body.new_lines(), clock.now(), limits
    )
    return _reply(made, response)


@router.get("", response_model=Page[SubscriptionData], dependencies=[READ])
async def list_(
    part: Sliced,
    tx: Tx,
    who: Who,
    status: Annotated[
        list[str] | None, Query(description="One or several, repeated or comma-separated.")
    ] = None,
    contact_id: UUID | None = None,
    external_id: Annotated[str | None, Query(max_length=200)] = None,
    product_id: Annotated[UUID | None, Query(description="One of its lines is of this product.")] = None,
    next_billing_before: Moment | None = None,
    next_billing_from: Moment | None = None,
    parked: Annotated[bool | None, Query(description="Whether it waits for somebody to look at it.")] = None,
    q: Annotated[str | None, Query(max_length=200, description="Part of the contact's name.")] = None,
) -> Any:
    """List subscriptions with their lines, newest first."""
    filters = {
        "status": words(status, get_args(SubscriptionStatus)),
        "contact_id": contact_id,
        "external_id": external_id,
        "product_id": product_id,
        "next_billing_before": next_billing_before,
        "next_billing_from": next_billing_from,
        "parked": parked,
        "q": q,
        **part.rows(),
    }
    found = await subscriptions.find(tx, who.workspace_id, filters)
    total = await subscriptions.count(tx, who.workspace_id, filters) if part.wants_total else None
    return part.page([rules.snapshot(one) for one in found], total)


@router.get("/{subscription_id}", response_model=SubscriptionData, dependencies=[READ])
async def get(subscription_id: UUID, response: Response, tx: Tx, who: Who) -> Any:
    """Get a subscription with its lines."""
    return _reply(await subscriptions.get(tx, who.workspace_id, subscription_id), response)


@router.patch("/{subscription_id}", response_model=SubscriptionData, dependencies=[WRITE])
async def edit(
    subscription_id: UUID,
    body: SubscriptionChanges,
    response: Response,
    expected: IfMatch,
    methods: NamedInChanges,
    tx: Tx,
    who: Who,
    clock: Now,
    limits: Limited,
) -> Any:
    """Change fields; `status` pauses, resumes or cancels, `cancel_at_period_end` can be taken back."""
    fields = body.model_dump(exclude_unset=True)
    edited = await operations.edit_subscription(
        tx, who.workspace_id, subscription_id, fields, clock.now(), limits, expected
    )
    payment_methods.require(methods, body.payment_method_id, edited.contact_id)
    return _reply(edited, response)


@router.post("/{subscription_id}/pause", response_model=SubscriptionData, dependencies=[WRITE])
async def pause(
    subscription_id: UUID,
    response: Response,
    tx: Tx,
    who: Who,
    clock: Now,
    limits: Limited,
    body: Pause | None = None,
) -> Any:
    """Bill nothing until it is resumed; what ends with its period is refused (409)."""
    keep_anchor = body is None or body.keep_anchor
    paused = await operations.pause_subscription(
        tx, who.workspace_id, subscription_id, keep_anchor, clock.now(), limits
    )
    return _reply(paused, response)


@router.post("/{subscription_id}/resume", response_model=SubscriptionData, dependencies=[WRITE])
async def resume(subscription_id: UUID, response: Response, tx: Tx, who: Who, clock: Now) -> Any:
    """End a pause, or take a cancellation at the period's end back, until that has come."""
    resumed = await operations.resume_subscription(tx, who.workspace_id, subscription_id, clock.now())
    return _reply(resumed, response)


@router.post("/{subscription_id}/cancel", response_model=SubscriptionData, dependencies=[WRITE])
async def cancel(
    subscription_id: UUID,
    response: Response,
    tx: Tx,
    who: Who,
    clock: Now,
    limits: Limited,
    body: Cancellation | None = None,
) -> Any:
    """Stop it at once, or at the end of the period, until when that can be taken back.

    Credit that is left then goes to the contact's credit balance.
    """
    at_period_end = body is not None and body.at == "period_end"
    canceled = await operations.cancel_subscription(
        tx, who.workspace_id, subscription_id, at_period_end, clock.now(), limits
    )
    return _reply(canceled, response)


@router.post("/{subscription_id}/change", response_model=SubscriptionData, dependencies=[WRITE])
async def change(
    subscription_id: UUID,
    body: LineChange,
    response: Response,
    expected: IfMatch,
    tx: Tx,
    who: Who,
    clock: Now,
    limits: Limited,
) -> Any:
    """Go on with another plan or quantity; what is so already is answered as it is, and nothing is billed.

    With `invoice_now`, credit that waits is used first: no invoice is made until it is used up.
    """
    changed = await changes.change_subscription(
        tx, who.workspace_id, subscription_id, body.request(), clock.now(), limits, expected
    )
    return _reply(changed, response)


@router.post("/{subscription_id}/preview", response_model=ChangePreview, dependencies=[READ])
async def preview(
    subscription_id: UUID, body: LineChange, tx: Tx, who: Who, clock: Now, limits: Limited
) -> Any:
    """What the same change would bill now and next; nothing is charged or stored."""
    found = await changes.preview_change(
        tx, who.workspace_id, subscription_id, body.request(), clock.now(), limits
    )
    return ChangePreview.of(found)


@router.post("/{subscription_id}/retry", response_model=SubscriptionData, dependencies=[WRITE])
async def retry(
    subscription_id: UUID,
    response: Response,
    tx: Tx,
    who: Who,
    clock: Now,
    limits: Limited,
    body: Retry | None = None,
) -> Any:
    """Renew it now, though it is parked, without a cap: somebody has looked at it."""
    catch_up = body.catch_up if body else None
    freed = await runs.retry_parked(tx, who.workspace_id, subscription_id, catch_up, clock.now(), limits)
    return _reply(freed, response)


@router.get("/{subscription_id}/periods", response_model=Periods, dependencies=[READ])
async def periods(subscription_id: UUID, part: Sliced, tx: Tx, who: Who) -> Any:
    """What was billed of it: periods and changes, newest first; goes on by `offset`."""
    await subscriptions.get(tx, who.workspace_id, subscription_id)
    rows = await billings.of_subscription(tx, who.workspace_id, subscription_id, part.limit, part.offset)
    return {"data": rows, "meta": {"limit": part.limit}}


def _reply(subscription: Subscription, response: Response) -> SubscriptionData:
    etag.tag(response, subscription.version)
    return rules.snapshot(subscription)

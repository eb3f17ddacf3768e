"""Subscriptions: made, changed, paused, canceled; what a change would bill before it is made."""

from typing import Annotated, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from services.subscription_renewal.charges.operations.charges import add_charges
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
from services.subscription_renewal.subscriptions.api.limits import LimitedWork, usage_grace
from services.subscription_renewal.subscriptions.api.replies import ChangePreview, Period, Periods
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from services.subscription_renewal.subscriptions.operations import changes
from services.subscription_renewal.subscriptions.operations import subscriptions as operations
from services.subscription_renewal.subscriptions.repository import billings, subscriptions
from shared.events.subscription import SubscriptionData, SubscriptionStatus
from shared.http import etag, openapi, payment_methods
from shared.http.etag import IfMatch
from shared.http.fields import Moment
from shared.http.filters import words
from shared.http.internal_auth import Who, require
from shared.http.pagination import Meta, Page, Sliced
from shared.http.queries import searched
from shared.http.work import Work
from shared.postgres import search
from shared.postgres.listing import Window

router = APIRouter(prefix="/v1/subscriptions", route_class=AskingRoute, tags=["subscriptions"])
READ, WRITE = require("subscriptions:read"), require("subscriptions:write")
Search = Annotated[
    str | None, Query(max_length=200, description=searched("the contact's name or external id"))
]


async def _named_in(body: NewSubscription, request: Request) -> payment_methods.Named:
    return await payment_methods.named(request, [body.payment_method_id])


async def _named_in_changes(body: SubscriptionChanges, request: Request) -> payment_methods.Named:
    return await payment_methods.named(request, [body.payment_method_id])


# Before the unit of work among the arguments, so that the owner is asked before its transaction opens.
Named = Annotated[payment_methods.Named, Depends(_named_in)]
NamedInChanges = Annotated[payment_methods.Named, Depends(_named_in_changes)]


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def create(
    body: NewSubscription,
    request: Request,
    response: Response,
    *,
    methods: Named,
    who: Who,
    work: LimitedWork,
) -> SubscriptionData:
    """Create a subscription; the period that runs is billed at once, in advance.

    Prices are those of today and stay so: a later change of the product does not touch it.
    """
    payment_methods.require(methods, body.payment_method_id, body.contact_id)
    terms = body.terms(work.clock)
    wanted = body.new_charges()
    made = await operations.create_subscription(work, terms, body.new_lines(), who.currency)
    grace = usage_grace(request, who)
    await add_charges(work, made, wanted, body.usage_subjects, grace)
    return _reply(made, response)


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    *,
    status: Annotated[
        list[str] | None, Query(description="One or several, repeated or comma-separated.")
    ] = None,
    contact_id: UUID | None = None,
    external_id: Annotated[str | None, Query(max_length=200)] = None,
    product_id: Annotated[UUID | None, Query(description="One of its lines is of this product.")] = None,
    next_billing_before: Moment | None = None,
    next_billing_from: Moment | None = None,
    parked: Annotated[bool | None, Query(description="Whether it waits for somebody to look at it.")] = None,
    q: Search = None,
) -> Page[SubscriptionData]:
    """List subscriptions with their lines, newest first."""
    wanted = subscriptions.Filter(
        status=words(status, get_args(SubscriptionStatus)),
        contact_id=contact_id,
        external_id=external_id,
        product_id=product_id,
        next_billing_before=next_billing_before,
        next_billing_from=next_billing_from,
        is_parked=parked,
        **search.terms(q),
    )
    found = await subscriptions.find(work.tx, work.workspace_id, wanted, part.window())
    return part.page(found, rules.snapshot)


@router.get("/{subscription_id}", dependencies=[READ])
async def get(subscription_id: UUID, response: Response, work: Work) -> SubscriptionData:
    """Get a subscription with its lines."""
    return _reply(await subscriptions.get(work.tx, work.workspace_id, subscription_id), response)


@router.patch("/{subscription_id}", dependencies=[WRITE])
async def edit(
    subscription_id: UUID,
    body: SubscriptionChanges,
    response: Response,
    *,
    expected: IfMatch,
    methods: NamedInChanges,
    work: LimitedWork,
) -> SubscriptionData:
    """Change fields; `status` pauses, resumes or cancels, `cancel_at_period_end` can be taken back."""
    edited = await operations.edit_subscription(
        work,
        subscription_id,
        body.edit(),
        status=body.status,
        cancel_at_period_end=body.cancel_at_period_end,
        expected_version=expected,
    )
    payment_methods.require(methods, body.payment_method_id, edited.contact_id)
    return _reply(edited, response)


@router.post("/{subscription_id}/pause", dependencies=[WRITE])
async def pause(
    subscription_id: UUID, response: Response, work: LimitedWork, body: Pause | None = None
) -> SubscriptionData:
    """Bill nothing until it is resumed; what ends with its period is refused (409)."""
    keep_anchor = body is None or body.keep_anchor
    return _reply(await operations.pause_subscription(work, subscription_id, keep_anchor), response)


@router.post("/{subscription_id}/resume", dependencies=[WRITE])
async def resume(subscription_id: UUID, response: Response, work: Work) -> SubscriptionData:
    """End a pause, or take a cancellation at the period's end back, until that has come."""
    return _reply(await operations.resume_subscription(work, subscription_id), response)


@router.post("/{subscription_id}/cancel", dependencies=[WRITE])
async def cancel(
    subscription_id: UUID, response: Response, work: LimitedWork, body: Cancellation | None = None
) -> SubscriptionData:
    """Stop it at once, or at the end of the period, until when that can be taken back.

    Credit that is left then goes to the contact's credit balance.
    """
    at_period_end = body is not None and body.at == "period_end"
    return _reply(await operations.cancel_subscription(work, subscription_id, at_period_end), response)


@router.post(
    "/{subscription_id}/change", dependencies=[WRITE], summary="Change the plan or quantity of a subscription"
)
async def change(
    subscription_id: UUID, body: LineChange, response: Response, expected: IfMatch, work: LimitedWork
) -> SubscriptionData:
    """Go on with another plan or quantity; what is so already is answered as it is, and nothing is billed.

    With `invoice_now`, credit that waits is used first: no invoice is made until it is used up.
    """
    changed = await changes.change_subscription(work, subscription_id, body.request(), expected)
    return _reply(changed, response)


@router.post("/{subscription_id}/preview", dependencies=[READ], summary="Preview a change of a subscription")
async def preview(subscription_id: UUID, body: LineChange, work: LimitedWork) -> ChangePreview:
    """What the same change would bill now and next; nothing is charged or stored."""
    return ChangePreview.of(await changes.preview_change(work, subscription_id, body.request()))


@router.post("/{subscription_id}/retry", dependencies=[WRITE])
async def retry(
    subscription_id: UUID, response: Response, work: LimitedWork, body: Retry | None = None
) -> SubscriptionData:
    """Renew it now, though it is parked, without a cap: somebody has looked at it."""
    catch_up = body.catch_up if body else None
    return _reply(await runs.retry_parked(work, subscription_id, catch_up), response)


@router.get(
    "/{subscription_id}/periods", dependencies=[READ], openapi_extra={"x-paginated": openapi.BY_OFFSET}
)
async def periods(subscription_id: UUID, part: Sliced, work: Work) -> Periods:
    """What was billed of it: periods and changes, newest first; goes on by `offset`."""
    await subscriptions.get(work.tx, work.workspace_id, subscription_id)
    window = Window(limit=part.limit, offset=part.offset)
    found = await billings.of_subscription(work.tx, work.workspace_id, subscription_id, window)
    data = [Period.model_validate(one, from_attributes=True) for one in found.rows]
    return Periods(data=data, meta=Meta(limit=part.limit))


def _reply(subscription: Subscription, response: Response) -> SubscriptionData:
    etag.tag(response, subscription.version)
    return rules.snapshot(subscription)

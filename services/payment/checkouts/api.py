"""HTTP in from the gateway alone, for whoever has an invoice's public link: paying it on a provider's page.

The gateway has verified the link; its token's only scope names the one invoice that it opens.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Query, Request, status
from pydantic import BaseModel, Field

from services.payment.checkouts import domain as rules
from services.payment.checkouts import operations
from services.payment.checkouts import repository as checkouts
from services.payment.checkouts.operations import CheckoutRoute
from services.payment.collections.domain.collection import Collection, CollectionInFlight, CollectionState
from services.payment.collections.operations.checkout_page import to_checkout
from services.payment.collections.operations.credit_first import settle_invoice_first
from services.payment.collections.repository import collections
from services.payment.common.api import Tools, WithTools
from services.payment.provider_connections.domain import NoProviderConnection
from services.payment.provider_connections.operations import find_refusal
from services.payment.providers.provider import (
    Amount,
    OpenCheckout,
    ProviderError,
    ProviderUnknownOutcome,
)
from services.payment.receivables.api.ask_owner import AskingRoute
from services.payment.receivables.repository import receivables
from shared.http.fields import Body
from shared.http.internal_auth import Principal, Who
from shared.kernel.errors import Forbidden, NotFound, Unavailable
from shared.kernel.leased_work import LeaseLost
from shared.messaging.work import Work
from shared.messaging.work import begin as begin_unit
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

router = APIRouter(prefix="/internal/checkouts", include_in_schema=False, route_class=AskingRoute)
POLL_MS = 50
OPENING_SECONDS = 5
log = structlog.get_logger()


class ProviderDoesNotAnswer(Unavailable):
    """The payment provider did not open its page."""

    code = "checkout_unavailable"


class CheckoutState(BaseModel):
    """Whether the invoice can be paid online now, and where its newest collection stands."""

    is_available: bool
    state: str | None = None
    receivable_version: int | None = None


class NewCheckout(Body):
    """Where the payer comes back to."""

    return_url: Annotated[str, Field(pattern="^https?://", max_length=1000)]


class CheckoutReply(BaseModel):
    """The page where the payer pays."""

    url: str


def require_invoice(who: Principal, invoice_id: UUID) -> None:
    """Raise Forbidden unless the token is for exactly this invoice."""
    if f"public:{invoice_id}" not in who.scopes:
        raise Forbidden


@asynccontextmanager
async def begin_work(database: Database, who: Principal) -> AsyncIterator[Work]:
    """A unit of its own in the workspace of whoever asks: none is open while the provider is asked."""
    async with begin_unit(database, who.workspace_id) as unit:
        yield unit.within(who.workspace_id, who.clock, who.actor)


@router.get("/{invoice_id}")
async def get_state(
    invoice_id: UUID,
    request: Request,
    who: Who,
    tools: WithTools,
    has_returned: bool = False,
    wait_seconds: Annotated[int, Query(ge=0, le=10)] = 0,
) -> CheckoutState:
    """Whether it can be paid online. A payer who has returned from the page makes us look what came of it."""
    require_invoice(who, invoice_id)
    database: Database = request.app.state.database
    deadline = time.monotonic() + wait_seconds
    async with database.transaction(who.workspace_id) as tx:
        newest = await checkouts.newest(tx, who.workspace_id, invoice_id)
        if has_returned and newest and newest.provider_reference and not newest.is_over:
            await collections.wake(tx, who.workspace_id, newest.provider, newest.provider_reference)
    while _is_awaited(newest, has_returned) and time.monotonic() < deadline:
        await asyncio.sleep(POLL_MS / 1000)
        async with database.transaction(who.workspace_id) as tx:
            newest = await checkouts.newest(tx, who.workspace_id, invoice_id)
    async with database.transaction(who.workspace_id) as tx:
        return await _to_state(tx, who, invoice_id, newest, tools)


@router.post("/{invoice_id}", status_code=status.HTTP_201_CREATED)
async def begin(
    invoice_id: UUID, body: NewCheckout, request: Request, who: Who, tools: WithTools
) -> CheckoutReply:
    """Open a page at the workspace's provider where the payer pays everything that is due.

    The contact's credit balance settles what it can before. While one is open, it is that one. Raises
    NothingDue, CollectionInFlight, NoProviderConnection or Unavailable.
    """
    require_invoice(who, invoice_id)
    database: Database = request.app.state.database
    async with begin_work(database, who) as work:
        name, mode = await tools.providers.choose(work.tx, who.workspace_id, who.mode == "live")
        # Committed by itself: it stays so when nothing is left for the payer to pay.
        await settle_invoice_first(work, invoice_id)
    collection = await _begin_or_wait(
        database, who, invoice_id, CheckoutRoute(name, mode, body.return_url), tools
    )
    if collection.checkout_url:
        return CheckoutReply(url=collection.checkout_url)
    opened = await _open(database, collection, who, tools)
    return CheckoutReply(url=opened.url)


async def _begin_or_wait(
    database: Database, who: Principal, invoice_id: UUID, through: CheckoutRoute, tools: Tools
) -> Collection:
    """The open checkout or a new one; while somebody else opens one just now, wait for that."""
    deadline = time.monotonic() + OPENING_SECONDS
    while True:
        try:
            async with begin_work(database, who) as work:
                return await operations.begin_checkout(work, invoice_id, through, tools.times)
        except CollectionInFlight:
            async with database.transaction(who.workspace_id) as tx:
                newest = await checkouts.newest(tx, who.workspace_id, invoice_id)
            is_opening = newest and newest.is_checkout and newest.state is CollectionState.PENDING
            if not is_opening or time.monotonic() >= deadline:
                raise
        await asyncio.sleep(POLL_MS / 1000)


async def _open(database: Database, collection: Collection, who: Principal, tools: Tools) -> OpenCheckout:
    try:
        async with database.transaction(who.workspace_id) as tx:
            number = (await receivables.get(tx, who.workspace_id, collection.invoice_id)).number
            provider = await tools.providers.get(tx, who.workspace_id, collection.provider, collection.mode)
        asked = to_checkout(collection, number)
        opened = await provider.open_checkout(asked, key=collection.prepare_key)
    except ProviderError as error:
        log.warning("checkout.not_opened", payment_id=str(collection.payment_id), error=repr(error))
        end = operations.give_up
        if isinstance(error, ProviderUnknownOutcome):
            end = operations.leave_to_workers
        async with begin_work(database, who) as work:
            await end(work, collection)
        raise ProviderDoesNotAnswer(retry_after_seconds=5) from error
    try:
        async with begin_work(database, who) as work:
            await operations.finish_opening(work, collection, opened)
    except LeaseLost as error:
        # It took so long that a worker has opened the same page meanwhile.
        raise ProviderDoesNotAnswer(retry_after_seconds=1) from error
    return opened


async def _to_state(
    tx: Connection, who: Principal, invoice_id: UUID, newest: Collection | None, tools: Tools
) -> CheckoutState:
    state = newest.state.value if newest else None
    try:
        name, _ = await tools.providers.choose(tx, who.workspace_id, who.mode == "live")
    except NoProviderConnection:
        return CheckoutState(is_available=False, state=state)
    try:
        receivable = await receivables.get(tx, who.workspace_id, invoice_id)
    except NotFound:
        # Its event is under way; the owner is asked once when it is to be paid.
        return CheckoutState(is_available=True, state=state)
    is_free = newest is None or newest.is_over or rules.may_go_on(newest, receivable)
    is_taken = (
        find_refusal(name, Amount(receivable.expected_minor, receivable.currency), "invoice_id") is None
    )
    return CheckoutState(
        is_available=receivable.expected_minor > 0 and is_free and is_taken,
        state=state,
        receivable_version=receivable.version,
    )


def _is_awaited(newest: Collection | None, has_returned: bool) -> bool:
    return has_returned and newest is not None and newest.state.value in ("pending", "requires_action")

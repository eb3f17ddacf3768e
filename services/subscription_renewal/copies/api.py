"""Requests that name what is not known here yet: the owner is asked once and the request is done again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from services.subscription_renewal import upstream
from services.subscription_renewal.copies.domain.missing import NotKnownHere
from services.subscription_renewal.copies.operations import store_copies
from services.subscription_renewal.metrics import UPSTREAM_LOOKUPS
from shared.http.client import ServiceClient
from shared.http.idempotency import Route
from shared.http.internal_auth import InternalTokens, current_principal
from shared.kernel.errors import BillingError, NotFound, Unavailable
from shared.messaging.work import begin
from shared.postgres.transaction import Database


class AskingRoute(Route):
    """A route whose requests may raise NotKnownHere: by then their transaction is rolled back."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; on NotKnownHere fetch what is missing and answer again, as if it had been there."""
        seen: list[Message] = []

        async def remembered() -> Message:
            seen.append(await receive())
            return seen[-1]

        try:
            return await super().handle(scope, remembered, send)
        except NotKnownHere as missing:
            await fetch(Request(scope), missing)

        async def again() -> Message:
            return seen.pop(0) if seen else await receive()

        try:
            await super().handle(scope, again, send)
        except NotKnownHere as error:
            raise Unavailable(retry_after_seconds=1) from error


async def fetch(request: Request, missing: NotKnownHere) -> None:
    """Store the owner's snapshots of what is missing; raises NotFound naming the field, or Unavailable."""
    principal = await current_principal(request)
    tokens: InternalTokens = request.app.state.tokens
    client: ServiceClient = request.app.state.invoice_service
    database: Database = request.app.state.database
    token = tokens.sign(replace(principal, scopes=upstream.SCOPES))
    workspace_id, contact_id = principal.workspace_id, missing.contact_id
    contact, products, business = None, [], None
    if missing.is_business_missing:
        with _asked("business"):
            business = await upstream.fetch_business(client, token, workspace_id)
    if contact_id:
        with _asked("contact_id"):
            contact = await upstream.fetch_contact(client, token, workspace_id, contact_id)
    for product_id, field in missing.products.items():
        with _asked(field):
            products.append(await upstream.fetch_product(client, token, workspace_id, product_id))
    async with begin(database, workspace_id) as unit:
        await store_copies(unit, contact, products, business)


@contextmanager
def _asked(field: str) -> Iterator[None]:
    try:
        yield
    except NotFound as error:
        UPSTREAM_LOOKUPS.labels("unknown").inc()
        raise NotFound(error.detail, field=field) from error
    except BillingError as error:
        UPSTREAM_LOOKUPS.labels("unavailable" if isinstance(error, Unavailable) else "unknown").inc()
        raise
    UPSTREAM_LOOKUPS.labels("found").inc()

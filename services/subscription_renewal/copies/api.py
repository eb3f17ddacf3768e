"""Requests that name what is not known here yet: the owner is asked once and the request is done again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from starlette.requests import Request

from services.subscription_renewal import upstream
from services.subscription_renewal.copies.domain.missing import NotKnownHere
from services.subscription_renewal.copies.operations import store_copies
from services.subscription_renewal.metrics import UPSTREAM_LOOKUPS
from shared.http.ask_owner import AskOwnerRoute
from shared.http.client import ServiceClient
from shared.http.internal_auth import InternalTokens, current_principal
from shared.kernel.errors import BillingError, NotFound, Unavailable
from shared.messaging.work import begin
from shared.postgres.transaction import Database


class AskingRoute(AskOwnerRoute):
    """A route whose requests may name contacts and products of which no event has come yet."""

    unknown = NotKnownHere

    async def ask_owner(self, request: Request, missing: Exception) -> None:
        """Ask the invoice service, which owns them; raises what fetch() does."""
        assert isinstance(missing, NotKnownHere)
        await fetch(request, missing)


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

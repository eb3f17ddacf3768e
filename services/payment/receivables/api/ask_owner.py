"""Requests that name what is not known here yet: the owner is asked once and the request is done again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from starlette.requests import Request

from services.payment import upstream
from services.payment.contacts.operations import note_contacts
from services.payment.metrics import UPSTREAM_LOOKUPS
from services.payment.payments.domain.registration import NotKnownHere, Target
from services.payment.receivables.domain.receivable import (
    InvoiceNotIssued,
    Receivable,
    ReceivableClosed,
    ReceivableStatus,
)
from services.payment.receivables.operations import store_receivables
from shared.http.ask_owner import AskOwnerRoute
from shared.http.client import ServiceClient
from shared.http.internal_auth import InternalTokens, Principal, current_principal
from shared.kernel.errors import BillingError, NotFound, Unavailable
from shared.messaging.work import begin
from shared.postgres.transaction import Database


class AskingRoute(AskOwnerRoute):
    """A route whose requests may name invoices and contacts of which no event has come yet."""

    unknown = NotKnownHere

    async def ask_owner(self, request: Request, missing: Exception) -> None:
        """Ask the invoice service, which owns both; raises what fetch() does."""
        assert isinstance(missing, NotKnownHere)
        await fetch(request, missing)


async def fetch(request: Request, missing: NotKnownHere) -> None:
    """Store the owner's snapshots of what is missing.

    Raises NotFound, InvoiceNotIssued or ReceivableClosed naming the field, or Unavailable.
    """
    principal = await current_principal(request)
    tokens: InternalTokens = request.app.state.tokens
    client: ServiceClient = request.app.state.invoice_service
    database: Database = request.app.state.database
    token = tokens.sign(replace(principal, scopes=upstream.SCOPES))
    with _count_lookup():
        if missing.contact_id:
            await _check_contact(client, token, missing.contact_id)
        answers = await asyncio.gather(
            *(_fetch_receivable(client, token, principal, target) for target in missing.targets),
            return_exceptions=True,
        )
        fetched = [_or_raise(answer) for answer in answers]
    async with begin(database, principal.workspace_id) as unit:
        await store_receivables(unit, fetched, {principal.workspace_id: principal.clock})
        if missing.contact_id:
            await note_contacts(unit.tx, [(principal.workspace_id, missing.contact_id)])


@contextmanager
def _count_lookup() -> Iterator[None]:
    try:
        yield
    except BillingError as error:
        UPSTREAM_LOOKUPS.labels("unavailable" if isinstance(error, Unavailable) else "unknown").inc()
        raise
    UPSTREAM_LOOKUPS.labels("found").inc()


async def _fetch_receivable(client: ServiceClient, token: str, who: Principal, target: Target) -> Receivable:
    try:
        receivable = await upstream.fetch_receivable(client, token, who.workspace_id, target.invoice_id)
    except NotFound as error:
        raise _unknown("invoice", target.invoice_id, target.field) from error
    except InvoiceNotIssued as error:
        raise InvoiceNotIssued(field=target.field) from error
    if receivable.status is ReceivableStatus.CLOSED:
        raise ReceivableClosed(field=target.field, number=receivable.number)
    return receivable


async def _check_contact(client: ServiceClient, token: str, contact_id: UUID) -> None:
    try:
        await upstream.fetch_contact_id(client, token, contact_id)
    except NotFound as error:
        raise _unknown("contact", contact_id, "contact_id") from error


def _or_raise(answer: Receivable | BaseException) -> Receivable:
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _unknown(resource: str, key: UUID, field: str) -> NotFound:
    return NotFound(f"There is no {resource} {key} in this workspace.", field=field, resource=resource)

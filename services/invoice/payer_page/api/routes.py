"""HTTP in from the gateway alone, for whoever has an invoice's public link: the page and its documents.

The gateway has verified the link and asks with a token whose only scope names that one invoice. Both are
checked again here, and that it is still the invoice's own link.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request, Response

from services.invoice.business import repository as businesses
from services.invoice.common.domain import public_link
from services.invoice.credit_notes import repository as credit_notes
from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.credit_notes.domain.credit_note import CreditNote
from services.invoice.credit_notes.repository import CreditNoteFilter
from services.invoice.documents.api import pdf as pdf_replies
from services.invoice.documents.domain import print_model
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.repository import invoices
from services.invoice.invoices.workers.credit_at_issue import CreditAtIssue
from services.invoice.payer_page import operations as public_links
from services.invoice.payer_page.rendering import page
from services.invoice.payer_page.rendering.page import Checkout, Visit
from services.invoice.payer_page.rendering.wording import language_asked_for
from shared.http.internal_auth import Now, Principal, Who
from shared.kernel.errors import Forbidden, NotFound, raise_not_found
from shared.kernel.public_link import MAX_LENGTH
from shared.messaging.work import begin
from shared.postgres.listing import Window
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

router = APIRouter(prefix="/internal/public", include_in_schema=False)
HTML = "text/html; charset=utf-8"
WAIT_SECONDS = 3
MAX_CREDIT_NOTES = 50
FOREVER, A_WHILE = "public, max-age=31536000, immutable", "public, max-age=3600"
Token = Annotated[str, Path(max_length=MAX_LENGTH)]


@router.get("/invoices/{token}")
async def show(
    token: Token,
    request: Request,
    who: Who,
    clock: Now,
    is_opening: bool = False,
    can_pay: bool = False,
    collection: str | None = None,
    checkout: Checkout | None = None,
    refreshes: Annotated[int, Query(ge=0, le=1000)] = 0,
    receivable_version: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """The page of the invoice. `is_opening`: a person looks; `receivable_version`: wait a moment for it."""
    database: Database = request.app.state.database
    async with begin(database, who.workspace_id) as unit:
        invoice = await _load_own_invoice(unit.tx, token, who)
        if is_opening and invoice.opened_at is None:
            await public_links.mark_opened(unit.within(who.workspace_id, clock, who.actor), invoice.id)
    openings: CreditAtIssue = request.app.state.openings
    await openings.learn(who.workspace_id, invoice.id)
    if checkout == "done" and collection == "succeeded" and receivable_version:
        await _wait_until_settled(request, invoice, receivable_version)
    async with database.transaction(who.workspace_id) as tx:
        invoice = await invoices.get(tx, who.workspace_id, invoice.id)
        notes = await _credit_notes(tx, invoice)
        sha256 = invoice.seller.logo_sha256 if invoice.seller else None
        logo = await businesses.get_logo(tx, who.workspace_id, sha256) if sha256 else None
    visit = Visit(token, who.zone, can_pay, collection, checkout, refreshes)
    data = print_model.data_with_credit(invoice, clock.today())
    shown = page.invoice_page(data, [credit_note_rules.to_snapshot(note) for note in notes], logo, visit)
    return Response(shown, media_type=HTML)


@router.get("/invoices/{token}/standing")
async def link_status(token: Token, request: Request, who: Who) -> dict[str, bool]:
    """Whether the link is still the invoice's own; 404 where it is not."""
    database: Database = request.app.state.database
    async with database.transaction(who.workspace_id) as tx:
        await _load_own_invoice(tx, token, who)
    return {"is_own": True}


@router.get("/invoices/{token}/pdf")
async def invoice_pdf(token: Token, request: Request, who: Who, clock: Now) -> Response:
    """The invoice as it was issued."""

    async def load(tx: Connection) -> PrintModel:
        return print_model.from_invoice(await _load_own_invoice(tx, token, who), who.zone, clock.today())

    await pdf_replies.require_credit_known(request, who, _invoice_id_of(token, who))
    return await pdf_replies.reply_with_pdf(request, who, _invoice_id_of(token, who), load, is_download=True)


@router.get("/invoices/{token}/credit-notes/{credit_note_id}/pdf")
async def credit_note_pdf(token: Token, credit_note_id: UUID, request: Request, who: Who) -> Response:
    """A credit note of the invoice."""

    async def load(tx: Connection) -> PrintModel:
        invoice = await _load_own_invoice(tx, token, who)
        note = await credit_notes.get(tx, who.workspace_id, credit_note_id)
        if note.invoice_id != invoice.id:
            raise_not_found("credit note", credit_note_id)
        return print_model.from_credit_note(credit_note_rules.to_snapshot(note))

    return await pdf_replies.reply_with_pdf(request, who, credit_note_id, load, is_download=True)


@router.get("/not-found")
async def not_found(_: Who, accept_language: Annotated[str, Header()] = "") -> Response:
    """The page for every link that opens nothing."""
    shown = page.not_found_page(language_asked_for(accept_language))
    return Response(shown, status_code=404, media_type=HTML)


@router.get("/assets/{name}")
async def asset(name: str, _: Who, v: str | None = None) -> Response:
    """What pages load besides themselves."""
    if name not in page.ASSETS:
        raise NotFound
    content, media_type = page.ASSETS[name]
    return Response(content, media_type=media_type, headers={"cache-control": FOREVER if v else A_WHILE})


@router.get("/logos/{sha256}")
async def logo_picture(sha256: str, request: Request, who: Who) -> Response:
    """A logo by its content; whoever knows its hash has seen it."""
    if f"logo:{sha256}" not in who.scopes:
        raise Forbidden
    database: Database = request.app.state.database
    async with database.transaction(who.workspace_id) as tx:
        logo = await businesses.get_logo(tx, who.workspace_id, sha256)
    return Response(logo.content, media_type=logo.media_type, headers={"cache-control": FOREVER})


def _invoice_id_of(token: str, who: Principal) -> UUID:
    """The invoice that the token opens; raises Forbidden unless the caller may see exactly that one."""
    target = public_link.read(token)
    if target is None or target.workspace_id != who.workspace_id:
        raise Forbidden
    if f"public:{target.invoice_id}" not in who.scopes:
        raise Forbidden
    return target.invoice_id


async def _load_own_invoice(tx: Connection, token: str, who: Principal) -> Invoice:
    """The invoice of this very token; raises NotFound for one that was replaced."""
    invoice = await invoices.get(tx, who.workspace_id, _invoice_id_of(token, who))
    if not public_link.is_own(token, invoice.public_token):
        raise_not_found("invoice", invoice.id)
    return invoice


async def _credit_notes(tx: Connection, invoice: Invoice) -> Sequence[CreditNote]:
    if not invoice.amount_credited_minor:
        return []
    wanted, window = CreditNoteFilter(invoice_id=invoice.id), Window(limit=MAX_CREDIT_NOTES)
    return (await credit_notes.find(tx, invoice.workspace_id, wanted, window)).rows


async def _wait_until_settled(request: Request, invoice: Invoice, receivable_version: int) -> None:
    """Wait a moment until the invoice shows what the payer has just paid."""
    database: Database = request.app.state.database
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        async with database.transaction(invoice.workspace_id) as tx:
            key = invoice.workspace_id, invoice.id
            if await invoices.shows_receivable(tx, *key, receivable_version):
                return
        await asyncio.sleep(request.app.state.settlement_poll_seconds)

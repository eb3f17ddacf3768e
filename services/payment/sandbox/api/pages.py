"""The sandbox provider's own page, as its payers see it; the gateway shows it below the invoice's link."""

from html import escape
from typing import Annotated
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from services.payment.checkouts.api import require_invoice
from services.payment.collections.repository import collections
from services.payment.common.api import Tools, WithTools
from services.payment.payments.repository import payments
from services.payment.providers.provider import SANDBOX
from services.payment.sandbox.providers.effects import Refused
from services.payment.sandbox.providers.sandbox import SandboxProvider
from services.payment.sandbox.providers.store import Document
from shared.http.internal_auth import Principal, Who
from shared.kernel import money
from shared.kernel.errors import Invalid, raise_not_found
from shared.postgres.transaction import Database

router = APIRouter(prefix="/internal/checkouts/{invoice_id}/sandbox", include_in_schema=False)
Reference = Annotated[str, Path(pattern="^cs_sandbox_[0-9a-f]{32}$")]
CARDS = {
    "success": ("Pay", "The card is charged."),
    "declined": ("Decline", "The bank declines the card."),
    "insufficient": ("Insufficient funds", "The bank declines: too little money."),
    "processing": ("Pay by bank debit", "Accepted; the money comes later."),
}


@router.get("/{reference}")
async def show(
    invoice_id: UUID, reference: Reference, request: Request, who: Who, tools: WithTools
) -> Response:
    """The page of an open checkout; one that is over leads back."""
    session = await _session(invoice_id, reference, request, who, tools)
    if session["status"] != "open":
        return _back(session)
    return Response(_page(session, reference), media_type="text/html")


@router.post("/{reference}")
async def pay(
    invoice_id: UUID, reference: Reference, request: Request, who: Who, tools: WithTools
) -> Response:
    """What the payer chose: the form's `card`. A decline shows the page again."""
    await _session(invoice_id, reference, request, who, tools)
    card = parse_qs((await request.body()).decode("latin-1")).get("card", [""])[0]
    if card not in CARDS:
        raise Invalid(f"The cards are {', '.join(CARDS)}.", field="card")
    checkouts = _sandbox(tools, who).checkouts
    session = (await checkouts.pay(reference, card)).document
    if session["status"] == "open":
        return Response(_page(session, reference), media_type="text/html")
    database: Database = request.app.state.database
    async with database.transaction(who.workspace_id) as tx:
        await collections.wake(tx, who.workspace_id, SANDBOX, reference)
    return _back(session)


async def _session(
    invoice_id: UUID, reference: str, request: Request, who: Principal, tools: Tools
) -> Document:
    """The checkout, if it is one of this invoice; raises NotFound."""
    require_invoice(who, invoice_id)
    try:
        session = (await _sandbox(tools, who).checkouts.get(reference)).document
    except Refused:
        raise_not_found("checkout", reference)
    database: Database = request.app.state.database
    payment_id = UUID(session["metadata"]["collection_id"])
    async with database.transaction(who.workspace_id) as tx:
        if await payments.invoice_of(tx, who.workspace_id, payment_id) != invoice_id:
            raise_not_found("checkout", reference)
    return session


def _sandbox(tools: Tools, who: Principal) -> SandboxProvider:
    return tools.providers.sandbox_of(who.workspace_id)


def _back(session: Document) -> Response:
    is_done = session["status"] == "complete"
    return Response(
        status_code=303, headers={"location": session["success_url" if is_done else "cancel_url"]}
    )


def _page(session: Document, reference: str) -> str:
    currency = session["currency"].upper()
    amount = f"{currency} {money.to_major(session['amount_total'], currency)}"
    error = session.get("last_error")
    said = (
        f'<p class="notice bad" role="alert">Declined: {escape(error.replace("_", " "))}.</p>'
        if error
        else ""
    )
    choices = "".join(
        f"""<button name="card" value="{name}" class="{"primary" if name == "success" else "secondary"}">
            <span>{escape(label)}{f" {escape(amount)}" if name == "success" else ""}</span>
            <small>{escape(told)}</small>
        </button>"""
        for name, (label, told) in CARDS.items()
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Sandbox payment · {escape(amount)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/i/assets/page.css">
</head>
<body class="checkout">
<main>
<section class="card narrow">
<p class="eyebrow">Sandbox provider</p>
<h1>{escape(amount)}</h1>
<p class="soft">{escape(session["description"])}. No money moves: choose how this payment ends.</p>
{said}
<form method="post" action="{escape(reference)}" class="choices">{choices}</form>
<p class="center"><a href="{escape(session["cancel_url"])}">Back to the invoice</a></p>
</section>
</main>
</body>
</html>"""

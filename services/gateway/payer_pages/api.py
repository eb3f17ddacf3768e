"""`/i/…`: an invoice for whoever has its link: its page, its PDF, and paying it. No credential is needed."""

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from services.gateway import metrics
from services.gateway.edge.gateway import Gateway
from services.gateway.payer_pages import domain as rules
from services.gateway.payer_pages.edge import LinkHolder, LinkHolders
from shared.http.client import Answer
from shared.kernel.errors import BillingError, NotFound, Unavailable
from shared.kernel.json import Json, JsonObject
from shared.kernel.public_link import MAX_LENGTH

router = APIRouter(prefix="/i", include_in_schema=False)
Token = Annotated[str, Path(max_length=MAX_LENGTH)]
Reference = Annotated[str, Path(pattern="^cs_sandbox_[0-9a-f]{32}$")]
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
Asset = Annotated[str, Path(pattern="^[a-z0-9.-]{1,60}$")]
RETURN_WAIT_SECONDS = 4
RETURNS = ("done", "canceled", "unavailable", "not_due")
# The provider's page is elsewhere, and a browser follows a form's answer only where it may.
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "form-action 'self' https:; base-uri 'none'; frame-ancestors 'none'"
)
PROTECTED: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-robots-tag": "noindex, nofollow",
    "referrer-policy": "no-referrer",
    "cache-control": "private, no-store",
}
PASSED_ON = ("if-none-match", "accept-language")
PASSED_BACK = ("content-type", "content-disposition", "etag", "location", "document-as-issued")
AWAY = b"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>One moment</title>
<h1>One moment, please</h1><p>This page is not available right now. Try again in a minute.</p></html>"""
Handler = Callable[..., Awaitable[Response]]


def _for_people(handler: Handler) -> Handler:
    """What goes wrong is a page, too; every link that opens nothing gets the same one."""

    @wraps(handler)
    async def answer(*arguments: Json, **named: Json) -> Response:
        try:
            return await handler(*arguments, **named)
        except NotFound:
            asked = await _asked(named["request"], "invoice", "GET", "/internal/public/not-found")
            return Response(asked.body, 404, PROTECTED, asked.headers.get("content-type"))
        except Unavailable:
            headers = {**PROTECTED, "retry-after": "5"}
            return Response(AWAY, HTTPStatus.SERVICE_UNAVAILABLE, headers, "text/html")

    return answer


@router.get("/assets/{name}")
async def asset(name: Asset, request: Request, v: Annotated[str, Query(max_length=40)] = "") -> Response:
    """What pages load besides themselves: a style sheet and fonts of our own."""
    path = f"/internal/public/assets/{name}?{urlencode({'v': v})}"
    return _reply_cacheable(await _asked(request, "invoice", "GET", path))


@router.get("/logos/{workspace_id}/{sha256}")
async def logo(workspace_id: UUID, sha256: Sha256, request: Request) -> Response:
    """A seller's logo, by its content."""
    authorization = await _visitors(request).as_one(workspace_id, f"logo:{sha256}")
    return _reply_cacheable(
        await _asked(request, "invoice", "GET", f"/internal/public/logos/{sha256}", authorization)
    )


@router.api_route("/{token}", methods=["GET", "HEAD"])
@_for_people
async def show(
    token: Token,
    request: Request,
    checkout: Annotated[str | None, Query(max_length=20)] = None,
    refreshes: Annotated[int, Query(ge=0, le=1000)] = 0,
    preview: bool = False,
) -> Response:
    """The invoice's page. A person who looks at it opens it; `?preview=1` is the sender's own look."""
    visitor = await _visitors(request).admit(token)
    query = {
        "is_opening": not preview and rules.is_person(request.method, request.headers),
        "refreshes": refreshes,
        "checkout": checkout if checkout in RETURNS else None,
        **await _standing(request, visitor, has_returned=checkout == "done"),
    }
    given = urlencode({name: value for name, value in query.items() if value is not None})
    path = f"/internal/public/invoices/{token}?{given}"
    return _page(await _asked(request, "invoice", "GET", path, visitor.authorization))


@router.api_route("/{token}/pdf", methods=["GET", "HEAD"])
@_for_people
async def invoice_pdf(token: Token, request: Request) -> Response:
    """The invoice as PDF, as it was issued."""
    return await _document(request, token, "pdf")


@router.api_route("/{token}/credit-notes/{credit_note_id}/pdf", methods=["GET", "HEAD"])
@_for_people
async def credit_note_pdf(token: Token, credit_note_id: UUID, request: Request) -> Response:
    """A credit note of the invoice as PDF."""
    return await _document(request, token, f"credit-notes/{credit_note_id}/pdf")


@router.post("/{token}/pay")
@_for_people
async def pay(token: Token, request: Request) -> Response:
    """Go to the page of the workspace's payment provider; back to the invoice where that cannot be."""
    visitor = await _owner(request, token)
    path = f"/internal/checkouts/{visitor.target.invoice_id}"
    body = json.dumps({"return_url": visitor.url}).encode()
    try:
        answer = await _ask(request, "payment", "POST", path, visitor.authorization, body)
    except Unavailable:
        return _redirect(f"/i/{token}?checkout=unavailable")
    if answer.is_success:
        return _redirect(str(answer.json()["url"]))
    came = {"nothing_due": "not_due", "collection_in_flight": "done"}
    return _redirect(f"/i/{token}?checkout={came.get(_code(answer), 'unavailable')}")


@router.api_route("/{token}/checkout/{reference}", methods=["GET", "POST"])
@_for_people
async def sandbox_page(token: Token, reference: Reference, request: Request) -> Response:
    """The sandbox provider's own page, where a test chooses how the payment ends."""
    visitor = await _owner(request, token)
    path = f"/internal/checkouts/{visitor.target.invoice_id}/sandbox/{reference}"
    content = await request.body() or None
    return _page(await _asked(request, "payment", request.method, path, visitor.authorization, content))


def _visitors(request: Request) -> LinkHolders:
    visitors: LinkHolders = request.app.state.visitors
    return visitors


async def _owner(request: Request, token: str) -> LinkHolder:
    """The visitor, whose link is still the invoice's own; raises NotFound."""
    visitor = await _visitors(request).admit(token)
    path = f"/internal/public/invoices/{token}/standing"
    await _asked(request, "invoice", "GET", path, visitor.authorization)
    return visitor


async def _standing(request: Request, visitor: LinkHolder, *, has_returned: bool) -> JsonObject:
    """What the payment service knows: the page shows without it, too."""
    wait = {"has_returned": True, "wait_seconds": RETURN_WAIT_SECONDS} if has_returned else {}
    path = f"/internal/checkouts/{visitor.target.invoice_id}?{urlencode(wait)}"
    try:
        found = (await _asked(request, "payment", "GET", path, visitor.authorization)).json()
    except BillingError:
        return {}
    return {
        "can_pay": found["is_available"],
        "collection": found["state"],
        "receivable_version": found["receivable_version"],
    }


async def _document(request: Request, token: str, name: str) -> Response:
    visitor = await _visitors(request).admit(token)
    path = f"/internal/public/invoices/{token}/{name}"
    answer = await _asked(request, "invoice", "GET", path, visitor.authorization)
    response = _page(answer)
    response.headers["cache-control"] = "private, no-cache"
    return response


async def _asked(
    request: Request,
    service: str,
    method: str,
    path: str,
    authorization: str | None = None,
    content: bytes | None = None,
) -> Answer:
    """The service's answer; raises NotFound where there is nothing for this visitor, else Unavailable."""
    answer = await _ask(request, service, method, path, authorization, content)
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    if answer.status < 400 or is_page:
        return answer
    raise NotFound if answer.status < 500 else Unavailable(retry_after_seconds=5)


async def _ask(
    request: Request,
    service: str,
    method: str,
    path: str,
    authorization: str | None,
    content: bytes | None = None,
) -> Answer:
    gateway: Gateway = request.app.state.gateway
    headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    headers["authorization"] = authorization or _visitors(request).as_nobody()
    if content:
        headers["content-type"] = "application/json" if content[:1] == b"{" else "text/plain"
    try:
        answer = await gateway.upstreams[service].ask(method, path, headers, content)
    except Unavailable:
        metrics.UPSTREAM_FAILURES.labels(service).inc()
        raise
    low = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status, low, answer.body)


def _code(answer: Answer) -> str:
    try:
        return str(answer.json()["code"])
    except (BillingError, KeyError, TypeError):
        return ""


def _page(answer: Answer) -> Response:
    kept = {name: answer.headers[name] for name in PASSED_BACK if name in answer.headers}
    return Response(answer.body, answer.status, {**PROTECTED, **kept})


def _reply_cacheable(answer: Answer) -> Response:
    """What anybody may keep: it has its own name for each content."""
    names = ("content-type", "cache-control")
    return Response(answer.body, answer.status, {name: answer.headers[name] for name in names})


def _redirect(url: str) -> Response:
    return Response(status_code=HTTPStatus.SEE_OTHER, headers={**PROTECTED, "location": url})

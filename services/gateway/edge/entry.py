"""What every request passes first and last: limits, time, being let in, and headers that protect."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway import metrics
from services.gateway.edge import cors, credentials
from services.gateway.edge.addresses import UNKNOWN, Addresses
from services.gateway.edge.authentication import Authenticator, Caller
from services.gateway.edge.cors import Origins
from services.gateway.edge.limits import Limits, RateState
from services.gateway.edge.protection import Protection
from services.gateway.edge.refusals import (
    AddressTooLong,
    HeadersTooLarge,
    Overloaded,
    TooManyRequests,
    TooSlow,
)
from services.gateway.edge.shedding import Shedder
from services.gateway.edge.token_bucket import Buckets
from shared.http import errors
from shared.http.internal_auth import speak_for
from shared.kernel import context
from shared.kernel.errors import BadRequest, BillingError, Forbidden, Unauthorized

MAX_TARGET_BYTES = 8 * 1024
MAX_HEADER_BYTES = 32 * 1024
NEVER_REFUSED = frozenset({"/livez", "/readyz"})
# What a payment provider tells of money is worth more than any other request.
CREDENTIALS = (b"authorization", b"x-api-key")
# Of two, whoever stands in front may have judged the other one.
SENT_ONCE = frozenset((*CREDENTIALS, b"x-tenant-slug", b"idempotency-key", b"content-type", b"if-match"))
ADMINISTRATOR = "admin"
FIRST_OF_ALL = "/providers/"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Edge:
    """The parts that decide; one of each for all requests of the process."""

    authenticator: Authenticator
    limits: Limits
    addresses: Addresses
    origins: Origins
    by_address: Buckets[str]
    # Providers send for all workspaces from a few addresses.
    by_provider: Buckets[str]
    shedder: Shedder
    protection: Protection
    request_timeout_seconds: float
    # Below these paths a credential is asked for.
    guarded: tuple[str, ...]


class Visit:
    """One request's way through the edge."""

    __slots__ = (
        "address",
        "caller",
        "edge",
        "has_begun",
        "headers",
        "is_inside",
        "origin",
        "rate_state",
        "timer",
    )

    def __init__(self, edge: Edge, scope: Scope) -> None:
        self.edge = edge
        self.headers: Mapping[bytes, bytes] = dict(scope["headers"])
        peer = scope["client"][0] if scope["client"] else UNKNOWN
        self.address = edge.addresses.of(peer, self.headers)
        if b"x-forwarded-proto" in self.headers and edge.addresses.is_trusted(peer):
            scope["scheme"] = "https" if self.headers[b"x-forwarded-proto"] == b"https" else "http"
        self.origin = cors.origin_of(self.headers) if b"origin" in self.headers else None
        self.caller: Caller | None = None
        self.rate_state: RateState | None = None
        self.is_inside = False
        self.has_begun = False
        self.timer: asyncio.Timeout | None = None


async def admit(scope: Scope) -> Caller:
    """Who sends this request, counted once against what it may ask for.

    Raises Unauthorized, Forbidden, BadRequest and TooManyRequests.
    """
    visit: Visit = scope["visit"]
    if visit.caller is None or not visit.is_inside:
        edge = visit.edge
        caller = visit.caller = await edge.authenticator.caller(visit.headers, visit.address)
        scope["principal"], scope["caller"] = caller.principal, caller
        speak_for(caller.principal)
        visit.rate_state = edge.limits.rate_state(caller.workspace.id, caller.principal.actor)
        edge.limits.enter(caller.workspace.id, caller.principal.actor)
        visit.is_inside = True
    return visit.caller


async def authenticated(request: Request) -> Caller:
    """The caller of one of the gateway's own routes; a router's dependency, so that it runs first."""
    return await admit(request.scope)


async def require_administrator(request: Request) -> None:
    """Let only the platform's admin token through; a workspace's own credential is Forbidden."""
    visit: Visit = request.scope["visit"]
    authenticator, expected = visit.edge.authenticator, request.app.state.gateway.admin_token
    try:
        authenticator.require_admin_token(credentials.bearer(visit.headers), expected, visit.address)
        context.actor.set(ADMINISTRATOR)
    except Unauthorized:
        await authenticator.caller(visit.headers, visit.address)
        raise Forbidden("Workspaces are managed with the platform's admin token.") from None


class Entry:
    """The gateway's middleware, just inside the one that gives each request its id."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        visit = scope["visit"] = Visit(scope["app"].state.edge, scope)

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                await _begin(visit, message)
            await send(message)

        try:
            await self._pass(visit, scope, receive, send_protected)
        finally:
            if visit.is_inside and visit.caller:
                visit.edge.limits.leave(visit.caller.workspace.id)

    async def _pass(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            _require_room(visit, scope)
            if visit.origin and cors.is_preflight(scope["method"], visit.headers):
                return await _preflight(visit.edge, visit.origin, send)
            async with asyncio.timeout(visit.edge.request_timeout_seconds) as visit.timer:
                await self.app(scope, receive, send)
        except Exception as error:
            if visit.has_begun:
                raise
            refusal, visit.timer = _refusal(visit, scope, error), None
            await errors.reply(refusal)(scope, receive, send)


def _refusal(visit: Visit, scope: Scope, error: Exception) -> BillingError:
    if isinstance(error, BillingError):
        return error
    if isinstance(error, TimeoutError) and visit.timer and visit.timer.expired():
        log.warning("request.timed_out", path=scope["path"])
        return TooSlow(retry_after_seconds=1)
    return errors.unforeseen(error)


def _require_room(visit: Visit, scope: Scope) -> None:
    if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > MAX_TARGET_BYTES:
        raise AddressTooLong(f"Path and query are longer than {MAX_TARGET_BYTES} bytes.")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
        raise HeadersTooLarge(f"The headers are larger than {MAX_HEADER_BYTES} bytes.")
    if len(scope["headers"]) > len(visit.headers):
        names = [name for name, _ in scope["headers"] if name in SENT_ONCE]
        if len(names) > len(set(names)):
            raise BadRequest("A credential, and each other header that decides, is sent once.")
    path: str = scope["path"]
    if path in NEVER_REFUSED:
        return
    visit.edge.shedder.is_busy.set()
    if visit.edge.shedder.share and not path.startswith(FIRST_OF_ALL) and visit.edge.shedder.refuses():
        metrics.SHED.inc()
        raise Overloaded(retry_after_seconds=1)
    # Where no credential is asked for, or none is sent, the address is all that there is to count by.
    if path.startswith(visit.edge.guarded) and not visit.headers.keys().isdisjoint(CREDENTIALS):
        return
    buckets = visit.edge.by_provider if path.startswith(FIRST_OF_ALL) else visit.edge.by_address
    bucket = buckets.of(visit.address, time.monotonic())
    if bucket.tokens < 1:
        metrics.LIMITED.labels("address").inc()
        raise TooManyRequests(
            "Too many requests from this address.", retry_after_seconds=bucket.seconds_until_next()
        )
    bucket.tokens -= 1


async def _preflight(edge: Edge, origin: str, send: Send) -> None:
    shown = cors.PREFLIGHT if await edge.origins.knows(origin) else []
    await send({"type": "http.response.start", "status": 204, "headers": shown})
    await send({"type": "http.response.body", "body": b""})


async def _begin(visit: Visit, message: Message) -> None:
    visit.has_begun = True
    if visit.timer and not visit.timer.expired():
        # From here on it is the reader who sets the pace.
        visit.timer.reschedule(None)
    headers: list[Any] = list(message["headers"])
    visit.edge.protection.add(headers)
    if visit.rate_state:
        headers += _rate_limit(visit.rate_state)
    if visit.origin:
        headers.append(cors.VARIES)
        if await _may_read(visit, visit.origin):
            headers += cors.readable(visit.origin)
    message["headers"] = headers


async def _may_read(visit: Visit, origin: str) -> bool:
    if visit.caller:
        return origin in visit.caller.workspace.allowed_origins
    # Nobody's data is in it: a page is to see that its credential is refused, or that it must wait.
    return await visit.edge.origins.knows(origin)


def _rate_limit(rate_state: RateState) -> list[tuple[bytes, bytes]]:
    left, limit = max(0, int(rate_state.bucket.tokens)), rate_state.limit
    return [
        (b"ratelimit-policy", b'"key";q=%d;w=1' % limit),
        (b"ratelimit", b'"key";r=%d;t=%d' % (left, 0 if left else 1)),
    ]

"""Makes the HTTP app of a service: request ids, traces, one log line and one metric a request, problems."""

import asyncio
import re
import time
from http import HTTPStatus
from pathlib import Path

import structlog
from fastapi import FastAPI
from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from shared.http import errors, openapi
from shared.kernel import attributes as names
from shared.kernel import context, tracing
from shared.kernel.errors import BillingError, TooLarge
from shared.kernel.ids import new_id

MAX_BODY_BYTES = 1024 * 1024
LARGER_BODY_BYTES = {"/v1/bank-imports": 20 * 1024 * 1024, "/v1/usage-events": 5 * 1024 * 1024}
"""Of paths that take many things at once."""
BODY_SECONDS = 20.0
"""For a body to come in whole, from its head on."""
# Asked for every few seconds by machines: no line, no metric, no span.
UNSEEN = ("/livez", "/readyz")
UNCHANGING = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
REQUESTS = Counter(
    "billing_http_requests_total", "Requests answered.", ["service", "method", "route", "status"]
)
SECONDS = Histogram(
    "billing_http_request_seconds",
    "Time to answer.",
    ["service", "method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
log = structlog.get_logger()


def create_app(
    service: str, title: str, lifespan: Lifespan[FastAPI] | None, examples: Path | None = None
) -> FastAPI:
    """A FastAPI app that answers errors as problems and logs one line a request.

    `examples` is the file whose examples its OpenAPI document shows.
    """
    # Redirects to the path with another slash at its end would name whatever host the caller did.
    # FastAPI's own pages would show every route to whoever reaches the port, and load from elsewhere.
    app = FastAPI(
        title=title,
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    errors.install(app)
    openapi.describe(app, examples)
    app.add_middleware(Observed, service=service)
    return app


class BodyTooSlow(BillingError):
    """The request's body did not come in whole in time."""

    code = "body_too_slow"
    status = HTTPStatus.REQUEST_TIMEOUT


class Observed:
    """Gives each request its id and trace, and tells of it once when it is over."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        identity = _request_id(headers.get(b"x-request-id"))
        context.request_id.set(identity)
        parent = context.valid_traceparent(headers.get(b"traceparent", b"").decode("latin-1"))
        context.traceparent.set(context.child_traceparent(parent))
        if not tracing.is_on() or scope["path"] in UNSEEN:
            await self._serve(scope, receive, send, headers, identity)
            return
        about: tracing.Attributes = {names.HTTP_METHOD: scope["method"], names.REQUEST_ID: identity}
        with tracing.span(scope["method"], SpanKind.SERVER, parent, about) as span:
            status = await self._serve(scope, receive, send, headers, identity)
            span.update_name(f"{scope['method']} {_route(scope)}")
            span.set_attributes({names.HTTP_ROUTE: _route(scope), **_workspace(scope)})
            tracing.note_status(span, status)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes], identity: str
    ) -> int:
        started, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", identity.encode())]
            await send(message)

        try:
            await self._answer(
                scope,
                _bound(
                    receive,
                    headers.get(b"content-length"),
                    LARGER_BODY_BYTES.get(scope["path"], MAX_BODY_BYTES),
                ),
                send_with_id,
            )
        finally:
            self._tell(scope, status, time.perf_counter() - started)
            if scope["method"] not in UNCHANGING and status < HTTPStatus.BAD_REQUEST:
                getattr(scope["app"].state, "after_change", _nobody)()
        return status

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer; what it did not foresee is a 500 that ends here.

        Raised further, the server would hang up after its answer, on whatever else was sent over that
        connection meanwhile.
        """
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            if has_begun:
                raise
            await errors.reply(errors.unforeseen(error))(scope, receive, send)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        if route in UNSEEN:
            return
        REQUESTS.labels(self.service, scope["method"], route, status).inc()
        SECONDS.labels(self.service, scope["method"], route).observe(seconds)
        principal = scope.get("principal")
        log.info(
            "request.answered",
            method=scope["method"],
            path=scope["path"],
            route=route,
            status=status,
            duration_ms=int(seconds * 1000),
            workspace_id=str(principal.workspace_id) if principal else None,
            actor=principal.actor if principal else None,
        )


def _nobody() -> None:
    """What an app without workers calls after a change."""


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", "unmatched"))


def _workspace(scope: Scope) -> dict[str, str]:
    principal = scope.get("principal")
    return {names.WORKSPACE_ID: str(principal.workspace_id)} if principal else {}


def _bound(receive: Receive, content_length: bytes | None, most_bytes: int) -> Receive:
    """Bodies only so large, and only for so long under way."""
    # Not FastAPI's max_body_size: it answers in plain text, and in place of our own reply.
    announced = int(content_length) if content_length and content_length.isdigit() else 0
    size, has_more, until = 0, True, time.monotonic() + BODY_SECONDS

    async def receive_bounded() -> Message:
        nonlocal size, has_more
        if announced > most_bytes:
            raise TooLarge
        if not has_more:
            # What comes now is that the caller has gone; for that it has all the time.
            return await receive()
        try:
            async with asyncio.timeout(until - time.monotonic()):
                message = await receive()
        except TimeoutError as error:
            raise BodyTooSlow from error
        size += len(message.get("body", b""))
        has_more = message.get("more_body", False)
        if size > most_bytes:
            raise TooLarge
        return message

    return receive_bounded


def _request_id(given: bytes | None) -> str:
    text = (given or b"").decode("latin-1")
    return text if _REQUEST_ID.fullmatch(text) else f"req_{new_id().hex}"

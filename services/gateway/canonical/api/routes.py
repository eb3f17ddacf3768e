"""The canonical API: each resource belongs to one service, and its requests are passed on as they came."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from services.gateway.canonical.api import settlement, timeline
from services.gateway.edge import body as request_body
from services.gateway.edge import passing
from services.gateway.edge.authentication import Caller
from services.gateway.edge.entry import admit
from services.gateway.edge.gateway import Gateway
from shared.http.client import Answer
from shared.kernel.errors import BadRequest, BillingError, NotFound

INVOICE = (
    "contacts",
    "products",
    "quotes",
    "invoices",
    "invoice-lines",
    "credit-notes",
    "e-invoices",
    "business",
    "reminder-settings",
    "waiting-billings",
    "document-deliveries",
    "channel-settings",
    "message-templates",
)
PAYMENT = (
    "payments",
    "allocations",
    "refunds",
    "receivables",
    "credit-balances",
    "payment-methods",
    "provider-connections",
    "ledger",
    "bank-accounts",
    "bank-imports",
    "bank-statements",
    "bank-lines",
)
SUBSCRIPTION_RENEWAL = (
    "subscriptions",
    "renewal-runs",
    "dunning",
    "prices",
    "meters",
    "usage-events",
    "usage-rejections",
    "usage",
)
WEBHOOK_DELIVERY = ("webhook-endpoints", "messages", "deliveries", "events", "event-types")

SERVICE_OF: Mapping[str, str] = {
    **dict.fromkeys(INVOICE, "invoice"),
    **dict.fromkeys(PAYMENT, "payment"),
    **dict.fromkeys(SUBSCRIPTION_RENEWAL, "subscription_renewal"),
    **dict.fromkeys(WEBHOOK_DELIVERY, "webhook_delivery"),
}
"""Which service a resource, the first segment below /v1, belongs to."""

REHEARSED = frozenset({"payments", "refunds", "bank-statements"})
"""Below /v1/sandbox: what banks do there is the payment service's, the clock is ours."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
PASSED_ON = tuple(
    name.encode()
    for name in (
        "accept",
        "accept-language",
        "content-encoding",
        "content-type",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "prefer",
    )
)
_STEPS_OUT = re.compile(r"(?:^|[/\\])\.{1,2}(?:[/\\]|$)")


class MethodNotAllowed(BillingError):
    """The API does not know this method."""

    code = "method_not_allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a service; `path` labels its requests in metrics and logs."""

    path: str
    service: str


RESOURCES = {name: Resource(f"/v1/{name}", service) for name, service in SERVICE_OF.items()}
_REHEARSALS = Resource("/v1/sandbox", "payment")


class Forwarded(BaseRoute):
    """Passes the requests of all these resources on: raw bytes in, raw bytes out."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Every path below a resource of ours, whatever the method."""
        if scope["type"] != "http":
            return Match.NONE, {}
        resource = resource_of(scope["path"])
        return (Match.FULL, {"route": resource}) if resource else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the caller in, ask the service, answer what it answers as it comes."""
        method: str = scope["method"]
        if method not in METHODS:
            raise MethodNotAllowed
        caller = await admit(scope)
        gateway: Gateway = scope["app"].state.gateway
        target = _target(scope)
        _require_inside(scope["path"])
        content = await request_body.read(receive)
        headers = scope["visit"].headers
        if b"prefer" in headers and settlement.may_wait(method, scope["path"]):
            answer = await ask(gateway, caller, method, target, _passed_on(headers), content)
            await _answer(answer, gateway.upstreams.urls[scope["route"].service], send)
            return
        if invoice_id := timeline.with_webhooks(method, scope["path"], scope["query_string"]):
            answer = await timeline.merged(gateway, caller, target, invoice_id)
            await _answer(answer, gateway.upstreams.urls[scope["route"].service], send)
            return
        raw = [(b"authorization", caller.authorization.encode())]
        raw += [(name, headers[name]) for name in PASSED_ON if name in headers]
        client = gateway.upstreams[scope["route"].service]
        with passing.counting_failures(client.name), passing.cancelled_when_gone(method, receive) as watch:
            reply = await client.send(method, target, raw, content or None)
            await passing.on(reply, client.base_url, method, watch, send)


def resource_of(path: str) -> Resource | None:
    """The resource that a decoded path belongs to, if one of ours."""
    start, version, name, below, *_ = (*path.split("/", 4), "", "", "")
    if version != "v1" or start:
        return None
    return _REHEARSALS if name == "sandbox" and below in REHEARSED else RESOURCES.get(name)


async def ask(
    gateway: Gateway,
    caller: Caller,
    method: str,
    target: str,
    headers: dict[str, str],
    content: bytes | None = None,
) -> Answer:
    """Ask the service that owns the target, as this caller; raises Unavailable when it does not answer.

    `target` is a path with its query, both encoded. `Prefer: wait=N` on a payment waits for its invoices.
    """
    path = unquote(target.partition("?")[0])
    resource = resource_of(path)
    if resource is None:
        raise NotFound
    _require_inside(path)
    headers["authorization"] = caller.authorization
    with passing.counting_failures(resource.service):
        answer = await gateway.upstreams[resource.service].ask(method, target, headers, content or None)
    if "prefer" in headers and settlement.may_wait(method, path) and answer.status == 201:
        return await settlement.awaited(gateway, caller, headers["prefer"], answer)
    return answer


def _target(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    try:
        return (raw + b"?" + query if query else raw).decode("ascii")
    except UnicodeDecodeError as error:
        raise BadRequest("The path and the query must be percent-encoded.") from error


def _passed_on(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): headers[name].decode("latin-1") for name in PASSED_ON if name in headers}


def _require_inside(path: str) -> None:
    # A service would take the steps, and leave what is public.
    if "." in path and _STEPS_OUT.search(path):
        raise NotFound


async def _answer(answer: Answer, service_url: str, send: Send) -> None:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    headers = passing.passed_back(raw, service_url)
    headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})

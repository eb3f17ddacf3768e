"""Serves the dialects: authenticates, drives an operation's translation against our API, writes its reply."""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, unquote

import simplejson
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from services.gateway.canonical.api import routes as canonical
from services.gateway.descriptions.api import docs
from services.gateway.dialects.common.dialect import (
    JSON,
    Answer,
    Ask,
    Call,
    Dialect,
    Operation,
    Refused,
    Reply,
    Translation,
)
from services.gateway.dialects.common.openapi import describe
from services.gateway.edge import body as request_body
from services.gateway.edge.authentication import Caller
from services.gateway.edge.entry import admit
from services.gateway.edge.gateway import Gateway
from services.gateway.portal import api as portal
from shared.http import body as json_body
from shared.http import errors, queries
from shared.kernel.errors import BillingError, Invalid, NoSuchRoute
from shared.kernel.json import Json, JsonMapping

# What translations may see of a request; each passes on what ours understands.
SHOWN = ("accept", "idempotency-key", "if-match", "prefer")
PASSED_BACK = ("etag", "idempotent-replayed", "preference-applied")
ASKED_BACK = ("retry-after", "www-authenticate")
_PORTAL = "/v1/client-portal/"


@dataclass(frozen=True, slots=True)
class _Label:
    """What metrics and logs call an operation."""

    path: str


class DialectRoute(BaseRoute):
    """Everything below a dialect's prefix."""

    def __init__(self, dialect: Dialect, prefix: str) -> None:
        self._dialect = dialect
        self._prefix = prefix
        self._page = docs.page(dialect.title, f"{prefix}/openapi.json")

    @functools.cached_property
    def _description(self) -> Response:
        # Made for the first who asks: of all dialects it would hold every start up for a tenth of a second.
        return docs.json_reply(describe(self._dialect, self._prefix))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Every path below the prefix, whatever the method."""
        is_ours = scope["type"] == "http" and scope["path"].startswith(self._prefix + "/")
        return (Match.FULL, {"route": _Label(f"{self._prefix}/…")}) if is_ours else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the dialect, errors too."""
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        path = raw.decode("latin-1").removeprefix(self._prefix)
        if scope["method"] == "GET" and path in ("/openapi.json", "/docs"):
            public = self._description if path == "/openapi.json" else self._page
            await public(scope, receive, send)
            return
        try:
            reply = await self._answer(scope, receive, path)
        except BillingError as error:
            known = errors.reply(error)
            reply = self._to_problem(int(error.status), errors.problem(error), known.headers)
        await _send(reply, send)

    async def _answer(self, scope: Scope, receive: Receive, path: str) -> Reply:
        operation, parameters = self._find(scope["method"], path)
        scope["route"] = _Label(self._prefix + operation.path)
        gateway: Gateway = scope["app"].state.gateway
        headers = dict(scope["headers"])
        caller = await admit(scope)
        content = await request_body.read(receive)
        call = Call(
            parameters=parameters,
            query=_query(operation, scope["query_string"]),
            body=_body(operation, content),
            headers={name: headers[name.encode()].decode("latin-1") for name in _find_conditions(headers)},
            currency=caller.workspace.currency,
            base=self._prefix,
        )
        try:
            reply = await drive(gateway, caller, operation.begin(call))
        except Refused as refused:
            return self._to_problem(refused.status, refused.problem, refused.headers)
        return replace(reply, headers=_reply_headers(operation, call, reply.headers))

    def _find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        is_known = False
        for operation in self._dialect.operations:
            found = operation.pattern.fullmatch(path)
            if found and operation.method == method:
                return operation, {name: unquote(text) for name, text in found.groupdict().items()}
            is_known = is_known or bool(found)
        if is_known:
            raise canonical.MethodNotAllowed
        raise NoSuchRoute(f"There is no route {method} {path[:200]}.")

    def _to_problem(self, status: int, problem: JsonMapping, headers: Mapping[str, str]) -> Reply:
        told = self._dialect.problem(status, problem)
        kept = {name: headers[name] for name in ASKED_BACK if name in headers}
        return Reply(told.status, told.body, {**kept, **told.headers})


def _reply_headers(operation: Operation, call: Call, headers: Mapping[str, str]) -> Mapping[str, str]:
    """Without what the caller would take for something else: a key of our own was repeated, not theirs."""
    dropped = set() if operation.has_etag else {"etag"}
    if "idempotency-key" not in call.headers:
        dropped.add("idempotent-replayed")
    return {name: value for name, value in headers.items() if name not in dropped}


async def drive(gateway: Gateway, caller: Caller, translation: Translation) -> Reply:
    """Ask our API what the translation wants to know, until it returns its reply; raises Refused."""
    kept: dict[str, str] = {}
    try:
        ask = next(translation)
        while True:
            answer = await _asked(gateway, caller, ask)
            # The last answer's ETag counts; that a request was a repetition counts whenever it was seen.
            kept.pop("etag", None)
            kept |= {name: answer.headers[name] for name in PASSED_BACK if name in answer.headers}
            ask = translation.throw(answer) if isinstance(answer, Refused) else translation.send(answer)
    except StopIteration as done:
        reply: Reply = done.value
    return Reply(reply.status, reply.body, {**kept, **reply.headers})


async def _asked(gateway: Gateway, caller: Caller, ask: Ask) -> Answer | Refused:
    if ask.path.startswith(_PORTAL):
        external_id = unquote(ask.path.removeprefix(_PORTAL))
        return Answer(200, await portal.gather(gateway, caller, external_id))
    headers = dict(ask.headers)
    content = None
    if ask.body is not None:
        headers["content-type"] = "application/json"
        content = json.dumps(ask.body).encode()
    ours = await canonical.ask(gateway, caller, ask.method, ask.target, headers, content)
    passed = {name.lower(): value for name, value in ours.headers.items()}
    if ours.is_success:
        return Answer(ours.status, _content(ours.body, passed), passed)
    return Refused(ours.status, _problem(ours.body), passed)


def _query(operation: Operation, text: bytes) -> Mapping[str, Sequence[str]]:
    """The query's values by their names; raises Invalid for names that the operation does not have."""
    query = parse_qs(text.decode("latin-1"), keep_blank_values=True)
    faults = [*queries.unprintable((name, value) for name in query for value in query[name])]
    faults += queries.unknown(query, [parameter.name for parameter in operation.query])
    if faults:
        raise Invalid(errors=tuple(faults))
    return query


def _body(operation: Operation, content: bytes) -> Json:
    is_left_out = operation.is_body_optional and not content
    return json_body.parse(content) if operation.request and not is_left_out else None


def _content(content: bytes, headers: Mapping[str, str]) -> Json:
    if "json" in headers.get("content-type", ""):
        return json_body.read(content) if content else None
    return content or None


def _problem(body: bytes) -> JsonMapping:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _find_conditions(headers: Mapping[bytes, bytes]) -> list[str]:
    return [name for name in SHOWN if name.encode() in headers]


async def _send(reply: Reply, send: Send) -> None:
    content = b""
    headers = {"content-type": JSON, **reply.headers} if reply.body is not None else dict(reply.headers)
    if isinstance(reply.body, bytes):
        content = reply.body
    elif reply.body is not None:
        content = simplejson.dumps(reply.body, use_decimal=True, ensure_ascii=False).encode()
    if reply.status != 204:
        headers["content-length"] = str(len(content))
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": content})

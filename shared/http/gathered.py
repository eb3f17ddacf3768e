"""Gathered POSTs: hot routes, answered in front of FastAPI; those that come together share a transaction.

Only the plain case is answered here. Whatever else comes (no credential, no such scope, another content
type, a query, a body that no model takes) goes on to FastAPI's own route of the same path, which says what is
wrong with it: so refusals, and the OpenAPI document, have one source. What both do with a request is the
same; `tests/integration/shared/test_gathered.py` asks both the same things.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from fastapi import Response
from pydantic import TypeAdapter, ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.events.event import Event
from shared.http import body as json_body
from shared.http import errors, idempotency
from shared.http.internal_auth import Principal, let_in, speak_for
from shared.kernel import context, tracing
from shared.kernel.errors import BillingError
from shared.messaging.gatherer import Gathered, Gatherer, GatherLimits
from shared.messaging.work import Unit, Work, begin
from shared.postgres.transaction import Database

B = TypeVar("B")
T = TypeVar("T")
LOCK_SECONDS = 1.0
"""So long those that go together wait for a lock that somebody else holds; then each waits for its own.

None where they all need the same lock: apart they would only wait for it one after the other.
"""
JSON = b"application/json"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One POST that may have its effect: who asks, what for, and the context of the request."""

    principal: Principal
    asked: T
    context: Context

    def work(self, unit: Unit) -> Work:
        """The part of the unit in which it has its effect, on its workspace's clock."""
        return unit.within(self.principal.workspace_id, self.principal.clock, self.principal.actor)

    def record(self, unit: Unit, *events: Event) -> None:
        """Record events as this caller's, in its trace: in the unit itself they would be nobody's."""
        self.context.run(unit.record, *events)


Write = Callable[[Unit, Sequence[Call[T]]], Awaitable[Sequence[Response | Exception]]]
"""The effects of these calls, all of one workspace, and for each in its order its reply.

A BillingError or LeftToRoute in a reply's place is that caller's alone, who then must have changed nothing;
one that is raised undoes all of them, and they are asked for again by halves, until who is at fault is alone.
"""


@dataclass(frozen=True, slots=True)
class _Request(Generic[T]):
    principal: Principal
    asked: T
    key: idempotency.Key | None


class LeftToRoute(Exception):
    """FastAPI's route is to answer this request: `prepare` raises it, `write` gives it in a reply's place.

    Whose reply it is must have changed nothing.
    """


class _Later(Exception):
    """Another with this key is in the same transaction: its reply will be known when that has ended."""


class GatheredPost(Generic[B, T]):
    """A hot POST: what it takes, who may send it, and what writes many of it at once.

    `prepare` makes of a body what `write` is to do, before there is a transaction; a BillingError that it
    raises leaves the request to FastAPI's route. With `is_audited` only calls of one actor go together, and
    the audit log has that actor for their rows; the request's id it has where a call goes alone, else `write`
    must say it (`app.request_id`).
    """

    def __init__(
        self,
        path: str,
        body: type[B],
        *,
        scope: str,
        prepare: Callable[[Principal, B], T],
        write: Write[T],
        is_audited: bool = False,
        lock_seconds: float | None = LOCK_SECONDS,
        limits: GatherLimits | None = None,
    ) -> None:
        self.path = path
        self._body = TypeAdapter(body)
        self._scope = scope
        self._prepare = prepare
        self._write = write
        self._is_audited = is_audited
        self._lock_seconds = lock_seconds
        self._gatherer: Gatherer[_Request[T], Response] = Gatherer(path, self._apply, limits)
        self._database: Database | None = None

    def open(self, database: Database) -> None:
        """Write into this database from now on."""
        self._database = database

    async def close(self) -> None:
        """Finish what waits, and take nothing more."""
        await self._gatherer.close()

    async def answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or let the app do it."""
        headers = dict(scope["headers"])
        if not _is_plain(scope, headers):
            await app(scope, receive, send)
            return
        scope["route"] = self
        content = await _read(receive)
        if content is None:
            return
        request = self._understood(scope, headers, content)
        if request is None:
            # Others first: it is going to be read a second time.
            await asyncio.sleep(0)
            await app(scope, _again(content, receive), send)
            return
        try:
            response = await self._reply(request, len(content))
        except LeftToRoute:
            await app(scope, _again(content, receive), send)
            return
        await response(scope, receive, send)

    def _understood(self, scope: Scope, headers: Mapping[bytes, bytes], content: bytes) -> _Request[T] | None:
        """What the request asks for; None where anything is wrong with it."""
        if len(content) > idempotency.LARGE_BYTES:
            return None
        try:
            value = json_body.parse(content)
            principal = let_in(scope, headers.get(b"authorization", b"").decode("latin-1"))
            if not principal.may(self._scope):
                return None
            key = None
            if (text := headers.get(b"idempotency-key")) is not None:
                key = idempotency.read_key(text.decode("latin-1"), f"POST {self.path}?", content, value)
            return _Request(principal, self._prepare(principal, self._body.validate_python(value)), key)
        except (BillingError, ValidationError, LeftToRoute):
            return None

    async def _reply(self, request: _Request[T], size: int) -> Response:
        principal = request.principal
        lane = (principal.workspace_id, principal.actor, principal.clock_offset_ms)
        while True:
            try:
                own = lane if self._is_audited else principal.workspace_id
                return await self._gatherer.submit(own, request, size)
            except _Later:
                continue
            except BillingError as error:
                return errors.reply(error)

    async def _apply(self, gathered: Sequence[Gathered[_Request[T]]]) -> Sequence[Response | Exception]:
        assert self._database is not None
        principal = gathered[0].item.principal
        if len(gathered) > 1:
            _speak_for_all(gathered, principal if self._is_audited else None)
        lock_seconds = self._lock_seconds if len(gathered) > 1 else None
        async with begin(self._database, principal.workspace_id, lock_seconds) as unit:
            return await self._write_new(unit, principal.workspace_id, gathered)

    async def _write_new(
        self, unit: Unit, workspace_id: UUID, gathered: Sequence[Gathered[_Request[T]]]
    ) -> Sequence[Response | Exception]:
        """The replies; of a request that was answered before, that answer."""
        keys = [one.item.key for one in gathered]
        known = _first_of_each(keys, await idempotency.find(unit.tx, workspace_id, keys))
        new = [one for one, reply in zip(gathered, known, strict=True) if reply is None]
        calls = [Call(one.item.principal, one.item.asked, one.context) for one in new]
        written = await self._write(unit, calls) if calls else ()
        kept = [
            (one.item.key, reply)
            for one, reply in zip(new, written, strict=True)
            if one.item.key and isinstance(reply, Response) and reply.status_code < 300
        ]
        await idempotency.store(unit.tx, workspace_id, kept)
        left = iter(written)
        return [reply or next(left) for reply in known]


class HotPost(Protocol):
    """A gathered POST, whatever its body is."""

    @property
    def path(self) -> str: ...

    def open(self, database: Database) -> None: ...

    async def close(self) -> None: ...

    async def answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None: ...


class GatheredPosts:
    """The middleware that lets gathered POSTs answer; innermost, so that all others see their requests."""

    def __init__(self, app: ASGIApp, posts: Sequence[HotPost]) -> None:
        self.app = app
        self._posts = {post.path: post for post in posts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_post = scope["type"] == "http" and scope["method"] == "POST"
        if is_post and (post := self._posts.get(scope["path"])):
            await post.answer(self.app, scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _first_of_each(
    keys: Sequence[idempotency.Key | None], known: Sequence[Response | Exception | None]
) -> list[Response | Exception | None]:
    """What is known already; of those with one key the first goes now, the others after it."""
    seen: set[str] = set()
    told: list[Response | Exception | None] = []
    for key, reply in zip(keys, known, strict=True):
        is_second = reply is None and key is not None and key.text in seen
        told.append(_Later() if is_second else reply)
        if key:
            seen.add(key.text)
    return told


def _speak_for_all(gathered: Sequence[Gathered[_Request[T]]], principal: Principal | None) -> None:
    """Together they have no request; their statements stand in the trace of the first that is recorded."""
    if principal:
        speak_for(principal)
    if tracing.is_on():
        traces = (one.context[context.traceparent] for one in gathered if context.traceparent in one.context)
        context.traceparent.set(next(filter(tracing.is_sampled, traces), None))


def _is_plain(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    """Whether it is JSON in so many words, without a query or a header that is there twice."""
    return (
        not scope["query_string"]
        and headers.get(b"content-type") == JSON
        and len(headers) == len(scope["headers"])
    )


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None where the caller has gone. Raises what Observed bounds it by."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        whole: bytes = message.get("body", b"")
        return whole
    pieces = []
    while message["type"] == "http.request":
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces)
        message = await receive()
    return None


def _again(content: bytes, receive: Receive) -> Receive:
    """The body, which was read, once more; then whatever else comes."""
    is_given = False

    async def give() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": content, "more_body": False}

    return give

"""One HTTP client to the other services: pooled connections, bounded times, our error classes."""

import asyncio
import random
import ssl
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

from opentelemetry.trace import SpanKind

from shared.http import body as json_body
from shared.http1.connection import Connection, RawHeaders, ReplyRefused
from shared.http1.idle import IdleConnections
from shared.http1.message import head
from shared.kernel import attributes as names
from shared.kernel import context, tracing
from shared.kernel.errors import BadRequest, BillingError, NotFound, Unavailable
from shared.kernel.json import Json

# Names of hop-by-hop headers (RFC 9110 7.6.1): they belong to one connection and are never passed on.
HOP_BY_HOP = frozenset(
    """connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding
    upgrade""".split()
)
SAFE = frozenset({"GET", "HEAD"})
CONNECT_SECONDS = 2.0
KEEP_IDLE_SECONDS = 4.0
"""Less than the five seconds after which our servers hang up: a request must not cross that on its way."""
MAX_ANSWER_BYTES = 64 * 1024 * 1024
RETRY_SHARE = 0.1
RETRY_RESERVE = 10.0
RETRY_PAUSE_SECONDS = 0.05


class NeverSent(ConnectionError):
    """The connection was lost before all of the request had left: the service cannot have acted on it."""


class UpstreamTimeout(Unavailable):
    """A part of the platform did not answer in time; what it was asked to do may still happen."""

    code = "upstream_timeout"
    status = HTTPStatus.GATEWAY_TIMEOUT


@dataclass(frozen=True, slots=True)
class Answer:
    """A service's reply, its body not yet read as anything; names of headers in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Json:
        """The body's value, numbers exact."""
        return json_body.read(self.body)


@dataclass(slots=True)
class RetryBudget:
    """How many requests may be sent again: one in ten of those sent, so that retries never make a storm."""

    left: float = RETRY_RESERVE

    def earn(self) -> None:
        """A request was sent."""
        self.left = min(RETRY_RESERVE, self.left + RETRY_SHARE)

    def spend(self) -> bool:
        """Take one retry, if there is one."""
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Passing:
    """A reply on its way through: its head, and its body in one piece or in many."""

    __slots__ = ("_client", "_connection", "headers", "status", "whole")

    def __init__(self, client: "ServiceClient", connection: Connection) -> None:
        self.status: int = connection.status
        self.headers: RawHeaders = connection.headers
        self.whole: bytes | None = None
        self._client, self._connection = client, connection
        if connection.is_complete:
            self.whole = connection.body()

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body of a large reply; no more of it is read than is taken. Raises Unavailable."""
        try:
            async for piece in self._connection.more(self._client.timeout_seconds):
                yield piece
        except (OSError, ReplyRefused) as error:
            raise self._client.unavailable(error) from error

    def close(self) -> None:
        """The reply is not wanted any more, or was read to its end: give the connection back."""
        self._client.give_back(self._connection)


@dataclass
class ServiceClient:
    """Asks one service; safe to share by all requests of a process. Close it at the end."""

    name: str
    base_url: str
    timeout_seconds: float
    max_connections: int = 256
    budget: RetryBudget = field(default_factory=RetryBudget)
    _in_use: int = 0
    _waiting: deque[asyncio.Future[None]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        self._path = parts.path.rstrip("/")
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._authority = parts.netloc.rpartition("@")[2].encode("ascii")
        self._idle = IdleConnections(self.max_connections, KEEP_IDLE_SECONDS)

    async def close(self) -> None:
        """Close every connection that is idle; those at work close at their end."""
        self._idle.close()
        # A transport closes in the loop's next turn.
        await asyncio.sleep(0)

    async def ask(
        self, method: str, path_and_query: str, headers: dict[str, str], body: bytes | None = None
    ) -> Answer:
        """The service's reply; raises Unavailable where it cannot be reached, UpstreamTimeout if late."""
        raw = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
        reply = await self.send(method, path_and_query, raw, body)
        content = reply.whole
        if content is None:
            content = await _read(reply)
        shown = {name.decode("latin-1"): value.decode("latin-1") for name, value in reply.headers}
        return Answer(reply.status, shown, content)

    async def send(
        self, method: str, path_and_query: str, headers: RawHeaders, body: bytes | None = None
    ) -> Passing:
        """The same with raw headers, for a reply that is passed on; a large one must be closed."""
        about: tracing.Attributes = {names.HTTP_METHOD: method, names.PEER: self.name}
        with tracing.span(f"{method} {self.name}", SpanKind.CLIENT, context.traceparent.get(), about) as span:
            reply = await self._sent(method, path_and_query, headers, body)
            tracing.note_status(span, reply.status)
            return reply

    async def _sent(
        self, method: str, path_and_query: str, headers: RawHeaders, body: bytes | None
    ) -> Passing:
        message = self._message(method, path_and_query, headers, body)
        self.budget.earn()
        try:
            return await self._send(method, message)
        except TimeoutError as error:
            raise self.unavailable(error) from error
        except (OSError, ReplyRefused) as error:
            # A request that may have an effect is never sent twice, unless it did not arrive whole.
            may_repeat = method in SAFE or isinstance(error, NeverSent)
            if not may_repeat or not self.budget.spend():
                raise self.unavailable(error) from error
        await asyncio.sleep(random.uniform(0, RETRY_PAUSE_SECONDS))
        try:
            return await self._send(method, message)
        except (OSError, ReplyRefused) as error:
            raise self.unavailable(error) from error

    async def get(self, path: str, token: str) -> Json:
        """A resource's JSON; raises NotFound for 404 and Unavailable for anything else but success."""
        answer = await self.ask("GET", path, {"authorization": f"Bearer {token}"})
        if answer.status == 404:
            raise NotFound(_detail(answer))
        if not answer.is_success:
            raise Unavailable(f"The {self.name} service answered {answer.status}.", retry_after_seconds=1)
        return answer.json()

    def give_back(self, connection: Connection) -> None:
        """Keep the connection for another request, or close it where it cannot serve one."""
        self._in_use -= 1
        self._idle.keep(self._authority, connection)
        self._let_next_in()

    def unavailable(self, error: Exception) -> Unavailable:
        """What a failure to answer is to the caller."""
        kind = UpstreamTimeout if isinstance(error, TimeoutError) else Unavailable
        return kind(f"The {self.name} service does not answer.", retry_after_seconds=1, service=self.name)

    def _message(self, method: str, path: str, headers: RawHeaders, body: bytes | None) -> bytes:
        lines = [(b"host", self._authority), *headers]
        lines.append((b"x-request-id", (context.request_id.get() or "").encode("latin-1")))
        lines.append((b"traceparent", (context.traceparent.get() or "").encode("latin-1")))
        if body or method not in SAFE:
            lines.append((b"content-length", b"%d" % len(body or b"")))
        try:
            return head(method, f"{self._path}{path}".encode("latin-1"), lines) + (body or b"")
        except ValueError as error:
            raise BadRequest("A header or the path holds a character that it must not.") from error

    async def _send(self, method: str, message: bytes) -> Passing:
        connection = await self._take()
        try:
            await connection.send(message, self.timeout_seconds, is_for_head=method == "HEAD")
        except BaseException as error:
            self.give_back(connection)
            if isinstance(error, OSError) and not connection.was_sent:
                raise NeverSent(str(error)) from error
            raise
        reply = Passing(self, connection)
        if reply.whole is not None:
            self.give_back(connection)
        return reply

    async def _take(self) -> Connection:
        if self._in_use >= self.max_connections:
            await self._turn()
        self._in_use += 1
        try:
            return self._idle.take(self._authority) or await self._connect()
        except BaseException:
            self._in_use -= 1
            self._let_next_in()
            raise

    async def _connect(self) -> Connection:
        try:
            async with asyncio.timeout(min(CONNECT_SECONDS, self.timeout_seconds)):
                return await Connection.open(self._host, self._port, self._tls, self._host)
        except TimeoutError as error:
            # Nothing was asked yet: it is not that the service takes too long.
            raise ConnectionError("no connection in time") from error

    async def _turn(self) -> None:
        """Wait until a connection is free; raises Unavailable after as long as connecting may take."""
        while self._in_use >= self.max_connections:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await waiter
            except TimeoutError as error:
                # Not tried again: that would be one more to wait.
                raise self.unavailable(error) from error
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._let_next_in()
                raise

    def _let_next_in(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return


async def _read(reply: Passing) -> bytes:
    content = bytearray()
    try:
        async for piece in reply.pieces():
            content += piece
            if len(content) > MAX_ANSWER_BYTES:
                raise Unavailable("The reply of a service is too large to be worked with.")
    finally:
        reply.close()
    return bytes(content)


def _detail(answer: Answer) -> str | None:
    try:
        return str(answer.json()["detail"])
    except (BillingError, KeyError, TypeError):
        return None

"""Our own HTTP/1.1 client: a fifth of a general one's cost, and each dial is judged where it is made."""

import asyncio
import errno
import functools
import socket
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httptools

from services.webhook_delivery.deliveries.channels.http1_connection import (
    Answer,
    AnswerRefused,
    Connection,
    EarlyClose,
    head,
)
from services.webhook_delivery.deliveries.channels.names import Names
from services.webhook_delivery.deliveries.domain.delivery import Fault, Result
from services.webhook_delivery.deliveries.domain.fault_reason import ConnectTimeout, reason_of
from services.webhook_delivery.deliveries.domain.request import Request
from shared.kernel.addresses import AddressBlocked, Egress

CONNECT_TIMEOUT_SECONDS = 5.0
# Older connections are not used again, so that changes in the DNS take effect.
MAX_CONNECTION_AGE_SECONDS = 60
KEEP_ALIVE_SECONDS = 15
MAX_ADDRESSES = 8
_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
Resolve = Callable[[str], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a connection leads to."""

    is_secure: bool
    host: str
    port: int


class Http1Transport:
    """A pool of connections by origin; the newest is used first, so that the others may end."""

    def __init__(self, egress: Egress, max_idle: int, resolve: Resolve | None = None) -> None:
        self._egress = egress
        self._max_idle = max_idle
        self._names = Names()
        self._resolve = resolve or self._names.resolve
        self._idle: dict[Origin, deque[Connection]] = {}
        self._idle_count = 0
        self._secure = ssl.create_default_context()
        self._sweep_at = time.monotonic() + KEEP_ALIVE_SECONDS

    async def send(self, request: Request) -> Result:
        """The receiver's answer, or the fault that kept it away."""
        started = time.monotonic()
        try:
            answer = await self._exchange(request, started + request.timeout_seconds)
        except Exception as error:
            fault = fault_of(error)
            reason = reason_of(fault, error)
            return Result(None, fault, {}, b"", _since(started), _detail(error), reason)
        return Result(answer.status, None, answer.headers, bytes(answer.body), _since(started))

    async def close(self) -> None:
        """Close every connection that is not in use."""
        for connections in self._idle.values():
            for connection in connections:
                connection.abort()
        self._idle.clear()
        self._idle_count = 0
        self._names.close()

    async def _exchange(self, request: Request, deadline: float) -> Answer:
        origin, host, target = _parsed(request.url)
        content = head(target, host, request.headers, len(request.body)) + request.body
        connection = self._take(origin)
        if connection is not None:
            try:
                return await self._over(connection, origin, content, deadline)
            except (EarlyClose, ConnectionResetError, BrokenPipeError):
                if connection.has_answered:
                    raise
                # It ended while it lay idle: the receiver may close a connection at any time.
        return await self._over(await self._dial(origin, deadline), origin, content, deadline)

    async def _over(self, connection: Connection, origin: Origin, content: bytes, deadline: float) -> Answer:
        answer = await connection.exchange(content, max(0.0, deadline - time.monotonic()))
        self._keep(connection, origin)
        return answer

    async def _dial(self, origin: Origin, deadline: float) -> Connection:
        seconds = min(CONNECT_TIMEOUT_SECONDS, deadline - time.monotonic())
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                addresses = await self._resolve(origin.host)
                for address in addresses:
                    # Any bad one spoils the name: which of them is dialled must not be a matter of luck.
                    self._egress.require(address)
                return await self._connect(origin, addresses)
        except TimeoutError as error:
            raise ConnectTimeout("no connection in time") from error

    async def _connect(self, origin: Origin, addresses: Sequence[str]) -> Connection:
        failure: OSError = OSError("the name has no address")
        for address in addresses[:MAX_ADDRESSES]:
            try:
                _, connection = await asyncio.get_running_loop().create_connection(
                    Connection,
                    address,
                    origin.port,
                    ssl=self._secure if origin.is_secure else None,
                    server_hostname=origin.host if origin.is_secure else None,
                )
                return connection
            except ssl.SSLError:
                raise
            except OSError as error:
                failure = error
        raise failure

    def _take(self, origin: Origin) -> Connection | None:
        self._sweep()
        connections, now = self._idle.get(origin), time.monotonic()
        while connections:
            connection = connections.pop()
            self._idle_count -= 1
            if connection.is_open and _is_young(connection, now):
                return connection
            connection.abort()
        return None

    def _keep(self, connection: Connection, origin: Origin) -> None:
        if connection.is_open and self._idle_count < self._max_idle:
            self._idle.setdefault(origin, deque()).append(connection)
            self._idle_count += 1
        else:
            connection.abort()

    def _sweep(self) -> None:
        now = time.monotonic()
        if now < self._sweep_at:
            return
        self._sweep_at = now + KEEP_ALIVE_SECONDS
        for origin, connections in list(self._idle.items()):
            kept = deque(one for one in connections if one.is_open and _is_young(one, now))
            for one in set(connections) - set(kept):
                one.abort()
            self._idle_count -= len(connections) - len(kept)
            self._idle[origin] = kept
            if not kept:
                del self._idle[origin]


def fault_of(error: BaseException) -> Fault:
    """What kept the answer away, seen from the receiver's side; what is nobody's fault but ours is OURS."""
    if isinstance(error, AddressBlocked):
        return Fault.BLOCKED
    if isinstance(error, TimeoutError):
        return Fault.TIMEOUT
    if isinstance(error, socket.gaierror | UnicodeError):
        return Fault.DNS
    if isinstance(error, ssl.SSLError | ssl.CertificateError):
        return Fault.TLS
    if isinstance(error, OSError):
        return Fault.OURS if error.errno in _OURS else Fault.CONNECTION
    if isinstance(error, httptools.HttpParserError | AnswerRefused):
        return Fault.PROTOCOL
    return Fault.OURS


@functools.lru_cache(maxsize=4096)
def _parsed(url: str) -> tuple[Origin, str, str]:
    """The origin, the host header and the request's target."""
    parts = urlsplit(url)
    is_secure = parts.scheme == "https"
    default = 443 if is_secure else 80
    origin = Origin(is_secure, parts.hostname or "", parts.port or default)
    name = f"[{origin.host}]" if ":" in origin.host else origin.host
    host = name if origin.port == default else f"{name}:{origin.port}"
    return origin, host, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _is_young(connection: Connection, now: float) -> bool:
    is_fresh = now - connection.used_at < KEEP_ALIVE_SECONDS
    return is_fresh and now - connection.opened_at < MAX_CONNECTION_AGE_SECONDS


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)


def _detail(error: BaseException) -> str:
    if isinstance(error, AddressBlocked):
        return str(error)
    return f"{type(error).__name__}: {error}".replace("\x00", "")[:300]

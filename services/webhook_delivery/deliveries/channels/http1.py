"""Webhooks over HTTP/1.1: each dial is judged where it is made, and little of the answer is read."""

import asyncio
import errno
import functools
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.webhook_delivery.deliveries.channels.resolver import Resolver
from services.webhook_delivery.deliveries.domain.delivery import Fault, Result
from services.webhook_delivery.deliveries.domain.fault_reason import ConnectTimeout, reason_of
from services.webhook_delivery.deliveries.domain.request import Request
from shared.http1.connection import Connection, EarlyClose, RawHeaders, ReplyRefused
from shared.http1.idle import IdleConnections
from shared.http1.message import head
from shared.kernel.addresses import AddressBlocked, Egress

CONNECT_TIMEOUT_SECONDS = 5.0
# Older connections are not used again, so that changes in the DNS take effect.
MAX_CONNECTION_AGE_SECONDS = 60
KEEP_ALIVE_SECONDS = 15
MAX_ADDRESSES = 8
MAX_BODY_BYTES = 16 * 1024
_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
Resolve = Callable[[str], Awaitable[Sequence[str]]]
Answer = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a connection leads to."""

    is_secure: bool
    host: str
    port: int


class Http1Transport:
    """Sends requests; what the receiver or the network does wrong is a Result, not an exception."""

    def __init__(self, egress: Egress, max_idle: int, resolve: Resolve | None = None) -> None:
        self._egress = egress
        self._names = Resolver()
        self._resolve = resolve or self._names.resolve
        self._idle = IdleConnections(max_idle, KEEP_ALIVE_SECONDS, MAX_CONNECTION_AGE_SECONDS)
        self._secure = ssl.create_default_context()

    async def send(self, request: Request) -> Result:
        """The receiver's answer, or the fault that kept it away."""
        started = time.monotonic()
        try:
            status, headers, body = await self._exchange(request, started + request.timeout_seconds)
        except Exception as error:
            fault = fault_of(error)
            reason = reason_of(fault, error)
            return Result(None, fault, {}, b"", _since(started), _detail(error), reason)
        return Result(status, None, headers, body, _since(started))

    async def close(self) -> None:
        """Close every connection that is not in use."""
        self._idle.close()
        self._names.close()

    async def _exchange(self, request: Request, deadline: float) -> Answer:
        origin, host, target = _parsed(request.url)
        headers = [(b"host", host), *_raw(request.headers), (b"content-length", b"%d" % len(request.body))]
        content = head("POST", target, headers) + request.body
        connection = self._idle.take(origin)
        if connection is not None:
            try:
                return await self._over(connection, origin, content, deadline)
            except (EarlyClose, ConnectionResetError, BrokenPipeError):
                if connection.has_answered:
                    raise
                # It ended while it lay idle: the receiver may close a connection at any time.
        return await self._over(await self._dial(origin, deadline), origin, content, deadline)

    async def _over(self, connection: Connection, origin: Origin, content: bytes, deadline: float) -> Answer:
        seconds = max(0.0, deadline - time.monotonic())
        await connection.send(content, seconds, whole_bytes=MAX_BODY_BYTES)
        headers = {name.decode("latin-1"): _storable(value) for name, value in connection.headers}
        answer = connection.status, headers, connection.body()[:MAX_BODY_BYTES]
        # An answer without end was not read to its end: its connection closes here.
        self._idle.keep(origin, connection)
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
                tls = self._secure if origin.is_secure else None
                return await Connection.open(address, origin.port, tls, origin.host)
            except ssl.SSLError:
                raise
            except OSError as error:
                failure = error
        raise failure


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
    if isinstance(error, ReplyRefused):
        return Fault.PROTOCOL
    return Fault.OURS


@functools.lru_cache(maxsize=4096)
def _parsed(url: str) -> tuple[Origin, bytes, bytes]:
    """The origin, the host header and the request's target."""
    parts = urlsplit(url)
    is_secure = parts.scheme == "https"
    default = 443 if is_secure else 80
    origin = Origin(is_secure, parts.hostname or "", parts.port or default)
    name = f"[{origin.host}]" if ":" in origin.host else origin.host
    host = name if origin.port == default else f"{name}:{origin.port}"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return origin, host.encode("ascii"), target.encode("ascii")


def _raw(headers: Mapping[str, str]) -> RawHeaders:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


def _storable(value: bytes) -> str:
    return value.decode("utf-8", "replace").replace("\x00", "")


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)


def _detail(error: BaseException) -> str:
    if isinstance(error, AddressBlocked):
        return str(error)
    return f"{type(error).__name__}: {error}".replace("\x00", "")[:300]

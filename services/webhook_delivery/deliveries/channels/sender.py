"""Sends one signed request: every dial is judged, no redirect is followed, little of the answer is read."""

import asyncio
import errno
import random
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver
from yarl import URL

from services.webhook_delivery.deliveries.domain.delivery import Delivery, Fault, Outcome, Result, judge
from services.webhook_delivery.deliveries.domain.fault_reason import (
    CONNECT_TIMEOUT,
    CONNECTION_CLOSED,
    reason_of,
)
from services.webhook_delivery.deliveries.domain.request import (
    Request,
    Target,
    build,
    loggable,
    without_secrets,
)
from shared.http import guarded
from shared.kernel import attributes as names
from shared.kernel import tracing
from shared.kernel.addresses import AddressBlocked, Egress
from shared.kernel.tracing import Kind

CONNECT_TIMEOUT_SECONDS = 5
MAX_RESPONSE_BYTES = 16 * 1024
MAX_CONNECTION_AGE_SECONDS = 60
KEEP_ALIVE_SECONDS = 15
_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})


log = structlog.get_logger()


class Transport(Protocol):
    """Sends requests; what the receiver or the network does wrong is a Result, not an exception."""

    async def send(self, request: Request) -> Result: ...

    async def close(self) -> None: ...


async def attempt(transport: Transport, target: Target, delivery: Delivery) -> Outcome:
    """Send once; a fault of our own counts as nobody's failure."""
    about = _about(delivery) if tracing.is_on() else None
    with tracing.span("POST webhook", Kind.CLIENT, delivery.traceparent, about) as span:
        outcome = await _attempt(transport, target, delivery, span.traceparent)
        span.set({names.WEBHOOK_OUTCOME: outcome.result.word})
        return outcome


async def _attempt(
    transport: Transport, target: Target, delivery: Delivery, traceparent: str | None
) -> Outcome:
    started_at = datetime.now(UTC)
    request_headers: dict[str, str] = {}
    try:
        request = build(target, delivery, started_at, traceparent)
        request_headers = loggable(target, request)
        result = without_secrets(target, await transport.send(request))
    except Exception as error:
        log.error("delivery.not_tried", delivery_id=str(delivery.id), error=repr(error), exc_info=error)
        result = Result(None, Fault.OURS, {}, b"", 0, repr(error)[:300])
    verdict = judge(result, delivery.attempt_count + 1, datetime.now(UTC), random.randrange)
    return Outcome(delivery, started_at, result, verdict, request_headers)


def _about(delivery: Delivery) -> tracing.Attributes:
    return {
        names.WEBHOOK_DELIVERY_ID: str(delivery.id),
        names.WEBHOOK_ENDPOINT_ID: str(delivery.endpoint_id),
        names.WEBHOOK_EVENT_TYPE: delivery.event_type,
        names.WEBHOOK_ATTEMPT: delivery.attempt_count + 1,
    }


class AiohttpTransport:
    """One pool of connections; it is replaced every minute, so that changes in the DNS take effect."""

    def __init__(
        self,
        egress: Egress,
        max_connections: int,
        make_resolver: Callable[[], AbstractResolver | None] = lambda: None,
    ) -> None:
        self._egress = egress
        self._max_connections = max_connections
        self._make_resolver = make_resolver
        self._session: aiohttp.ClientSession | None = None
        self._replace_at = 0.0
        self._closing: set[asyncio.Task[None]] = set()

    async def send(self, request: Request) -> Result:
        """The receiver's answer, or the fault that kept it away."""
        started = time.monotonic()
        try:
            status, headers, body = await self._exchange(request)
        except Exception as error:
            fault = fault_of(error)
            return Result(None, fault, {}, b"", _since(started), _detail(error), _reason(fault, error))
        return Result(status, None, headers, body, _since(started))

    async def close(self) -> None:
        """Close every connection."""
        for task in self._closing:
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        if self._session:
            await self._session.close()

    async def _exchange(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        seconds = request.timeout_seconds
        async with self._open().post(
            URL(request.url, encoded=True),
            data=request.body,
            headers=request.headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=min(CONNECT_TIMEOUT_SECONDS, seconds)),
        ) as response:
            body = await _read(response)
            headers = {name.lower(): _storable(value) for name, value in response.headers.items()}
            return response.status, headers, body

    def _open(self) -> aiohttp.ClientSession:
        now = time.monotonic()
        if self._session is None or now >= self._replace_at:
            if self._session:
                self._retire(self._session)
            self._session, self._replace_at = self._new_session(), now + MAX_CONNECTION_AGE_SECONDS
        return self._session

    def _new_session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=guarded.connector(
                self._egress,
                self._make_resolver(),
                limit=self._max_connections,
                keepalive_timeout=KEEP_ALIVE_SECONDS,
            ),
            auto_decompress=False,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("accept",),
        )

    def _retire(self, session: aiohttp.ClientSession) -> None:
        async def close_later() -> None:
            try:
                await asyncio.sleep(MAX_CONNECTION_AGE_SECONDS)
            finally:
                await session.close()

        task = asyncio.create_task(close_later())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def fault_of(error: BaseException) -> Fault:
    """What kept the answer away, seen from the receiver's side; what is nobody's fault but ours is OURS."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, AddressBlocked):
        return Fault.BLOCKED
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Fault.DNS
    if isinstance(error, TimeoutError):
        return Fault.TIMEOUT
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError, ssl.CertificateError)):
        return Fault.TLS
    if isinstance(cause, OSError):
        return Fault.OURS if cause.errno in _OURS else Fault.CONNECTION
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return Fault.CONNECTION
    return Fault.PROTOCOL if isinstance(error, aiohttp.ClientError) else Fault.OURS


def _reason(fault: Fault, error: BaseException) -> str | None:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return CONNECT_TIMEOUT
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return CONNECTION_CLOSED
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return reason_of(fault, error.certificate_error)
    return reason_of(fault, error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    found = bytearray()
    while len(found) < MAX_RESPONSE_BYTES:
        part = await response.content.read(MAX_RESPONSE_BYTES - len(found))
        if not part:
            return bytes(found)
        found += part
    if not response.content.at_eof():
        # An answer without end must not keep the connection, nor our attention.
        response.close()
    return bytes(found)


def _storable(value: str) -> str:
    # Header bytes outside UTF-8 come as lone surrogates, which jsonb refuses.
    return value.encode("utf-8", "replace").decode().replace("\x00", "")


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)


def _detail(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, AddressBlocked):
        return str(error.os_error)
    return _storable(f"{type(error).__name__}: {error}")[:300]

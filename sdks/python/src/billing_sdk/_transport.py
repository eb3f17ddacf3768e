"""Makes attempts with httpx, until an exchange has ended; sync and async do the same steps."""

from __future__ import annotations

import functools
import logging
import os
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from billing_sdk import errors
from billing_sdk._calls import Call
from billing_sdk._retries import Answer, Exchange, Failure, Send, exchange
from billing_sdk._settings import Settings, authorization

if TYPE_CHECKING:
    import ssl

    import httpx

log = logging.getLogger("billing_sdk")
MAX_CONNECTIONS = 100
_told: set[str] = set()


class SyncTransport:
    """One pool of connections, shared by threads; a forked process gets its own."""

    def __init__(self, settings: Settings, client: httpx.Client | None = None) -> None:
        self.settings = settings
        self._given = client
        self._client: httpx.Client | None = None
        self._owner = 0
        self._lock = threading.Lock()

    def run(self, call: Call, stream: bool = False) -> Answer:
        """The answer to a call; raises BillingError."""
        steps: Exchange = exchange(call, self.settings.retry_base)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Send):
                    step = steps.send(self._attempt(call, step.attempt, stream))
                else:
                    time.sleep(step.seconds)
                    step = steps.send(None)
        except StopIteration as end:
            answer: Answer = end.value
            return answer

    def close(self) -> None:
        """Give the connections back; a later call opens others."""
        with self._lock:
            if self._client is not None and self._owner == os.getpid():
                self._client.close()
            self._client = None

    def _attempt(self, call: Call, attempt: int, stream: bool) -> Answer | Failure:
        import httpx

        started = time.monotonic()
        try:
            client = self._http()
            request = client.build_request(
                call.method,
                self.settings.base_url + call.target,
                headers=self._headers(call),
                content=call.body,
                timeout=call.timeout,
            )
            response = client.send(request, stream=True)
            content = b"" if stream and response.status_code < 400 else _read(response)
        except httpx.HTTPError as error:
            return _failed(call, attempt, error, started)
        except httpx.InvalidURL as error:
            raise ValueError(str(error)) from None
        return _answered(call, attempt, response, content, stream, started)

    def _headers(self, call: Call) -> dict[str, str]:
        credential = self.settings.credential.value
        given = credential() if callable(credential) else credential
        return {**call.headers, **authorization(given), **_workspace(self.settings)}

    def _http(self) -> httpx.Client:
        if self._given is not None:
            return self._given
        if self._client is None or self._owner != os.getpid():
            with self._lock:
                if self._client is None or self._owner != os.getpid():
                    import httpx

                    # After a fork the parent's connections are left to it, unclosed.
                    self._client = httpx.Client(
                        verify=_certificates(), limits=httpx.Limits(max_connections=MAX_CONNECTIONS)
                    )
                    self._owner = os.getpid()
        return self._client


class AsyncTransport:
    """One pool of connections for one event loop; a forked process gets its own."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient | None = None) -> None:
        self.settings = settings
        self._given = client
        self._client: httpx.AsyncClient | None = None
        self._owner = 0

    async def run(self, call: Call, stream: bool = False) -> Answer:
        """The answer to a call; raises BillingError."""
        import asyncio

        steps: Exchange = exchange(call, self.settings.retry_base)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Send):
                    step = steps.send(await self._attempt(call, step.attempt, stream))
                else:
                    await asyncio.sleep(step.seconds)
                    step = steps.send(None)
        except StopIteration as end:
            answer: Answer = end.value
            return answer

    async def close(self) -> None:
        """Give the connections back; a later call opens others."""
        if self._client is not None and self._owner == os.getpid():
            await self._client.aclose()
        self._client = None

    async def _attempt(self, call: Call, attempt: int, stream: bool) -> Answer | Failure:
        import httpx

        started = time.monotonic()
        try:
            client = self._http()
            request = client.build_request(
                call.method,
                self.settings.base_url + call.target,
                headers=await self._headers(call),
                content=call.body,
                timeout=call.timeout,
            )
            response = await client.send(request, stream=True)
            content = b"" if stream and response.status_code < 400 else await _aread(response)
        except httpx.HTTPError as error:
            return _failed(call, attempt, error, started)
        except httpx.InvalidURL as error:
            raise ValueError(str(error)) from None
        return _answered(call, attempt, response, content, stream, started)

    async def _headers(self, call: Call) -> dict[str, str]:
        credential = self.settings.credential.value
        given: Any = credential() if callable(credential) else credential
        if hasattr(given, "__await__"):
            given = await given
        return {**call.headers, **authorization(given), **_workspace(self.settings)}

    def _http(self) -> httpx.AsyncClient:
        if self._given is not None:
            return self._given
        if self._client is None or self._owner != os.getpid():
            import httpx

            self._client = httpx.AsyncClient(
                verify=_certificates(), limits=httpx.Limits(max_connections=MAX_CONNECTIONS)
            )
            self._owner = os.getpid()
        return self._client


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Whom TLS trusts: read once, because that takes longer than all else of a client."""
    import httpx

    return httpx.create_ssl_context()


def broken(error: httpx.HTTPError) -> errors.BillingError:
    """What httpx says, in our words; without its request, which holds the key."""
    import httpx

    said = str(error) or type(error).__name__
    if isinstance(error, httpx.PoolTimeout):
        return errors.PoolTimedOut("every connection of this client is in use")
    if isinstance(error, httpx.TimeoutException):
        return errors.TimedOut(f"no answer in time ({type(error).__name__})")
    return errors.ConnectionFailed(said)


def _read(response: httpx.Response) -> bytes:
    try:
        return response.read()
    finally:
        response.close()


async def _aread(response: httpx.Response) -> bytes:
    try:
        return await response.aread()
    finally:
        await response.aclose()


def _failed(call: Call, attempt: int, error: httpx.HTTPError, started: float) -> Failure:
    import httpx

    unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
    log.debug(
        "%s %s failed: %s (attempt %d, %.0f ms)",
        call.method,
        call.log_path,
        type(error).__name__,
        attempt + 1,
        (time.monotonic() - started) * 1000,
    )
    was_sent = not isinstance(error, unsent)
    return Failure(broken(error), was_sent)


def _answered(
    call: Call, attempt: int, response: httpx.Response, content: bytes, stream: bool, started: float
) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    log.debug(
        "%s %s %d (attempt %d, %.0f ms, %s)",
        call.method,
        call.log_path,
        response.status_code,
        attempt + 1,
        (time.monotonic() - started) * 1000,
        headers.get("x-request-id"),
    )
    _tell_deprecation(headers)
    is_open = stream and response.status_code < 400
    return Answer(response.status_code, headers, content, response if is_open else None)


def _workspace(settings: Settings) -> Mapping[str, str]:
    return {"x-tenant-slug": settings.workspace} if settings.workspace else {}


def _tell_deprecation(headers: Mapping[str, str]) -> None:
    said = headers.get("billing-deprecation")
    if said and said not in _told:
        _told.add(said)
        log.warning("the platform says of this version of the SDK: %s", said)

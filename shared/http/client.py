"""One HTTP client to the other services: pooled connections, bounded times, our error classes."""

from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from shared.http import body as json_body
from shared.kernel import context
from shared.kernel.errors import BillingError, NotFound, Unavailable

# Names of hop-by-hop headers (RFC 9110 7.6.1): they belong to one connection and are never passed on.
HOP_BY_HOP = frozenset(
    """connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding
    upgrade""".split()
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A service's reply, its body not yet read as anything."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body's value, numbers exact."""
        return json_body.parse(self.body)


class ServiceClient:
    """Asks one service; safe to share by all requests of a process. Close it at the end."""

    def __init__(self, name: str, base_url: str, timeout_seconds: float, max_connections: int = 256) -> None:
        self.name = name
        self._base_url = base_url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, connect=min(2.0, timeout_seconds))
        self._max_connections = max_connections
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def ask(
        self, method: str, path_and_query: str, headers: dict[str, str], body: bytes | None = None
    ) -> Answer:
        """Send the request; raises Unavailable when the service cannot be reached or takes too long."""
        own = {"x-request-id": context.request_id.get() or "", "traceparent": context.traceparent.get() or ""}
        url = URL(self._base_url + path_and_query, encoded=True)
        try:
            async with self._open().request(
                method, url, headers={**headers, **own}, data=body, allow_redirects=False
            ) as reply:
                return Answer(reply.status, dict(reply.headers.items()), await reply.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(
                f"The {self.name} service does not answer.", retry_after_seconds=1, service=self.name
            ) from error

    async def get(self, path: str, token: str) -> Any:
        """A resource's JSON; raises NotFound for 404 and Unavailable for anything else but success."""
        answer = await self.ask("GET", path, {"authorization": f"Bearer {token}"})
        if answer.status == 404:
            raise NotFound(_detail(answer))
        if not answer.is_success:
            raise Unavailable(f"The {self.name} service answered {answer.status}.", retry_after_seconds=1)
        return answer.json()

    def _open(self) -> aiohttp.ClientSession:
        # Made on first use, since a session belongs to the running event loop.
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._max_connections, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=self._timeout,
                auto_decompress=False,
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _detail(answer: Answer) -> str | None:
    try:
        return str(answer.json()["detail"])
    except (BillingError, KeyError, TypeError):
        return None

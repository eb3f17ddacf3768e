"""CORS: which pages may read our answers in a browser; each workspace names the origins that it trusts."""

import time
from collections.abc import Awaitable, Callable, Mapping

from services.gateway.workspaces import repository as workspaces
from shared.http1.connection import RawHeaders
from shared.kernel.errors import BillingError
from shared.postgres.transaction import Database

MAX_KNOWN = 1000
MAX_ORIGIN_LENGTH = 300
METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
ASKED = (
    b"authorization, content-type, idempotency-key, if-match, if-none-match, prefer, "
    b"x-api-key, x-request-id, x-tenant-slug"
)
SHOWN = (
    b"etag, idempotent-replayed, link, location, preference-applied, ratelimit, ratelimit-policy, "
    b"retry-after, x-request-id"
)
ONE_HOUR = b"3600"
PREFLIGHT: RawHeaders = [
    (b"access-control-allow-methods", METHODS),
    (b"access-control-allow-headers", ASKED),
    (b"access-control-max-age", ONE_HOUR),
]
"""What a page of an origin that is known may send."""
VARIES = (b"vary", b"origin")


class Origins:
    """Knows the origins that any workspace allows: a preflight has no credential that would name one.

    What is asked with a credential is shown by the rules of its own workspace alone.
    """

    def __init__(self, open_database: Callable[[], Awaitable[Database]], cache_seconds: float) -> None:
        self._open_database = open_database
        self._cache_seconds = cache_seconds
        self._known: dict[str, tuple[float, bool]] = {}

    async def knows(self, origin: str) -> bool:
        """Whether some workspace allows it; no, while that cannot be read."""
        now = time.monotonic()
        until, is_allowed = self._known.get(origin, (0.0, False))
        if until > now:
            return is_allowed
        if len(origin) > MAX_ORIGIN_LENGTH:
            return False
        try:
            async with (await self._open_database()).transaction() as tx:
                is_allowed = await workspaces.is_origin_allowed(tx, origin)
        except (BillingError, OSError):
            return False
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[origin] = (now + self._cache_seconds, is_allowed)
        return is_allowed


def origin_of(headers: Mapping[bytes, bytes]) -> str | None:
    """The page's origin, where a browser sent one that could ever be allowed."""
    given = headers.get(b"origin")
    return given.decode("latin-1") if given and given != b"null" else None


def is_preflight(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks what it may send."""
    return method == "OPTIONS" and b"origin" in headers and b"access-control-request-method" in headers


def readable(origin: str) -> RawHeaders:
    """Lets a page of this origin read the answer."""
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", SHOWN),
    ]

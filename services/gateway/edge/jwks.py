"""An issuer's public keys (RFC 7517), fetched from its one address and kept; a request seldom waits."""

import asyncio
import contextlib
import ipaddress
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from services.gateway import metrics
from shared.kernel.errors import Unauthorized, Unavailable
from shared.kernel.json import Json

FRESH_SECONDS = 600.0
"""So long keys count without a look; then they are fetched anew while the old ones still serve."""
STALE_SECONDS = 86_400.0
"""So long the last known keys serve while their address does not answer."""
REFRESH_PAUSE_SECONDS = 30.0
"""At most one look for an unknown key in this time, whoever asks."""
FIRST_PAUSE_SECONDS = 5.0
"""The same while no keys are known at all."""
FETCH_SECONDS = 5.0
MAX_BYTES = 64 * 1024
MAX_KEYS = 50
KEY_TYPES = frozenset({"RSA", "EC", "OKP"})
log = structlog.get_logger()


class UnusableAddress(ValueError):
    """Keys come over https; without it from this machine alone, where that is allowed."""


def require_usable(url: str, allows_loopback: bool) -> str:
    """The address of a key set, if it is one that keys may come from; raises UnusableAddress."""
    parts = urlsplit(url)
    is_plain = parts.scheme == "http" and allows_loopback and _is_loopback(parts.hostname or "")
    if not parts.hostname or parts.username or parts.fragment or not (parts.scheme == "https" or is_plain):
        raise UnusableAddress(url)
    return url


@dataclass(slots=True)
class Jwks:
    """The keys of one issuer. Its address is fixed: no redirect and no header of a token leads elsewhere."""

    url: str
    now: Callable[[], float] = time.monotonic
    _keys: dict[str, Key] = field(default_factory=dict)
    _fetched_at: float | None = None
    _tried_at: float | None = None
    _refreshing: asyncio.Task[None] | None = None

    async def find(self, kid: str | None) -> Key:
        """The key of this name; raises Unauthorized, or Unavailable while no keys are known at all."""
        if not self._is_known_for_less_than(STALE_SECONDS):
            self._keys = {}
            await self._refreshed()
        elif kid not in self._keys:
            await self._refreshed()
        elif not self._is_known_for_less_than(FRESH_SECONDS):
            # The key is known: nobody waits while it is looked for anew.
            self._refresh()
        if self._fetched_at is None or not self._is_known_for_less_than(STALE_SECONDS):
            raise Unavailable("The keys of the token's issuer cannot be read.", retry_after_seconds=5)
        key = self._keys.get(kid or "")
        if key is None:
            raise Unauthorized
        return key

    async def close(self) -> None:
        """Stop looking."""
        if self._refreshing:
            self._refreshing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._refreshing

    async def _refreshed(self) -> None:
        refreshing = self._refresh()
        if refreshing:
            # Whoever asks may go away; the others still wait for the same look.
            await asyncio.shield(refreshing)

    def _refresh(self) -> asyncio.Task[None] | None:
        if self._refreshing and not self._refreshing.done():
            return self._refreshing
        pause = REFRESH_PAUSE_SECONDS if self._keys else FIRST_PAUSE_SECONDS
        if self._tried_at is not None and self.now() - self._tried_at < pause:
            return None
        self._tried_at = self.now()
        self._refreshing = asyncio.create_task(self._fetch())
        return self._refreshing

    async def _fetch(self) -> None:
        try:
            self._keys = read_keys(await fetch(self.url))
            self._fetched_at = self.now()
            outcome = "fetched"
        except (aiohttp.ClientError, OSError, ValueError, RecursionError) as error:
            outcome = "failed"
            log.warning("jwks.not_fetched", url=self.url, error=repr(error))
        metrics.KEY_SETS.labels(outcome).inc()

    def _is_known_for_less_than(self, seconds: float) -> bool:
        return self._fetched_at is not None and self.now() - self._fetched_at < seconds


async def fetch(url: str) -> bytes:
    """What stands at the address, at most 64 KB; raises ValueError, OSError or aiohttp's errors."""
    limit = aiohttp.ClientTimeout(total=FETCH_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=limit, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.get(url, allow_redirects=False, headers={"accept": "application/json"}) as reply,
    ):
        if reply.status != 200:
            raise ValueError(f"answered {reply.status}")
        content = bytearray()
        async for piece in reply.content.iter_any():
            content += piece
            if len(content) > MAX_BYTES:
                raise ValueError("larger than 64 KB")
    return bytes(content)


def read_keys(content: bytes) -> dict[str, Key]:
    """The keys that can verify, by their names; one that is not understood does not spoil the others.

    Raises ValueError when there is none.
    """
    found = json.loads(content)
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise ValueError("no key set")
    keys = {one["kid"]: key for one in listed[:MAX_KEYS] if (key := _read_key(one))}
    if not keys:
        raise ValueError("no usable key")
    return keys


def _read_key(data: Json) -> Key | None:
    if not isinstance(data, dict) or not isinstance(data.get("kid"), str) or not data["kid"]:
        return None
    # A secret has no place in public; taken as one, an attacker's HS256 would verify.
    if data.get("kty") not in KEY_TYPES or data.get("use", "sig") != "sig":
        return None
    try:
        return KeySet.registry_cls.import_key({name: data[name] for name in data if name not in _PRIVATE})
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        return None


_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

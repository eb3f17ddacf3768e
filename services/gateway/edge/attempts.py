"""Failed sign-ins by address: who guesses is made to wait, who has a good credential is not."""

import time
from collections.abc import Callable

from services.gateway import metrics
from services.gateway.edge.refusals import TooManyFailures
from services.gateway.edge.token_bucket import Buckets

PROVEN_SECONDS = 3600.0
MAX_PROVEN = 20_000


class Attempts:
    """So many credentials of an address may be refused in a minute; then its unproven ones are not looked at.

    A credential that was good within the last hour passes whatever else its address does: customers behind
    one address do not suffer from each other. Each process counts alone.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._buckets: Buckets[str] = Buckets(per_minute / 60, per_minute)
        self._proven: dict[bytes, float] = {}
        self._now = now

    def require_allowed(self, address: str, digest: bytes) -> None:
        """Raise TooManyFailures when the address has to wait before its credential is looked at."""
        now = self._now()
        bucket = self._buckets.of(address, now)
        if bucket.tokens < 1 and self._proven.get(digest, -1.0) < now:
            metrics.LIMITED.labels("failed_attempts").inc()
            raise TooManyFailures(retry_after_seconds=bucket.seconds_until_next())

    def failed(self, address: str) -> None:
        """A credential of this address was refused."""
        self._buckets.of(address, self._now()).take(self._now())

    def succeeded(self, digest: bytes) -> None:
        """The credential with this digest is good."""
        if len(self._proven) >= MAX_PROVEN:
            self._proven.clear()
        self._proven[digest] = self._now() + PROVEN_SECONDS

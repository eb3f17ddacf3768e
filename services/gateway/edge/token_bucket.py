"""Token buckets: a steady rate with room for bursts, counted by a clock that never goes back."""

from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")


@dataclass(slots=True)
class TokenBucket:
    """Fills with `rate` tokens a second up to `burst`; begins full. Times are seconds, monotonic."""

    rate: float
    burst: float
    tokens: float
    at: float

    @classmethod
    def full(cls, rate: float, burst: float, now: float) -> "TokenBucket":
        """A bucket that nothing was taken from."""
        return cls(rate, burst, burst, now)

    def take(self, now: float) -> bool:
        """Take one token, if there is one."""
        self.fill(now)
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def fill(self, now: float) -> None:
        """Add what has come in since the last look."""
        if now > self.at:
            self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
            self.at = now

    def seconds_until_next(self) -> int:
        """How long until there is a token, in whole seconds, at least one."""
        missing = max(0.0, 1 - self.tokens)
        return max(1, -int(-missing // self.rate))

    @property
    def is_full(self) -> bool:
        """Whether forgetting it would change nothing."""
        return self.tokens >= self.burst


class Buckets(Generic[K]):
    """One bucket for each of many keys; those that are full again are forgotten."""

    def __init__(self, rate: float, burst: float, max_count: int = 20_000) -> None:
        self.rate, self.burst = rate, burst
        self._max_count = max_count
        self._buckets: dict[K, TokenBucket] = {}

    def of(self, key: K, now: float) -> TokenBucket:
        """The key's bucket, filled until now."""
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._max_count:
                self._forget(now)
            bucket = self._buckets[key] = TokenBucket.full(self.rate, self.burst, now)
        else:
            bucket.fill(now)
        return bucket

    def _forget(self, now: float) -> None:
        for bucket in self._buckets.values():
            bucket.fill(now)
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if not bucket.is_full}
        # All of them in use at once: the older half starts anew.
        while len(self._buckets) >= self._max_count // 2:
            del self._buckets[next(iter(self._buckets))]

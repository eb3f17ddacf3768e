"""Leaves an endpoint alone that fails again and again, and tries it with one request now and then.

While it is open nothing is sent, so that no attempt is used up. Times are monotonic, in seconds.
"""

from collections import deque
from dataclasses import dataclass, field

FAILURES_IN_A_ROW = 10
WINDOW_SECONDS = 60.0
WINDOW_ATTEMPTS = 20
FIRST_PAUSE_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 600.0


@dataclass(slots=True)
class CircuitBreaker:
    """Opens after ten failures in a row, or when most of at least twenty attempts of a minute failed."""

    failures_in_a_row: int = 0
    recent: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=200))
    # The last pause; zero while it is closed.
    pause_seconds: float = 0.0
    open_until: float = 0.0

    @property
    def is_tripped(self) -> bool:
        """Whether it is open, or waits for the one attempt that would close it."""
        return self.pause_seconds > 0

    def note(self, now: float, *, is_success: bool) -> float | None:
        """Count an attempt; the seconds to leave the endpoint alone from now when it opens."""
        if now < self.open_until:
            # Under way since before it opened.
            return None
        if is_success:
            self._close(now)
            return None
        if self.is_tripped:
            return self._open(now, min(self.pause_seconds * 2, LONGEST_PAUSE_SECONDS))
        self.failures_in_a_row += 1
        self.recent.append((now, False))
        return self._open(now, FIRST_PAUSE_SECONDS) if self._is_too_much(now) else None

    def _close(self, now: float) -> None:
        if self.is_tripped:
            self.recent.clear()
        self.failures_in_a_row, self.pause_seconds = 0, 0.0
        self.recent.append((now, True))

    def _open(self, now: float, seconds: float) -> float:
        self.pause_seconds, self.open_until, self.failures_in_a_row = seconds, now + seconds, 0
        self.recent.clear()
        return seconds

    def _is_too_much(self, now: float) -> bool:
        if self.failures_in_a_row >= FAILURES_IN_A_ROW:
            return True
        while self.recent and self.recent[0][0] < now - WINDOW_SECONDS:
            self.recent.popleft()
        failed = sum(not is_success for _, is_success in self.recent)
        return len(self.recent) >= WINDOW_ATTEMPTS and failed * 2 > len(self.recent)

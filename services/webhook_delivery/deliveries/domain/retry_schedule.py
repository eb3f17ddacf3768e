"""When a delivery is tried again: ten attempts over about three days, never early, at most 20 % late."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Standard Webhooks 1.0, "Retries": the delay before each attempt after the one before it, in seconds.
DELAYS_SECONDS = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
MAX_ATTEMPTS = len(DELAYS_SECONDS)
# What is left of the 20 % belongs to polling and queueing.
JITTER_PERCENT = 15
MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000
_SECONDS = re.compile(r"[0-9]+")
_LONGEST_SECONDS = len(str(MAX_RETRY_AFTER_MS))


def next_delay_ms(attempt_count: int, below: Callable[[int], int]) -> int | None:
    """Milliseconds until the next attempt after `attempt_count` (≥ 1) have failed; None after the last.

    `below(n)` gives a random whole number from 0 to n − 1.
    """
    if attempt_count >= MAX_ATTEMPTS:
        return None
    delay_ms = DELAYS_SECONDS[attempt_count] * 1000
    return delay_ms + below(delay_ms * JITTER_PERCENT // 100 + 1)


def retry_after_ms(value: str | None, now: datetime) -> int | None:
    """The wait that a Retry-After header asks for (RFC 9110 10.2.3), at most a day; None for all else."""
    if value is None:
        return None
    text = value.strip()
    wait_ms = _seconds(text) * 1000 if _SECONDS.fullmatch(text) else _until(text, now)
    return min(wait_ms, MAX_RETRY_AFTER_MS) if wait_ms is not None and wait_ms >= 0 else None


def _seconds(digits: str) -> int:
    # More digits than the longest wait has are as good as the longest wait.
    significant = digits.lstrip("0") or "0"
    return int(significant) if len(significant) <= _LONGEST_SECONDS else MAX_RETRY_AFTER_MS


def _until(http_date: str, now: datetime) -> int | None:
    try:
        moment = parsedate_to_datetime(http_date)
        # A date with the zone "-0000" comes back naive; HTTP dates are always GMT.
        ahead = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return -(-(ahead.days * 86_400_000_000 + ahead.seconds * 1_000_000 + ahead.microseconds) // 1000)

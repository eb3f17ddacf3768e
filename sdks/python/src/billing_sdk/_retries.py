"""When an attempt is made again, and after how long; no clock, no network."""

from __future__ import annotations

import random
import time
from collections.abc import Generator
from dataclasses import dataclass

from billing_sdk import errors
from billing_sdk._calls import Call

MAX_RETRY_AFTER_SECONDS = 60.0
"""A server that asks for more is not waited for: the caller is told."""
_AGAIN = frozenset({408, 409, 429, 502, 503, 504})
_NOT_DONE = frozenset({429})
"""Answers that say that nothing was done: whatever was asked can be asked again."""
_IN_FLIGHT = "idempotency_key_in_flight"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    headers: dict[str, str]
    """With names in small letters."""
    content: bytes
    stream: object = None
    """The reply itself, where its content has not been read."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt without an answer; `was_sent` unless nothing of it can have reached the server."""

    error: errors.BillingError
    was_sent: bool


@dataclass(frozen=True, slots=True)
class Send:
    """Make an attempt."""

    call: Call
    attempt: int


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait for so long."""

    seconds: float


Exchange = Generator["Send | Sleep", "Answer | Failure | None", Answer]


def exchange(call: Call, base_seconds: float) -> Exchange:
    """Yields what is to be done and is sent what came of it; returns the answer, or raises what is left to say."""
    until = time.monotonic() + call.timeout * (call.max_retries + 1)
    for attempt in range(call.max_retries + 1):
        outcome = yield Send(call, attempt)
        assert outcome is not None
        if isinstance(outcome, Answer) and outcome.status < 400:
            return outcome
        seconds = _wait(call, outcome, attempt, base_seconds)
        if seconds is None or attempt == call.max_retries or time.monotonic() + seconds > until:
            raise _error(call, outcome)
        yield Sleep(seconds)
    raise AssertionError("every attempt ends above")


def _wait(call: Call, outcome: Answer | Failure, attempt: int, base_seconds: float) -> float | None:
    """How long before the next attempt; None where there may be none."""
    backoff = random.uniform(0, base_seconds * 2**attempt)
    if isinstance(outcome, Failure):
        return backoff if call.is_repeatable or not outcome.was_sent else None
    if outcome.status not in _AGAIN or not (call.is_repeatable or outcome.status in _NOT_DONE):
        return None
    if outcome.status == 409 and errors.code_of(outcome.content) != _IN_FLIGHT:
        return None
    asked = _retry_after(outcome.headers)
    if asked is None:
        return backoff
    return max(asked, backoff) if asked <= MAX_RETRY_AFTER_SECONDS else None


def _retry_after(headers: dict[str, str]) -> float | None:
    text = headers.get("retry-after", "").strip()
    return float(text) if text.isdigit() else None


def _error(call: Call, outcome: Answer | Failure) -> errors.BillingError:
    if isinstance(outcome, Failure):
        outcome.error.idempotency_key = call.idempotency_key
        return outcome.error
    return errors.of_answer(outcome.status, outcome.headers, outcome.content, idempotency_key=call.idempotency_key)

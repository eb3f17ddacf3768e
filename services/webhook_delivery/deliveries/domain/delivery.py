"""A delivery: one message on its way to one endpoint, and what each outcome of an attempt means for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from services.webhook_delivery.deliveries.domain import retry_schedule

GONE_STATUS = 410
# The receiver is there and asks for less: too many requests, bad gateway, unavailable, gateway time-out.
OVERLOADED = frozenset({429, 502, 503, 504})
OUR_FAULT_DELAY_MS = 30_000


class State(StrEnum):
    """Where a delivery stands; all but pending are ends."""

    PENDING = "pending"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    GONE = "gone"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    HELD = "held"


STATE_CODES: Mapping[State, int] = {state: code for code, state in enumerate(State)}
"""How ends are stored; the numbers never change."""
UNDELIVERED = (State.EXHAUSTED, State.GONE, State.CANCELLED, State.EXPIRED, State.HELD)


class Fault(IntEnum):
    """Why an attempt got no answer."""

    TIMEOUT = 1
    CONNECTION = 2
    TLS = 3
    DNS = 4
    BLOCKED = 5
    PROTOCOL = 6
    OURS = 7


class AttemptKind(IntEnum):
    """Who asked for an attempt."""

    AUTO = 0
    MANUAL = 1
    TEST = 2


class Priority(IntEnum):
    """What a delivery waits for in the queue."""

    FRESH = 0
    RETRY = 1
    BULK = 2


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery to be tried; `attempt_count` attempts have failed, `lease_token` fences what we write."""

    id: UUID
    workspace_id: UUID
    endpoint_id: UUID
    message_id: UUID
    message_created_at: datetime
    attempt_count: int
    kind: AttemptKind
    lease_token: UUID | None
    seq: int = 0
    priority: Priority = Priority.FRESH
    # Its endpoint gets one after the other, in the order of `seq`.
    is_ordered: bool = False
    event_type: str = ""
    traceparent: str | None = None
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class LastAttempt:
    """How the newest attempt went: the receiver's status, or the fault and its reason."""

    at: datetime
    endpoint_id: UUID
    status: int | None
    fault: Fault | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A delivery as it is shown; `next_attempt_at` while it is pending, `finished_at` when it is not.

    `event_type` and `subject` are its message's; unknown once that has outlived its retention.
    """

    id: UUID
    endpoint_id: UUID
    message_id: UUID
    state: State
    attempt_count: int
    next_attempt_at: datetime | None = None
    finished_at: datetime | None = None
    event_type: str | None = None
    subject: str | None = None
    last_attempt: LastAttempt | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came back from one attempt: a status, or the fault that kept it away."""

    status: int | None
    fault: Fault | None
    headers: Mapping[str, str]
    body: bytes
    duration_ms: int
    detail: str | None = None
    # The fault's reason in one word, where the receiver can know it.
    reason: str | None = None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def word(self) -> str:
        """The outcome in one word, for metrics and logs."""
        if self.fault is not None:
            return self.fault.name.lower()
        return "success" if self.is_success else f"{(self.status or 0) // 100}xx"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows: an end, or another attempt after `delay_ms`.

    `pause_ms` is how long the whole endpoint is left alone; at `is_overload` it gets fewer requests at once.
    """

    state: State
    delay_ms: int | None = None
    pause_ms: int | None = None
    is_overload: bool = False
    uses_attempt: bool = True

    @property
    def is_final(self) -> bool:
        return self.state is not State.PENDING


def judge(result: Result, attempt_count: int, now: datetime, below: Callable[[int], int]) -> Verdict:
    """What an attempt's result means; `attempt_count` includes it. See retry_schedule for `below`."""
    if result.fault is Fault.OURS:
        return Verdict(State.PENDING, OUR_FAULT_DELAY_MS, uses_attempt=False)
    if result.is_success:
        return Verdict(State.DELIVERED)
    if result.status == GONE_STATUS:
        return Verdict(State.GONE)
    wait_ms = retry_schedule.retry_after_ms(result.headers.get("retry-after"), now)
    is_overload = result.fault is Fault.TIMEOUT or result.status in OVERLOADED
    pause_ms = wait_ms if result.status in OVERLOADED else None
    delay_ms = retry_schedule.next_delay_ms(attempt_count, below)
    if delay_ms is None:
        return Verdict(State.EXHAUSTED, None, pause_ms, is_overload)
    return Verdict(State.PENDING, max(delay_ms, wait_ms or 0), pause_ms, is_overload)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An attempt with everything that is written of it."""

    delivery: Delivery
    started_at: datetime
    result: Result
    verdict: Verdict
    request_headers: Mapping[str, str]

    @property
    def attempt_number(self) -> int:
        return self.delivery.attempt_count + 1

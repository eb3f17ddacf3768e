"""SQL of attempts: the log of what was sent and what came back, append only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import (
    STATE_CODES,
    AttemptKind,
    Fault,
    LastAttempt,
    Outcome,
    State,
)
from shared.postgres.named import Statement
from shared.postgres.pool import Connection, Row

# Kept of an answer that says nothing new.
SUCCESS_BODY_BYTES = 1024
_INSERT = Statement("""
INSERT INTO attempt (delivery_id, message_id, endpoint_id, workspace_id, n, kind, at, ms, status, error,
                     final, req_headers, resp_headers, resp_body, event_type, reason)
SELECT * FROM unnest(:delivery_id::uuid[], :message_id::uuid[], :endpoint_id::uuid[], :workspace_id::uuid[],
                     :n::smallint[], :kind::smallint[], :at::timestamptz[], :ms::integer[],
                     :status::smallint[], :error::smallint[], :final::smallint[], :req_headers::jsonb[],
                     :resp_headers::jsonb[], :resp_body::bytea[], :event_type::text[], :reason::text[])
""")
_OF_MESSAGE = """
SELECT delivery_id, message_id, endpoint_id, n, kind, at, ms, status, error, final, req_headers, resp_headers,
       resp_body, reason
FROM attempt WHERE workspace_id = $1 AND message_id = $2
  AND ($3::timestamptz IS NULL OR (at, delivery_id) > ($3, $4::uuid))
ORDER BY at, delivery_id LIMIT $5
"""
_OF_DELIVERY = _OF_MESSAGE.replace("message_id = $2", "delivery_id = $2")
_STATES = {code: state for state, code in STATE_CODES.items()}


# One probe each: whoever has been sent to for days has thousands of attempts.
_NEWEST = """
SELECT wanted.id, a.at, a.endpoint_id, a.status, a.error, a.reason
FROM unnest($2::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
    SELECT * FROM attempt
    WHERE {column} = wanted.id AND workspace_id = $1 AND kind <> 2 AND at >= $3
    ORDER BY at DESC LIMIT 1) AS a
"""
# The version that the resource had then is that of the newest of its events that had come by then.
_ABOUT = """
WITH about AS MATERIALIZED (
    SELECT id, created_at, event_type, sequence FROM message
    WHERE workspace_id = $1 AND ordering_key = $2 ORDER BY created_at DESC, id DESC LIMIT $3)
SELECT a.delivery_id, a.message_id, a.endpoint_id, a.n, a.kind, a.at, a.ms, a.status, a.error, a.final,
    a.req_headers, a.resp_headers, a.resp_body, a.reason, about.event_type,
    greatest(about.sequence, (SELECT max(sequence) FROM about WHERE created_at <= a.at)) AS sequence
FROM about CROSS JOIN LATERAL (
    SELECT * FROM attempt
    WHERE message_id = about.id AND workspace_id = $1 AND kind <> 2 AND at >= about.created_at - $5::interval
    ORDER BY at DESC LIMIT $4) AS a
ORDER BY a.at DESC, a.delivery_id LIMIT $4
"""
# The clocks of whoever accepts and whoever sends may differ so much.
_SKEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LoggedAttempt:
    """An attempt as it is read back; `state` is None when the delivery was to be tried again."""

    delivery_id: UUID
    message_id: UUID
    endpoint_id: UUID
    number: int
    kind: AttemptKind
    at: datetime
    duration_ms: int
    status: int | None
    fault: Fault | None
    state: State | None
    request_headers: dict[str, str]
    response_headers: dict[str, str]
    response_body: bytes
    reason: str | None


@dataclass(frozen=True, slots=True)
class AttemptAbout:
    """An attempt to tell an event of a resource, and the place of the resource's newest event by then."""

    attempt: LoggedAttempt
    event_type: str
    sequence: int | None


async def insert(tx: Connection, outcomes: Sequence[Outcome]) -> None:
    """Log attempts."""
    columns = zip(*map(_values, outcomes), strict=True)
    await _INSERT.execute(tx, None, **dict(zip(_INSERT.names, map(list, columns), strict=True)))


async def newest_of_messages(
    tx: Connection, workspace_id: UUID, ids: Collection[UUID], since: datetime
) -> dict[UUID, LastAttempt]:
    """The newest attempt of each of these messages, which were all made since then; some have none."""
    return await _newest(tx, "message_id", workspace_id, ids, since)


async def newest_of_deliveries(
    tx: Connection, workspace_id: UUID, ids: Collection[UUID], since: datetime
) -> dict[UUID, LastAttempt]:
    """The newest attempt of each of these deliveries, whose messages were all made since then."""
    return await _newest(tx, "delivery_id", workspace_id, ids, since)


async def of_message(
    tx: Connection, workspace_id: UUID, message_id: UUID, key: tuple[datetime, UUID] | None, limit: int
) -> list[LoggedAttempt]:
    """The attempts to deliver a message, to all its endpoints, oldest first, behind a time and delivery."""
    rows = await tx.fetch(_OF_MESSAGE, workspace_id, message_id, *(key or (None, None)), limit)
    return [_to_attempt(row) for row in rows]


async def of_delivery(
    tx: Connection, workspace_id: UUID, delivery_id: UUID, key: tuple[datetime, UUID] | None, limit: int
) -> list[LoggedAttempt]:
    """The attempts of one delivery, oldest first, behind a time and delivery."""
    rows = await tx.fetch(_OF_DELIVERY, workspace_id, delivery_id, *(key or (None, None)), limit)
    return [_to_attempt(row) for row in rows]


async def about(
    tx: Connection, workspace_id: UUID, subject: str, message_count: int, limit: int
) -> list[AttemptAbout]:
    """The newest attempts, newest first, to tell the newest messages about a resource."""
    rows = await tx.fetch(_ABOUT, workspace_id, subject, message_count, limit, _SKEW)
    return [AttemptAbout(_to_attempt(row), row["event_type"], row["sequence"]) for row in rows]


async def _newest(
    tx: Connection, column: str, workspace_id: UUID, ids: Collection[UUID], since: datetime
) -> dict[UUID, LastAttempt]:
    rows = await tx.fetch(_NEWEST.format(column=column), workspace_id, list(ids), since - _SKEW)
    return {
        row["id"]: LastAttempt(row["at"], row["endpoint_id"], row["status"], _fault(row), row["reason"])
        for row in rows
    }


def _fault(row: Row) -> Fault | None:
    return Fault(row["error"]) if row["error"] is not None else None


def _values(outcome: Outcome) -> tuple[object, ...]:
    # In the order of the columns of _INSERT.
    delivery, result, verdict = outcome.delivery, outcome.result, outcome.verdict
    return (
        delivery.id,
        delivery.message_id,
        delivery.endpoint_id,
        delivery.workspace_id,
        outcome.attempt_number,
        delivery.kind,
        outcome.started_at,
        result.duration_ms,
        result.status,
        result.fault,
        STATE_CODES[verdict.state] if verdict.is_final else None,
        dict(outcome.request_headers),
        dict(result.headers),
        result.body[:SUCCESS_BODY_BYTES] if result.is_success else result.body,
        delivery.event_type or None,
        result.reason,
    )


def _to_attempt(row: Row) -> LoggedAttempt:
    return LoggedAttempt(
        delivery_id=row["delivery_id"],
        message_id=row["message_id"],
        endpoint_id=row["endpoint_id"],
        number=row["n"],
        kind=AttemptKind(row["kind"]),
        at=row["at"],
        duration_ms=row["ms"],
        status=row["status"],
        fault=_fault(row),
        state=_STATES[row["final"]] if row["final"] is not None else None,
        request_headers=row["req_headers"],
        response_headers=row["resp_headers"],
        response_body=row["resp_body"],
        reason=row["reason"],
    )

"""The outbox: events are rows of the transaction that makes them true: neither exists without the other."""

from collections import Counter
from collections.abc import Iterator, Sequence
from uuid import UUID

from shared.events.event import Event, encode_data
from shared.kernel import context
from shared.postgres.pool import Connection

SHARD_COUNT = 16
"""Fixed by the rows of outbox_lease; a shard is the unit that one relay owns."""
ORDER_KEY = "order_key"
"""Among a row's headers: its key in the journal. It tells the relay alone, and does not go to Kafka."""

_RECORD = """
INSERT INTO outbox (id, aggregatetype, aggregateid, aggregate_seq, type, record_key, payload, headers, shard)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[], $6::uuid[], $7::bytea[],
                     $8::jsonb[], $9::smallint[])
"""

_recorded: set[int] = set()


async def record(tx: Connection, *events: Event) -> None:
    """Write the events, in this order, into the transaction's outbox."""
    if not events:
        return
    await tx.execute(_RECORD, *columns(tx, *events))


def columns(tx: Connection, *events: Event) -> list[list[object]]:
    """The same for a statement that writes state and events at once: its arguments for `unnest`."""
    mark(tx)
    # Events of one change tell the same snapshot: it is written once.
    data: dict[int, bytes] = {id(event.data): b"" for event in events}
    for event in events:
        data[id(event.data)] = data[id(event.data)] or encode_data(event.data)
    rows = [_row(event, data[id(event.data)]) for event in _numbered(events)]
    return [list(column) for column in zip(*rows, strict=True)]


def _numbered(events: Sequence[Event]) -> Iterator[Event]:
    """The events, of which those of one change count their steps."""
    steps: Counter[tuple[UUID, int]] = Counter()
    for event in events:
        change = (event.subject, event.sequence)
        yield event.model_copy(update={"step": steps[change]}) if change in steps else event
        steps[change] += 1


def mark(tx: Connection) -> None:
    """Note that this transaction writes events, so that its commit wakes the relay."""
    _recorded.add(id(tx))


def took_events(tx: Connection) -> bool:
    """Whether this transaction wrote events; asked once, after its commit."""
    if id(tx) in _recorded:
        _recorded.discard(id(tx))
        return True
    return False


def _row(event: Event, data: bytes) -> tuple[object, ...]:
    traceparent = event.traceparent or context.traceparent.get()
    headers = {"ce_workspaceid": str(event.workspace_id), ORDER_KEY: str(event.order_key)}
    if traceparent:
        headers["traceparent"] = traceparent
    return (
        event.id,
        event.type.partition(".")[0],
        event.subject,
        event.sequence,
        event.type,
        event.record_key,
        event.encode(traceparent, data),
        headers,
        # One relay for all events of an object, whatever their keys in the topics of their types.
        event.order_key.int % SHARD_COUNT,
    )

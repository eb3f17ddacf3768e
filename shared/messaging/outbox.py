"""The outbox: events are rows of the transaction that makes them true: neither exists without the other."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from shared.events.event import Event, Snapshot, encode_data
from shared.events.told import Told
from shared.kernel import context
from shared.postgres.pool import Connection

SHARD_COUNT = 16
"""Fixed by the rows of outbox_lease; a shard is the unit that one relay owns."""
ORDER_KEY = "order_key"
"""Among a row's headers: its key in the journal. It tells the relay alone, and does not go to Kafka."""

WRITE = """
INSERT INTO outbox (id, aggregatetype, aggregateid, aggregate_seq, type, record_key, payload, headers, shard)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[], $6::uuid[], $7::bytea[],
                     $8::jsonb[], $9::smallint[])
"""


class Recorded(NamedTuple):
    """An event, and in which trace, by whom and in which request it was recorded."""

    event: Event
    traceparent: str | None
    actor: str | None
    request_id: str | None = None


class Encodings:
    """Snapshots as events carry them, each encoded once: events of one change tell the same snapshot."""

    def __init__(self) -> None:
        # With the snapshot itself, so that no other one can have its identity.
        self._encoded: dict[int, tuple[Snapshot, bytes]] = {}

    def of(self, data: Snapshot) -> bytes:
        """The snapshot's bytes."""
        found = self._encoded.get(id(data))
        if found is None:
            found = self._encoded[id(data)] = (data, encode_data(data))
        return found[1]


def told(recorded: Sequence[Recorded], encodings: Encodings) -> list[Told]:
    """These events with their data."""
    return [
        Told(entry.event, encodings.of(entry.event.data), entry.actor, entry.request_id) for entry in recorded
    ]


def noted(event: Event) -> Recorded:
    """The event with what the context says now: at the commit it may say something else."""
    trace, actor = event.traceparent or context.traceparent.get(), event.actor or context.asking()
    return Recorded(event, trace, actor, context.request_id.get())


async def write(
    tx: Connection, recorded: Sequence[Recorded], told_count: int = 0, encodings: Encodings | None = None
) -> None:
    """Write the events of this transaction, in their order, but for the first so many, which it has."""
    if len(recorded) > told_count:
        await tx.execute(WRITE, *columns_of(recorded, told_count, encodings))


def columns_of(
    recorded: Sequence[Recorded], told_count: int = 0, encodings: Encodings | None = None
) -> list[list[object]]:
    """The same for a statement that writes state and events at once: its arguments for `unnest`."""
    encodings = encodings or Encodings()
    new = list(_number_steps(recorded))[told_count:]
    rows = [_row(entry, encodings.of(entry.event.data)) for entry in new]
    return [list(column) for column in zip(*rows, strict=True)]


def _number_steps(recorded: Sequence[Recorded]) -> Iterator[Recorded]:
    """The events, of which those of one change count their steps."""
    steps: Counter[tuple[UUID, int]] = Counter()
    for entry in recorded:
        change = (entry.event.subject, entry.event.sequence)
        step = steps[change]
        yield entry._replace(event=entry.event.model_copy(update={"step": step})) if step else entry
        steps[change] += 1


def _row(recorded: Recorded, data: bytes) -> tuple[object, ...]:
    event, traceparent, actor, _ = recorded
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
        event.encode(traceparent, data, actor),
        headers,
        # One relay for all events of an object, whatever their keys in the topics of their types.
        event.order_key.int % SHARD_COUNT,
    )

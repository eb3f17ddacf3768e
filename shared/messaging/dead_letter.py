"""The dead-letter topic of a service: what cannot be applied, with the reason and where it came from."""

from collections import deque
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, UUID, uuid5

from aiokafka import ConsumerRecord

from shared.kernel.card_numbers import without_card_numbers
from shared.messaging import outbox
from shared.postgres.pool import Connection

_RECORD = """
INSERT INTO outbox (id, aggregatetype, aggregateid, aggregate_seq, type, record_key, payload, headers, shard)
VALUES ($1, 'dead_letter', $1, 0, $2, $1, $3, $4, $5) ON CONFLICT DO NOTHING
"""


def topic(service: str) -> str:
    """The name of the service's dead-letter topic."""
    return f"{service.replace('_', '-')}.dead-letter"


def record_id(record: "ConsumerRecord[bytes, bytes]") -> UUID:
    """An id for a record that may have none of its own: the same on every redelivery."""
    return uuid5(NAMESPACE_URL, f"kafka:{record.topic}/{record.partition}/{record.offset}")


async def record(
    tx: Connection,
    service: str,
    dead: "ConsumerRecord[bytes, bytes]",
    reason: str,
    error: BaseException,
    attempt_count: int,
    event_id: UUID | None = None,
) -> None:
    """Write the record, as it came but without card numbers, to the outbox for the dead-letter topic.

    `event_id` is that of the event in it, which the inbox must forget before a replay; None for no event.
    """
    identity = record_id(dead)
    headers = {name: _storable(value) for name, value in dead.headers if name != outbox.ORDER_KEY}
    headers |= {
        "dead_letter_reason": reason,
        "dead_letter_error": _storable(f"{type(error).__name__}: {error}"[:1000].encode()),
        "dead_letter_attempts": str(attempt_count),
        "dead_letter_topic": dead.topic,
        "dead_letter_partition": str(dead.partition),
        "dead_letter_offset": str(dead.offset),
        "dead_letter_key": _storable(dead.key),
        "dead_letter_event_id": str(event_id or ""),
    }
    await tx.execute(
        _RECORD, identity, topic(service), _scrubbed(dead.value), headers, identity.int % outbox.SHARD_COUNT
    )
    outbox.mark(tx)


def _storable(value: bytes | None) -> str:
    # Postgres stores no NUL in text or jsonb: a record with one would hold its partition up for ever.
    return without_card_numbers((value or b"").decode("utf-8", "replace").replace("\x00", "\ufffd"))


def _scrubbed(value: bytes | None) -> bytes:
    # Latin-1 gives every byte back as it was, whatever the encoding.
    return without_card_numbers((value or b"").decode("latin-1")).encode("latin-1")


@dataclass(slots=True)
class Guard:
    """Stops a consumer that would otherwise drain everything into the dead-letter topic."""

    window: int
    share_percent: int
    minimum: int = 20
    _outcomes: deque[bool] = field(default_factory=deque)

    def saw(self, good: int, dead: int) -> None:
        """Count the outcomes of a batch."""
        self._outcomes.extend([False] * good + [True] * dead)
        while len(self._outcomes) > self.window:
            self._outcomes.popleft()

    @property
    def has_tripped(self) -> bool:
        """Whether more than the allowed share of the window has failed."""
        dead = sum(self._outcomes)
        return dead >= self.minimum and dead * 100 > self.share_percent * len(self._outcomes)

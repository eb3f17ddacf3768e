"""Dead letters of a service: what cannot be applied, with the reason and where it came from."""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from aiokafka import ConsumerRecord

from shared.kernel.card_numbers import without_card_numbers
from shared.messaging import letters, outbox
from shared.messaging.work import Unit
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


@dataclass(frozen=True, slots=True)
class Death:
    """Why a record is set aside, after how many attempts; `event_id` is None where no event is in it."""

    reason: str
    error: BaseException
    attempt_count: int
    workspace_id: UUID
    event_id: UUID | None = None


async def record(
    unit: Unit,
    service: str,
    dead: "ConsumerRecord[bytes, bytes]",
    death: Death,
) -> None:
    """Keep the record, as it came but without card numbers; a new letter goes to the dead-letter topic too.

    The same event that dies again is one letter.
    """
    letter = _letter(dead, death)
    if not await letters.store(unit.tx, letter):
        return
    headers = letter.headers | {
        "dead_letter_id": str(letter.id),
        "dead_letter_reason": death.reason,
        "dead_letter_error": letter.error,
        "dead_letter_attempts": str(death.attempt_count),
        "dead_letter_topic": dead.topic,
        "dead_letter_partition": str(dead.partition),
        "dead_letter_offset": str(dead.offset),
        "dead_letter_key": _storable(dead.key),
        "dead_letter_event_id": str(death.event_id or ""),
    }
    identity = record_id(dead)
    await unit.tx.execute(
        _RECORD, identity, topic(service), letter.value, headers, identity.int % outbox.SHARD_COUNT
    )
    unit.note_rows()


async def set_aside(
    tx: Connection, aside: "ConsumerRecord[bytes, bytes]", workspace_id: UUID, event_id: UUID
) -> None:
    """Keep a record untried, because its workspace's lane is set aside."""
    why = LaneSetAside("The lane of its workspace is set aside.")
    await letters.store(tx, _letter(aside, Death(letters.UNTRIED, why, 0, workspace_id, event_id)))


class LaneSetAside(Exception):
    """The workspace's events wait until its lane is resumed."""


def _letter(dead: "ConsumerRecord[bytes, bytes]", death: Death) -> letters.NewLetter:
    headers = {name: _storable(value) for name, value in dead.headers if name != outbox.ORDER_KEY}
    return letters.NewLetter(
        id=death.event_id or record_id(dead),
        workspace_id=death.workspace_id,
        type=headers.get("ce_type", dead.topic),
        reason=death.reason,
        error=told(death.error),
        death_count=min(death.attempt_count, 1),
        topic=dead.topic,
        partition=dead.partition,
        offset=dead.offset,
        headers=headers,
        value=_scrub(dead.value),
    )


def told(error: BaseException) -> str:
    """The error in words that can be kept."""
    return _storable(f"{type(error).__name__}: {error}"[:1000].encode(errors="replace"))


def _storable(value: bytes | None) -> str:
    # Postgres stores no NUL in text or jsonb: a record with one would hold its partition up for ever.
    return without_card_numbers((value or b"").decode("utf-8", "replace").replace("\x00", "\ufffd"))


def _scrub(value: bytes | None) -> bytes:
    # Latin-1 gives every byte back as it was, whatever the encoding.
    return without_card_numbers((value or b"").decode("latin-1")).encode("latin-1")

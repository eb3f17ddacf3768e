"""The consumer: each event once, poison aside, and what may pass is waited for."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from shared.events.event import Event
from shared.kernel.errors import Invalid, Unavailable
from shared.kernel.ids import new_id
from shared.messaging.handlers import Handlers
from shared.messaging.settings import KafkaSettings
from shared.postgres.transaction import Database
from shared.testing.eventually import eventually
from tests.integration.shared.consuming import TOPICS, consuming, dead, effects, note
from tests.integration.shared.topic import a_contact_event, headers_of, producing, publish


def reacting(reaction: Any) -> Handlers:
    """Reactions that call `reaction(tx, event)` for every event."""

    async def each(tx: Any, events: Sequence[Event]) -> None:
        for event in events:
            await reaction(tx, event)

    handlers = Handlers()
    for type_ in TOPICS:
        handlers.by_type[type_] = [each]
    return handlers


async def has_effects(admin: Any, *texts: str) -> bool:
    return sorted(await effects(admin)) == sorted(texts)


async def test_an_event_that_comes_again_has_one_effect(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    event, last = a_contact_event(name="once"), a_contact_event(name="last")
    async with producing(kafka.bootstrap_servers) as producer:
        async with consuming(worker, kafka):
            await publish(producer, event, event, event)
            await eventually(lambda: has_effects(admin, "once"))
            await publish(producer, event)

        async with consuming(worker, kafka, from_now=False):
            await publish(producer, event, last)
            await eventually(lambda: has_effects(admin, "once", "last"))


async def test_events_of_one_key_take_effect_in_their_order(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    contact = new_id()
    events = [a_contact_event(contact, version, name=f"{version:02}") for version in range(2, 40)]
    async with (
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, kafka.model_copy(update={"batch_size": 5})),
    ):
        await publish(producer, *events)
        await eventually(lambda: has_effects(admin, *(f"{version:02}" for version in range(2, 40))))

    assert await effects(admin) == [f"{version:02}" for version in range(2, 40)]


async def test_what_was_published_while_nobody_listened_takes_effect_later(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    async with producing(kafka.bootstrap_servers) as producer:
        async with consuming(worker, kafka):
            pass
        await publish(producer, a_contact_event(name="missed"))

        async with consuming(worker, kafka, from_now=False):
            await eventually(lambda: has_effects(admin, "missed"))


async def test_poison_goes_to_the_dead_letters_and_its_partition_goes_on(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    poison = a_contact_event(name="poison")
    attempts: list[str] = []

    async def react(tx: Any, event: Event) -> None:
        attempts.append(event.data.name)
        await note(tx, event)
        if event.data.name == "poison":
            raise Invalid("It cannot be.")

    async with (
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, kafka, reacting(react)),
    ):
        before, after = a_contact_event(name="before"), a_contact_event(name="after")
        await publish(producer, before, poison, after, partition=0)
        await eventually(lambda: has_effects(admin, "before", "after"))
        (letter,) = await eventually(lambda: dead(admin))

    assert attempts.count("poison") >= kafka.poison_attempts
    assert letter["dead_letter_reason"] == "poison"
    assert letter["dead_letter_error"] == "Invalid: It cannot be."
    assert letter["dead_letter_attempts"] == str(kafka.poison_attempts)
    assert (letter["dead_letter_topic"], letter["dead_letter_partition"]) == ("contact.created", "0")
    assert letter["dead_letter_key"] == str(poison.subject)
    assert letter["ce_id"] == str(poison.id)
    assert await admin.fetchval("SELECT payload FROM outbox") == poison.encode()


async def test_poison_of_the_database_is_poison_too(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    await admin.execute("ALTER TABLE effect ADD CONSTRAINT effect_not_poison CHECK (text <> 'poison')")
    async with producing(kafka.bootstrap_servers) as producer, consuming(worker, kafka):
        await publish(producer, a_contact_event(name="poison"), a_contact_event(name="good"))
        await eventually(lambda: has_effects(admin, "good"))
        (letter,) = await eventually(lambda: dead(admin))

    assert "CheckViolationError" in letter["dead_letter_error"]
    assert "effect_not_poison" in letter["dead_letter_error"]


BROKEN: dict[str, tuple[bytes | None, list[tuple[str, bytes | None]]]] = {
    "a tombstone": (None, [("ce_type", b"contact.created")]),
    "nothing at all": (None, []),
    "no JSON": (b"{nonsense", [("ce_type", b"contact.created")]),
    "no event": (b"[1, 2]", []),
    "an unknown type": (b"{}", [("ce_type", b"contact.forgotten")]),
    "a type that is no text": (b"{}", [("ce_type", b"\xff\xfe")]),
    "a null header": (b"{}", [("ce_type", b"contact.created"), ("note", None)]),
    "a binary header": (b"{}", [("ce_type", b"contact.created"), ("note", b"\x00\xff\x00")]),
    "a NUL in the value": (b'{"id": "\x00"}', [("ce_type", b"contact.created")]),
    "an escaped NUL": (b'{"id": "a\\u0000b"}', [("ce_type", b"contact.created")]),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_record_that_is_no_event_goes_to_the_dead_letters_and_the_others_take_effect(
    name: str, worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    value, headers = BROKEN[name]
    async with producing(kafka.bootstrap_servers) as producer, consuming(worker, kafka):
        await publish(producer, a_contact_event(name="before"), partition=1)
        await producer.send_and_wait(
            "contact.created", value, key=b"\x00\xffkey", headers=headers, partition=1
        )
        await publish(producer, a_contact_event(name="after"), partition=1)
        await eventually(lambda: has_effects(admin, "before", "after"))
        (letter,) = await eventually(lambda: dead(admin))

    assert (letter["dead_letter_reason"], letter["dead_letter_attempts"]) == ("undecodable", "1")
    assert await admin.fetchval("SELECT payload FROM outbox") == (value or b"")


async def test_good_events_with_strange_headers_take_effect(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    event = a_contact_event(name="good")
    async with producing(kafka.bootstrap_servers) as producer, consuming(worker, kafka):
        await producer.send_and_wait(
            event.type, event.encode(), headers=[*headers_of(event), ("a", None), ("b", b"\xff\x00")]
        )
        await eventually(lambda: has_effects(admin, "good"))


async def test_an_event_without_headers_is_known_by_its_topic(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    event = a_contact_event(name="bare")
    async with producing(kafka.bootstrap_servers) as producer, consuming(worker, kafka):
        await producer.send_and_wait(event.type, event.encode())
        await eventually(lambda: has_effects(admin, "bare"))


FAILS_TWICE = """
CREATE SEQUENCE try;
GRANT USAGE ON SEQUENCE try TO PUBLIC;
CREATE FUNCTION fail_twice() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    IF nextval('subscription_renewal.try') <= 2 THEN
        RAISE EXCEPTION 'not now' USING ERRCODE = '{sqlstate}';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER fail_twice BEFORE INSERT ON effect FOR EACH ROW EXECUTE FUNCTION fail_twice();
"""


@pytest.mark.parametrize("sqlstate", ["57014", "57P01", "53300", "40001", "40P01", "55P03"])
async def test_a_fault_of_the_database_that_passes_is_waited_for(
    sqlstate: str, worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    await admin.execute(FAILS_TWICE.format(sqlstate=sqlstate))
    async with producing(kafka.bootstrap_servers) as producer, consuming(worker, kafka):
        await publish(producer, a_contact_event(name="late"))
        await eventually(lambda: has_effects(admin, "late"))

    assert await dead(admin) == []


async def test_an_event_whose_connection_is_cut_takes_effect_once_on_another(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    cuts = 0

    async def react(tx: Any, event: Event) -> None:
        nonlocal cuts
        await note(tx, event)
        cuts += 1
        if cuts <= 2:
            await admin.execute("SELECT pg_terminate_backend($1)", tx.get_server_pid())

    async with (
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, kafka, reacting(react)),
    ):
        await publish(producer, a_contact_event(name="whole"))
        await eventually(lambda: has_effects(admin, "whole"))

    assert cuts == 3
    assert await dead(admin) == []


async def test_an_owner_that_does_not_answer_is_waited_for(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    asked = 0

    async def react(tx: Any, event: Event) -> None:
        nonlocal asked
        asked += 1
        if asked <= 2:
            raise Unavailable
        await note(tx, event)

    async with (
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, kafka, reacting(react)),
    ):
        await publish(producer, a_contact_event(name="answered"))
        await eventually(lambda: has_effects(admin, "answered"))

    assert await dead(admin) == []


async def test_a_consumer_that_is_stopped_while_it_waits_leaves_the_batch_for_the_next(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    tried = asyncio.Event()

    async def react(tx: Any, event: Event) -> None:
        tried.set()
        raise Unavailable

    async with producing(kafka.bootstrap_servers) as producer:
        async with asyncio.timeout(30), consuming(worker, kafka, reacting(react)):
            await publish(producer, a_contact_event(name="left"))
            await tried.wait()
            await asyncio.sleep(1)

        assert await effects(admin) == []
        async with consuming(worker, kafka, from_now=False):
            await eventually(lambda: has_effects(admin, "left"))


async def test_a_batch_that_fails_for_too_long_is_read_again(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    calls = 0

    async def react(tx: Any, event: Event) -> None:
        nonlocal calls
        calls += 1
        if calls <= 6:
            raise Unavailable
        await note(tx, event)

    hasty = kafka.model_copy(update={"transient_retry_seconds": 0.5})
    async with (
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, hasty, reacting(react)),
    ):
        await publish(producer, *(a_contact_event(name=f"{number}") for number in range(6)))
        await eventually(lambda: has_effects(admin, *(f"{number}" for number in range(6))), 30)

    assert await dead(admin) == []


async def test_too_many_dead_letters_stop_the_consumer(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    async def react(tx: Any, event: Event) -> None:
        raise Invalid

    quick = kafka.model_copy(update={"poison_attempts": 1, "batch_size": 10})
    async with producing(kafka.bootstrap_servers) as producer:
        async with consuming(worker, quick, reacting(react)) as consumer:
            await publish(producer, *(a_contact_event() for _ in range(100)), partition=0)
            await eventually(lambda: consumer.has_stopped)
            await asyncio.sleep(0.5)
            count = len(await dead(admin))

        assert 20 <= count < 60
        async with consuming(worker, kafka, from_now=False):
            await eventually(lambda: _sum_is(admin, 100), 20)


async def _sum_is(admin: Any, count: int) -> bool:
    return len(await effects(admin)) + len(await dead(admin)) == count

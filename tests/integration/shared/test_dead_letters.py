"""Dead letters: what can never take effect steps aside, and its partition goes on."""

import asyncio
import json
from typing import Any

import pytest

from shared.events.event import Event
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.messaging import dead_letters, letters
from shared.messaging.consumer import Consumer
from shared.messaging.settings import KafkaSettings
from shared.postgres.transaction import Database
from shared.testing.eventually import eventually
from tests.conftest import Databases
from tests.integration.shared.conftest import SERVICE
from tests.integration.shared.consuming import consuming, dead, effects, has_effects, note, reacting
from tests.integration.shared.topic import a_contact_event, headers_of, producing, publish


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
    assert letter["dead_letter_id"] == str(poison.id)


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


async def test_a_lane_in_which_all_fails_is_set_aside_alone_and_resumed_in_order(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    is_mended, bad, good = False, new_id(), new_id()

    async def react(tx: Any, event: Event) -> None:
        if event.workspace_id == bad and not is_mended:
            raise Invalid
        await note(tx, event)

    def to_reply(number: int) -> Event:
        return a_contact_event(name=f"{number:03}", workspace_id=bad)

    quick = kafka.model_copy(update={"poison_attempts": 1, "batch_size": 10})
    async with (
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, quick, reacting(react)) as consumer,
    ):
        await publish(producer, *(to_reply(number) for number in range(40)), partition=0)
        await publish(producer, a_contact_event(name="good", workspace_id=good), partition=0)
        await eventually(lambda: has_effects(admin, "good"))
        assert not consumer.has_stopped
        assert await _waiting(admin) == 40
        (lane,) = await _lanes(worker)
        assert (lane["workspace_id"], lane["set_aside_by"], lane["waiting_count"]) == (bad, "guard", 40)

        is_mended = True
        async with worker.transaction() as tx:
            await letters.resume(tx, bad)
        await publish(producer, to_reply(40), partition=0)
        untried = [f"{number:03}" for number in range(20, 41)]
        await eventually(lambda: _has_ended(worker, consumer), 30)
        await eventually(lambda: has_effects(admin, "good", *untried))
        await publish(producer, to_reply(41), partition=0)
        await eventually(lambda: has_effects(admin, "good", *untried, "041"))

    assert await effects(admin) == ["good", *untried, "041"]
    assert await _lanes(worker) == []
    assert await _waiting(admin) == 20


async def test_a_letter_is_shown_dropped_with_a_reason_and_then_ended(
    worker: Database, databases: Databases, admin: Any, kafka: KafkaSettings
) -> None:
    async def react(tx: Any, event: Event) -> None:
        raise Invalid("It cannot be.")

    poison, dsn = a_contact_event(name="poison"), databases.worker_dsn(SERVICE)
    async with (
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, kafka, reacting(react)) as consumer,
    ):
        await publish(producer, poison)
        await eventually(lambda: dead(admin))

        (listed,) = json.loads(await dead_letters.run([SERVICE, "list"], dsn))
        shown = json.loads(await dead_letters.run([SERVICE, "show", listed["id"]], dsn))
        await dead_letters.run([SERVICE, "replay", listed["id"]], dsn)
        assert await consumer.try_letter()
        dropped = json.loads(
            await dead_letters.run([SERVICE, "drop", listed["id"], "--reason", "made by a test"], dsn)
        )
        assert not await consumer.try_letter()
        with pytest.raises(letters.LetterEnded):
            await dead_letters.run([SERVICE, "replay", listed["id"]], dsn)
        with pytest.raises(NotFound):
            await dead_letters.run([SERVICE, "show", str(new_id())], dsn)

    assert (listed["id"], listed["reason"], listed["death_count"]) == (str(poison.id), "poison", 1)
    assert listed["workspace_id"] == str(poison.workspace_id)
    assert shown["value"] == poison.encode().decode()
    assert (dropped["status"], dropped["ended_reason"], dropped["death_count"]) == (
        "dropped",
        "made by a test",
        2,
    )
    assert json.loads(await dead_letters.run([SERVICE, "list"], dsn)) == []


async def _waiting(admin: Any) -> int:
    return int(await admin.fetchval("SELECT count(*) FROM dead_letter WHERE status = 'waiting'"))


async def _has_ended(worker: Database, consumer: Consumer) -> bool:
    await consumer.try_letter()
    return await _lanes(worker) == []


async def _lanes(worker: Database) -> list[dict[str, Any]]:
    async with worker.transaction() as tx:
        return await letters.lanes(tx)


async def _sum_is(admin: Any, count: int) -> bool:
    return len(await effects(admin)) + len(await dead(admin)) == count

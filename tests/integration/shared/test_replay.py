"""Dead letters go back where they came from, once, and take effect this time."""

import random
from typing import Any

from shared.events.event import Event
from shared.kernel.errors import Invalid
from shared.messaging import dead_letter
from shared.messaging.relay import Relay
from shared.messaging.replay import replay
from shared.messaging.settings import KafkaSettings
from shared.postgres.transaction import Database
from shared.testing.eventually import eventually
from shared.testing.service import skip_to_end
from tests.conftest import Databases
from tests.integration.shared.conftest import SERVICE, in_background
from tests.integration.shared.consuming import GROUP, consuming, effects, has_effects, note, reacting
from tests.integration.shared.topic import a_contact_event, listening, producing, publish

DEAD_TOPIC = dead_letter.topic(SERVICE)


async def test_a_dead_letter_that_is_replayed_takes_effect_once(
    worker: Database, databases: Databases, admin: Any, kafka: KafkaSettings
) -> None:
    is_mended = False

    async def react(tx: Any, event: Event) -> None:
        if event.data.name == "poison" and not is_mended:
            raise Invalid
        await note(tx, event)

    await skip_to_end(kafka.bootstrap_servers, f"{GROUP}-replay", [DEAD_TOPIC])
    relay = Relay(worker, kafka, SERVICE)
    async with (
        listening(kafka.bootstrap_servers, DEAD_TOPIC) as listener,
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, kafka, reacting(react)) as consumer,
        in_background(relay.run, relay.stop),
    ):
        await publish(producer, a_contact_event(name="poison"), a_contact_event(name="good"))
        (letter,) = await listener.read(1)
        is_mended = True

        assert await replay(SERVICE, kafka, databases.worker_dsn(SERVICE), limit=100) == 1
        assert await consumer.try_letter()
        assert not await consumer.try_letter()
        assert await replay(SERVICE, kafka, databases.worker_dsn(SERVICE), limit=100) == 0

    headers = dict(letter.headers)
    assert headers["dead_letter_reason"] == b"poison"
    assert headers["ce_type"] == b"contact.created"
    assert sorted(await effects(admin)) == ["good", "poison"]
    assert await admin.fetchval("SELECT status FROM dead_letter") == "applied"


async def test_letters_that_die_again_stay_the_letters_that_they_are(
    worker: Database, databases: Databases, admin: Any, kafka: KafkaSettings
) -> None:
    async def react(tx: Any, event: Event) -> None:
        raise Invalid("It cannot be.")

    quick = kafka.model_copy(update={"poison_attempts": 1})
    await skip_to_end(kafka.bootstrap_servers, f"{GROUP}-replay", [DEAD_TOPIC])
    relay = Relay(worker, kafka, SERVICE)
    async with (
        listening(kafka.bootstrap_servers, DEAD_TOPIC) as listener,
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, quick, reacting(react)) as consumer,
        in_background(relay.run, relay.stop),
    ):
        await publish(producer, *(a_contact_event() for _ in range(3)))
        await producer.send_and_wait("contact.created", b"{", headers=[("ce_id", b"\xffseven")])
        await listener.read(4)

        first = await replay(SERVICE, kafka, databases.worker_dsn(SERVICE), limit=2)
        while await consumer.try_letter():
            pass
        second = await replay(SERVICE, kafka, databases.worker_dsn(SERVICE), limit=1000)
        while await consumer.try_letter():
            pass
        records = await listener.read_for(1)

    assert (first, second) == (2, 4)
    assert len(records) == 4
    rows = await admin.fetch("SELECT status, death_count FROM dead_letter ORDER BY position")
    assert [tuple(row) for row in rows] == [("waiting", 3)] * 2 + [("waiting", 2)] * 2


async def test_letters_of_releases_that_kept_them_in_their_topic_alone_are_sent_back(
    worker: Database, databases: Databases, admin: Any, kafka: KafkaSettings
) -> None:
    event = a_contact_event(name="old")
    old = {"reason": "poison", "topic": event.type, "key": str(event.subject), "event_id": str(event.id)}
    await skip_to_end(kafka.bootstrap_servers, f"{GROUP}-replay", [DEAD_TOPIC])
    async with producing(kafka.bootstrap_servers) as producer, consuming(worker, kafka):
        headers = [(f"dead_letter_{name}", value.encode()) for name, value in old.items()]
        await producer.send_and_wait(
            DEAD_TOPIC, event.encode(), headers=[("ce_type", event.type.encode()), *headers]
        )

        assert await replay(SERVICE, kafka, databases.worker_dsn(SERVICE), limit=100) == 1
        await eventually(lambda: has_effects(admin, "old"))


async def test_a_dead_letter_of_the_largest_record_still_fits(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    value = random.Random(1).randbytes(kafka.max_message_bytes - 200)
    relay = Relay(worker, kafka, SERVICE)
    async with (
        producing(kafka.bootstrap_servers, max_request_size=kafka.max_message_bytes) as producer,
        listening(kafka.bootstrap_servers, DEAD_TOPIC) as listener,
        consuming(worker, kafka),
        in_background(relay.run, relay.stop),
    ):
        await producer.send_and_wait("contact.created", value)
        (letter,) = await listener.read(1)

    assert letter.value == value

"""Dead letters go back where they came from, once, and take effect this time."""

import asyncio
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
from tests.integration.shared.consuming import GROUP, consuming, dead, effects, has_effects, note, reacting
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
        consuming(worker, kafka, reacting(react)),
        in_background(relay.run, relay.stop),
    ):
        await publish(producer, a_contact_event(name="poison"), a_contact_event(name="good"))
        (letter,) = await listener.read(1)
        is_mended = True

        assert await replay(SERVICE, kafka, databases.worker_dsn(SERVICE), limit=100) == 1
        await eventually(lambda: has_effects(admin, "good", "poison"))
        assert await replay(SERVICE, kafka, databases.worker_dsn(SERVICE), limit=100) == 0

    headers = dict(letter.headers)
    assert headers["dead_letter_reason"] == b"poison"
    assert headers["ce_type"] == b"contact.created"
    assert sorted(await effects(admin)) == ["good", "poison"]


async def test_a_replay_ends_where_the_letters_end_that_were_there_when_it_began(
    worker: Database, databases: Databases, admin: Any, kafka: KafkaSettings
) -> None:
    async def react(tx: Any, event: Event) -> None:
        raise Invalid

    quick = kafka.model_copy(update={"poison_attempts": 1})
    await skip_to_end(kafka.bootstrap_servers, f"{GROUP}-replay", [DEAD_TOPIC])
    relay = Relay(worker, kafka, SERVICE)
    async with (
        listening(kafka.bootstrap_servers, DEAD_TOPIC) as listener,
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, quick, reacting(react)),
        in_background(relay.run, relay.stop),
    ):
        await publish(producer, *(a_contact_event() for _ in range(3)))
        await listener.read(3)

        async with asyncio.timeout(30):
            count = await replay(SERVICE, kafka, databases.worker_dsn(SERVICE), limit=1000)
        records = await listener.read(6)

    assert count == 3
    assert len(records) == 6


async def test_a_replay_takes_no_more_than_its_limit(
    worker: Database, databases: Databases, admin: Any, kafka: KafkaSettings
) -> None:
    async def react(tx: Any, event: Event) -> None:
        raise Invalid

    await skip_to_end(kafka.bootstrap_servers, f"{GROUP}-replay", [DEAD_TOPIC])
    relay = Relay(worker, kafka, SERVICE)
    async with (
        listening(kafka.bootstrap_servers, DEAD_TOPIC) as listener,
        producing(kafka.bootstrap_servers) as producer,
        in_background(relay.run, relay.stop),
    ):
        async with consuming(worker, kafka.model_copy(update={"poison_attempts": 1}), reacting(react)):
            await publish(producer, *(a_contact_event(name=f"{number}") for number in range(5)))
            await listener.read(5)

        first = await replay(SERVICE, kafka, databases.worker_dsn(SERVICE), limit=2)
        second = await replay(SERVICE, kafka, databases.worker_dsn(SERVICE), limit=1000)

    assert (first, second) == (2, 3)
    assert await dead(admin) == []


async def test_a_dead_letter_that_came_without_headers_is_known_by_its_topic_again(
    worker: Database, databases: Databases, admin: Any, kafka: KafkaSettings
) -> None:
    event, is_mended = a_contact_event(name="bare"), False

    async def react(tx: Any, event: Event) -> None:
        if not is_mended:
            raise Invalid
        await note(tx, event)

    await skip_to_end(kafka.bootstrap_servers, f"{GROUP}-replay", [DEAD_TOPIC])
    relay = Relay(worker, kafka, SERVICE)
    async with (
        listening(kafka.bootstrap_servers, DEAD_TOPIC) as listener,
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, kafka, reacting(react)),
        in_background(relay.run, relay.stop),
    ):
        await producer.send_and_wait(event.type, event.encode())
        await listener.read(1)
        is_mended = True

        assert await replay(SERVICE, kafka, databases.worker_dsn(SERVICE), limit=100) == 1
        await eventually(lambda: has_effects(admin, "bare"))


async def test_a_dead_letter_that_calls_itself_anything_holds_no_other_up(
    worker: Database, databases: Databases, admin: Any, kafka: KafkaSettings
) -> None:
    await skip_to_end(kafka.bootstrap_servers, f"{GROUP}-replay", [DEAD_TOPIC])
    relay = Relay(worker, kafka, SERVICE)
    async with (
        listening(kafka.bootstrap_servers, DEAD_TOPIC) as listener,
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, kafka),
        in_background(relay.run, relay.stop),
    ):
        await producer.send_and_wait("contact.created", b"{", headers=[("ce_id", b"\xffseven")])
        await producer.send_and_wait("contact.created", None, key=b"\x00", headers=[("ce_id", b"eight")])
        await listener.read(2)

        assert await replay(SERVICE, kafka, databases.worker_dsn(SERVICE), limit=100) == 2
        await listener.read(4)


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

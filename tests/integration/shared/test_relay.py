"""Outbox → relay → topic: in order, nothing lost, nothing of what was rolled back."""

import asyncio
import contextlib
import json
import random
from collections import defaultdict
from typing import Any
from uuid import UUID

from shared.events.event import Event
from shared.kernel import context
from shared.kernel.ids import new_id
from shared.messaging import outbox
from shared.messaging.lease import Lease
from shared.messaging.relay import Relay
from shared.messaging.settings import KafkaSettings
from shared.messaging.work import begin
from shared.postgres.transaction import Database
from shared.testing.eventually import eventually
from tests.integration.shared.conftest import SERVICE, OpenDatabase, in_background
from tests.integration.shared.topic import a_contact_event, listening

TOPICS = ("contact.created", "contact.updated")


def a_relay(database: Database, kafka: KafkaSettings, **changes: Any) -> Relay:
    relay = Relay(database, kafka.model_copy(update=changes), SERVICE)
    database.after_events.append(relay.notify)
    return relay


async def record(database: Database, *events: Event) -> None:
    async with begin(database) as unit:
        unit.record(*events)


def by_contact(records: list[Any]) -> dict[UUID, list[int]]:
    """The versions of each contact in the order of their first coming."""
    seen: dict[UUID, list[int]] = defaultdict(list)
    for record in sorted(records, key=lambda one: (one.topic, one.partition, one.offset)):
        said = json.loads(record.value)
        if int(said["sequence"]) not in seen[UUID(said["subject"])]:
            seen[UUID(said["subject"])].append(int(said["sequence"]))
    return seen


async def outbox_count(admin: Any) -> int:
    count: int = await admin.fetchval("SELECT count(*) FROM outbox")
    return count


async def test_events_reach_their_topic_in_order_per_key(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    contacts = [new_id() for _ in range(12)]
    async with listening(kafka.bootstrap_servers, *TOPICS) as listener:
        for version in range(2, 22):
            await record(worker, *(a_contact_event(contact, version) for contact in contacts))

        relay = a_relay(worker, kafka, relay_batch_size=37)
        async with in_background(relay.run, relay.stop):
            records = await listener.read(240)
            await eventually(lambda: _is_zero(admin))

    assert len(records) == 240
    seen = by_contact(records)
    assert seen == {contact: list(range(2, 22)) for contact in contacts}


async def _is_zero(admin: Any) -> bool:
    return await outbox_count(admin) == 0


async def test_a_record_says_what_it_is_without_being_read(worker: Database, kafka: KafkaSettings) -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    event = a_contact_event(name="Zoë 🎉")
    context.traceparent.set(trace)
    relay = a_relay(worker, kafka)
    async with (
        listening(kafka.bootstrap_servers, *TOPICS) as listener,
        in_background(relay.run, relay.stop),
    ):
        await record(worker, event)
        (found,) = await listener.read(1)

    assert found.topic == "contact.created"
    assert found.key == str(event.subject).encode()
    assert dict(found.headers) == {
        "ce_id": str(event.id).encode(),
        "ce_type": b"contact.created",
        "ce_workspaceid": str(event.workspace_id).encode(),
        "content-type": b"application/cloudevents+json",
        "in_journal": b"1",
        "traceparent": trace.encode(),
    }
    assert found.value == event.encode(trace)
    context.traceparent.set(None)


async def test_a_transaction_that_is_rolled_back_publishes_nothing(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    kept = a_contact_event()
    relay = a_relay(worker, kafka)
    async with (
        listening(kafka.bootstrap_servers, *TOPICS) as listener,
        in_background(relay.run, relay.stop),
    ):
        with contextlib.suppress(ZeroDivisionError):
            async with begin(worker) as unit:
                unit.record(a_contact_event())
                await unit.flush()
                raise ZeroDivisionError
        await record(worker, kept)
        await listener.read(1)
        records = await listener.read_for(0.5)

    assert [json.loads(one.value)["id"] for one in records] == [str(kept.id)]


async def test_an_event_leaves_right_after_its_commit_and_not_at_the_next_poll(
    worker: Database, kafka: KafkaSettings
) -> None:
    relay = a_relay(worker, kafka, relay_poll_seconds=5.0)
    async with (
        listening(kafka.bootstrap_servers, *TOPICS) as listener,
        in_background(relay.run, relay.stop),
    ):
        await record(worker, a_contact_event())
        await listener.read(1)
        await record(worker, a_contact_event())

        await listener.read(2, timeout_seconds=2)


async def test_a_relay_that_is_killed_again_and_again_loses_nothing_and_keeps_the_order(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    contacts = [new_id() for _ in range(8)]
    chance = random.Random(7)

    async def write() -> None:
        for version in range(2, 42):
            await record(worker, *(a_contact_event(contact, version) for contact in contacts))
            await asyncio.sleep(0.01)

    async with listening(kafka.bootstrap_servers, *TOPICS) as listener:
        writing = asyncio.create_task(write())
        for _ in range(12):
            # A new relay may have the shards at once: the killed one left its lease behind.
            await admin.execute("UPDATE outbox_lease SET expires_at = '-infinity'")
            task = asyncio.create_task(a_relay(worker, kafka, relay_batch_size=20).run())
            await asyncio.sleep(chance.uniform(0.05, 0.3))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await writing
        await admin.execute("UPDATE outbox_lease SET expires_at = '-infinity'")
        relay = a_relay(worker, kafka)
        async with in_background(relay.run, relay.stop):
            await eventually(lambda: _is_zero(admin), 30)
        records = await listener.read(320)

    assert by_contact(records) == {contact: list(range(2, 42)) for contact in contacts}


async def test_a_relay_goes_on_after_its_connections_are_cut(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    relay = a_relay(worker, kafka)
    async with (
        listening(kafka.bootstrap_servers, *TOPICS) as listener,
        in_background(relay.run, relay.stop),
    ):
        await record(worker, a_contact_event())
        await listener.read(1)
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await eventually(lambda: _recorded(worker))

        await listener.read(2)


async def _recorded(worker: Database) -> bool:
    try:
        await record(worker, a_contact_event())
    except Exception as error:
        raise AssertionError from error
    return True


async def test_two_relays_share_the_shards_and_one_takes_over_what_the_other_leaves(
    open_database: OpenDatabase, admin: Any, kafka: KafkaSettings
) -> None:
    async def owners() -> dict[Any, int]:
        rows = await admin.fetch(
            "SELECT owner, count(*) FROM outbox_lease WHERE expires_at > now() GROUP BY owner"
        )
        return {row["owner"]: row["count"] for row in rows}

    first = a_relay(await open_database(), kafka)
    second = a_relay(await open_database(), kafka)
    async with in_background(first.run, first.stop):

        async def first_has_all() -> bool:
            return list((await owners()).values()) == [outbox.SHARD_COUNT]

        await eventually(first_has_all)
        async with in_background(second.run, second.stop):

            async def both_have_half() -> bool:
                return list((await owners()).values()) == [outbox.SHARD_COUNT // 2] * 2

            await eventually(both_have_half, 15)
        await eventually(first_has_all, 15)


async def test_two_relays_publish_every_event_in_order(
    open_database: OpenDatabase, worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    contacts = [new_id() for _ in range(20)]
    first, second = a_relay(await open_database(), kafka), a_relay(await open_database(), kafka)
    async with (
        listening(kafka.bootstrap_servers, *TOPICS) as listener,
        in_background(first.run, first.stop),
        in_background(second.run, second.stop),
    ):
        for version in range(2, 32):
            await record(worker, *(a_contact_event(contact, version) for contact in contacts))
            await asyncio.sleep(0.05)
        records = await listener.read(600)
        await eventually(lambda: _is_zero(admin))

    assert by_contact(records) == {contact: list(range(2, 32)) for contact in contacts}


async def _let_run_out(admin: Any) -> None:
    await admin.execute("UPDATE outbox_lease SET expires_at = '-infinity'")
    await admin.execute("DELETE FROM outbox_relay")


async def test_a_relay_whose_lease_was_taken_deletes_nothing(
    open_database: OpenDatabase, worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    stale, other = a_relay(worker, kafka), Lease(await open_database(), 60)
    await record(worker, a_contact_event(), a_contact_event())
    await stale._lease.keep()
    positions = await admin.fetch("SELECT position FROM outbox")
    rows = [{"position": row["position"], "headers": {}} for row in positions]

    await _let_run_out(admin)
    await other.keep()
    await stale._delete(rows)

    assert await outbox_count(admin) == 2


async def test_a_relay_that_lost_and_won_its_lease_again_is_fenced_by_the_epoch(
    open_database: OpenDatabase, worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    stale, other = a_relay(worker, kafka), Lease(await open_database(), 60)
    await record(worker, a_contact_event())
    await stale._lease.keep()
    positions = await admin.fetch("SELECT position FROM outbox")
    rows = [{"position": row["position"], "headers": {}} for row in positions]

    await _let_run_out(admin)
    await other.keep()
    await admin.execute("UPDATE outbox_lease SET owner = $1", stale._lease.owner)
    await stale._delete(rows)

    assert await outbox_count(admin) == 1


async def test_a_lease_holds_less_long_than_postgres_thinks(worker: Database) -> None:
    lease = Lease(worker, 0.2)
    await lease.keep()
    assert lease.is_held

    await asyncio.sleep(0.17)

    assert not lease.is_held

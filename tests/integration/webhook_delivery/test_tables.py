"""What the tables and their rights hold by themselves."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.webhook_delivery.deliveries.operations.handoff import Handoff
from services.webhook_delivery.endpoints.operations.subscriber_cache import SubscriberCache
from services.webhook_delivery.events.domain import FeedFilter
from services.webhook_delivery.events.operations import read_piece
from services.webhook_delivery.message_store import domain as message_rules
from services.webhook_delivery.message_store import repository as messages
from services.webhook_delivery.message_store.domain import Message
from services.webhook_delivery.messages.operations import accept_messages
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id
from shared.messaging.consumer import is_poison
from shared.messaging.work import begin
from shared.postgres.pool import PoolLimits, create_pool
from shared.postgres.transaction import Database

SERVICE = "webhook_delivery"
PARTITIONED = ("message", "delivery_failed", "attempt")


@pytest.fixture
async def worker(databases: Any) -> Any:
    """The worker role's connection."""
    connection = await asyncpg.connect(databases.worker_dsn(SERVICE))
    yield connection
    await connection.close()


@pytest.fixture
async def api(databases: Any) -> Any:
    """The api role's connection."""
    connection = await asyncpg.connect(databases.api_dsn(SERVICE))
    yield connection
    await connection.close()


@pytest.mark.parametrize("table", PARTITIONED)
async def test_there_are_partitions_from_yesterday_to_seven_days_ahead_and_no_default(
    worker: Any, table: str
) -> None:
    bounds = await worker.fetch(
        """
        SELECT pg_get_expr(c.relpartbound, c.oid) AS bound
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = $1::regclass ORDER BY c.relname
        """,
        table,
    )

    texts = [row["bound"] for row in bounds]
    assert len(texts) >= 9
    assert "DEFAULT" not in texts
    today = datetime.now(UTC).date()
    for days in range(-1, 8):
        assert any(f"FROM ('{today + timedelta(days=days)} 00:00:00+00')" in text for text in texts)


async def test_the_worker_makes_partitions_by_number_alone(worker: Any, api: Any) -> None:
    assert await worker.fetchval("SELECT make_partitions(10)") == 10
    assert await worker.fetchval("SELECT make_partitions(10)") == 10

    for wrong in ("-1", "61", "NULL"):
        with pytest.raises(asyncpg.InvalidParameterValueError):
            await worker.execute(f"SELECT make_partitions({wrong})")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await worker.execute("CREATE TABLE webhook_delivery.mine (x int)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await api.execute("SELECT make_partitions(7)")


async def test_two_makers_of_partitions_do_not_get_in_each_others_way(databases: Any) -> None:
    connections = [await asyncpg.connect(databases.worker_dsn(SERVICE)) for _ in range(3)]

    made = await asyncio.gather(*(one.fetchval("SELECT make_partitions(20)") for one in connections))

    assert made == [20, 20, 20]
    for connection in connections:
        await connection.close()


async def test_a_partition_opens_to_nobody_but_through_its_parent(worker: Any, api: Any) -> None:
    partition = f"message_{datetime.now(UTC):%Y%m%d}"

    for connection in (worker, api):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(f"SELECT * FROM {partition}")
        assert await connection.fetch("SELECT * FROM message") == []


async def test_a_missing_partition_is_no_fault_of_the_event(databases: Any) -> None:
    pool = await create_pool(databases.worker_dsn(SERVICE), SERVICE, PoolLimits())
    late = message_rules.new_message(new_id(), "order.packed", {}, datetime.now(UTC))
    day = datetime(2020, 1, 1, tzinfo=UTC)
    in_2020 = replace(late, id=UUID(int=(int(day.timestamp() * 1000) << 80) + 7), created_at=day)

    with pytest.raises(Unavailable) as caught:
        async with Database(pool).transaction() as tx:
            await messages.store(tx, [in_2020])

    assert not is_poison(caught.value)
    await pool.close()


async def test_places_in_the_feed_follow_the_order_in_which_messages_were_given(databases: Any) -> None:
    pool = await create_pool(databases.worker_dsn(SERVICE), SERVICE, PoolLimits())
    one, other = new_id(), new_id()

    def made(workspace_id: UUID, event_id: str) -> Message:
        return message_rules.new_message(workspace_id, "a", {}, datetime.now(UTC), event_id=event_id)

    first = [made(one, "z"), made(other, "1"), made(one, "a"), made(one, "z")]
    second = [made(one, "b"), made(one, "a"), made(other, "1"), made(one, "c")]
    async with Database(pool).transaction() as tx:
        earlier = await messages.store(tx, first)
        later = await messages.store(tx, second)

    assert {id_: place.position for id_, place in earlier.items()} == {
        first[0].id: 1,
        first[1].id: 1,
        first[2].id: 2,
    }
    assert {id_: place.position for id_, place in later.items()} == {second[0].id: 3, second[3].id: 4}
    await pool.close()


async def test_places_in_the_feed_become_visible_in_their_order(databases: Any) -> None:
    pool = await create_pool(databases.worker_dsn(SERVICE), SERVICE, PoolLimits())
    database, workspace_id, subscribers = Database(pool), new_id(), SubscriberCache(10)
    seen: list[int] = []
    is_over = asyncio.Event()

    async def publish(number: int) -> None:
        for step in range(10):
            message = message_rules.new_message(
                workspace_id, "a", {}, datetime.now(UTC), event_id=f"{number}-{step}"
            )
            async with begin(database) as unit:
                await accept_messages(unit, [message], subscribers, Handoff())
                await asyncio.sleep(0.001 * (number % 3))

    async def follow() -> None:
        while not is_over.is_set() or len(seen) < 80:
            async with database.transaction() as tx:
                piece = await read_piece(tx, workspace_id, seen[-1] if seen else 0, 7, FeedFilter())
            seen.extend(entry.position for entry in piece.entries)
            await asyncio.sleep(0)

    following = asyncio.create_task(follow())
    await asyncio.gather(*(publish(number) for number in range(8)))
    is_over.set()
    async with asyncio.timeout(10):
        await following

    assert seen == list(range(1, 81))
    await pool.close()


async def test_an_outlived_partition_is_dropped_and_no_other(databases: Any, worker: Any, api: Any) -> None:
    admin = await asyncpg.connect(databases.admin_dsn)
    await admin.execute(
        """
        SET search_path = webhook_delivery;
        CREATE TABLE message_20200101 PARTITION OF message FOR VALUES FROM ('2020-01-01') TO ('2020-01-02');
        CREATE TABLE message_20200102 PARTITION OF message FOR VALUES FROM ('2020-01-02') TO ('2020-01-03');
        ALTER TABLE message_20200101 OWNER TO webhook_delivery_owner;
        ALTER TABLE message_20200102 OWNER TO webhook_delivery_owner
        """
    )
    await admin.close()

    dropped = [await worker.fetchval("SELECT drop_partition('message', 30)") for _ in range(3)]

    assert dropped == ["message_20200101", "message_20200102", None]
    for wrong in ("'message', 6", "'message', NULL", "'endpoint', 30", "NULL, 30"):
        with pytest.raises(asyncpg.InvalidParameterValueError):
            await worker.execute(f"SELECT drop_partition({wrong})")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await api.execute("SELECT drop_partition('message', 30)")


async def test_the_api_cannot_see_who_works_on_what(api: Any) -> None:
    for table in ("shard_lease", "shard_worker"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await api.fetch(f"SELECT * FROM {table}")

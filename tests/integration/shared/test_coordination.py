"""What shared/messaging/coordination.py needs of aiokafka, seen on the release that is installed."""

import asyncio
from importlib.metadata import version
from typing import Any

from shared.messaging.broker import TopicSubscriber
from shared.messaging.consumer import Consumer
from shared.messaging.settings import KafkaSettings
from shared.postgres.transaction import Database
from shared.testing.eventually import eventually
from tests.integration.shared.conftest import SERVICE
from tests.integration.shared.consuming import TOPICS, note, reacting


async def test_a_subscriber_is_alive_as_long_as_its_tasks_run(worker: Database, kafka: KafkaSettings) -> None:
    subscriber = TopicSubscriber(SERVICE, TOPICS, Consumer(SERVICE, worker, reacting(note), kafka), kafka)
    seen = [subscriber.is_alive]
    await subscriber.start()
    try:
        await eventually(lambda: subscriber.partition_count > 0, 30)
        seen.append(subscriber.is_alive)
        [task] = [task for task in asyncio.all_tasks() if _is_coordination(task)]
        task.cancel()
        await asyncio.wait([task])
        seen.append(subscriber.is_alive)
    finally:
        # aiokafka waits for its task when it leaves the group; that one was ended by us.
        stopping = asyncio.create_task(subscriber.stop())
        await asyncio.wait([stopping], timeout=30)

    assert seen == [False, True, False], f"look at coordination.py: aiokafka is {version('aiokafka')} now"


def _is_coordination(task: asyncio.Task[Any]) -> bool:
    return "GroupCoordinator._coordination_routine" in getattr(task.get_coro(), "__qualname__", "")

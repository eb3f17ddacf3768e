"""What aiokafka tells, and lets be set, in no public way; `test_coordination.py` holds it is there."""

from aiokafka import AIOKafkaConsumer


def is_running(consumer: AIOKafkaConsumer) -> bool:
    """Whether aiokafka's task that keeps the consumer in its group still runs.

    Where it died, `getmany` raises its error for ever, and whoever reads tries again for ever: only a new
    process helps. Needs `AIOKafkaConsumer._coordinator` (None until started) and its `_coordination_task`.
    """
    coordinator = consumer._coordinator
    return coordinator is None or not coordinator._coordination_task.done()


def set_fetch_wait(consumer: AIOKafkaConsumer, milliseconds: int) -> None:
    """For how long Kafka keeps the next fetches while there is nothing: `AIOKafkaConsumer._fetcher`'s own."""
    consumer._fetcher._fetch_max_wait_ms = milliseconds

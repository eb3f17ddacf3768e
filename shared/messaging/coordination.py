"""The one thing that aiokafka tells in no public way; `test_coordination.py` holds that it is still there."""

from aiokafka import AIOKafkaConsumer


def is_running(consumer: AIOKafkaConsumer) -> bool:
    """Whether aiokafka's task that keeps the consumer in its group still runs.

    Where it died, `getmany` raises its error for ever, and whoever reads tries again for ever: only a new
    process helps. Needs `AIOKafkaConsumer._coordinator` (None until started) and its `_coordination_task`.
    """
    coordinator = consumer._coordinator
    return coordinator is None or not coordinator._coordination_task.done()

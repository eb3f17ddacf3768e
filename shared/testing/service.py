"""Runs a service inside the test's own process: real HTTP on a free port, real pools, real Kafka."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from aiokafka import AIOKafkaConsumer, TopicPartition
from fastapi import FastAPI

from shared.http.internal_auth import InternalTokens, Principal
from shared.runtime.service import Parts
from shared.testing.eventually import eventually
from shared.testing.server import serving


@dataclass(slots=True)
class RunningService:
    """A service that answers at `url`."""

    url: str
    app: FastAPI
    tokens: InternalTokens

    @property
    def parts(self) -> Parts:
        """Its databases, relay, consumer and workers."""
        parts: Parts = self.app.state.parts
        return parts

    def client(self, principal: Principal | None = None, **headers: str) -> httpx.AsyncClient:
        """A client that speaks for the principal, or for nobody."""
        if principal:
            headers["authorization"] = f"Bearer {self.tokens.sign(principal)}"
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30)


@contextlib.asynccontextmanager
async def running(app: FastAPI, tokens: InternalTokens) -> AsyncIterator[RunningService]:
    """Serve the app until the end of the block; with a consumer, once it has its partitions."""
    config = uvicorn.Config(
        app, http="httptools", access_log=False, log_config=None, lifespan="on", proxy_headers=False
    )
    async with serving(config) as url:
        service = RunningService(url, app, tokens)
        subscription = service.parts.subscription
        if subscription:
            await eventually(lambda: subscription.partition_count > 0, timeout_seconds=30)
        yield service


async def skip_to_end(bootstrap_servers: str, group: str, topics: list[str]) -> None:
    """Let the group begin after everything that is in the topics now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [
            TopicPartition(topic, number)
            for topic in topics
            for number in consumer.partitions_for_topic(topic) or await _partitions(consumer, topic)
        ]
        consumer.assign(partitions)
        ends: dict[Any, int] = await consumer.end_offsets(partitions)
        await consumer.commit(ends)
    finally:
        await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    await consumer._client.force_metadata_update()
    consumer._client.add_topic(topic)
    await consumer._client.force_metadata_update()
    return consumer.partitions_for_topic(topic) or set()

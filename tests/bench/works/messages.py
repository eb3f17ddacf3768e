"""Messages, over HTTP or by Kafka, until a sink has them: how fast, how soon, and beside one that hangs."""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from shared.events.registry import JOURNAL
from shared.kernel.ids import new_id
from tests.bench import load
from tests.bench.platform import Workspace
from tests.bench.program import BODY_BYTES, Program
from tests.bench.work import Done, Goal, Prepare, Round, Scene, Work

OURS = Path(__file__).parents[1] / "programs" / "ours.toml"
TYPE = "quote.updated"
TEMPLATE = Path(__file__).parents[2] / "contract" / "corpus" / f"{TYPE}.v1.json"
PER_SECOND = 200
ENDPOINTS = 100
ARRIVE_SECONDS, POLL_SECONDS = 60, 0.25


async def program_of(workspace: Workspace, sink_url: str) -> Program:
    """Our own API as any other program's."""
    platform = workspace.platform
    program = Program.read(OURS, {"API": platform.facts["gateway_url"], "API_KEY": workspace.key})
    await program.set_up(sink_url)
    return program


async def by_http(scene: Scene) -> Round:
    """1 KB each, 16 clients, one endpoint."""
    program = await program_of(await scene.platform.new_workspace(), scene.sink_url)
    requests = program.messages(f"h{time.time_ns()}")

    async def publish(count: int) -> Done:
        result = await load.run(requests, program.url, clients=16, count=count)
        return Done(len(result.latencies), result.failures)

    return publish


async def steadily_by_http(scene: Scene) -> Round:
    """200 a second, from sending the request until it arrives at the sink."""
    program = await program_of(await scene.platform.new_workspace(), scene.sink_url)

    async def publish(count: int) -> Done:
        return await steadily(scene, [program], count)

    return publish


async def steadily(
    scene: Scene, programs: list[Program], count: int, withheld: Callable[[int], int] = lambda count: 0
) -> Done:
    """Messages at a steady rate, one program after another; how soon those arrive that are to arrive."""
    await arrivals(scene)
    run, sent = f"s{time.time_ns()}", dict[str, float]()
    many = [program.messages(f"{run}-{place}") for place, program in enumerate(programs)]
    requests = (next(messages) for messages in itertools.cycle(many))

    def heard(number: int, sent_at: float, _: bytes) -> None:
        sent[f"{run}-{number % len(many)}-{number // len(many)}"] = sent_at

    result = await load.run(
        requests, programs[0].url, clients=64, count=count, per_second=PER_SECOND, heard=heard
    )
    expected = len(result.latencies) - withheld(len(result.latencies))
    arrived = await arrivals(scene, expected)
    return Done(len(result.latencies), result.failures, _latency(sent, arrived, expected))


def hanging(*, hangs: bool) -> Prepare:
    """100 endpoints of as many workspaces, 200 messages a second together; one of them hangs, or none."""

    async def prepare(scene: Scene) -> Round:
        programs = []
        for place in range(ENDPOINTS):
            workspace = await scene.platform.new_workspace()
            path = "/hang" if hangs and place == 0 else ""
            programs.append(await program_of(workspace, scene.sink_url + path))

        async def publish(count: int) -> Done:
            return await steadily(scene, programs, count, lambda sent: -(-sent // ENDPOINTS) if hangs else 0)

        return publish

    return prepare


async def by_kafka(scene: Scene) -> Round:
    """Events of 1 KB in the journal, as fast as Kafka takes them."""
    workspace = await scene.platform.new_workspace(scene.sink_url)

    async def publish(count: int) -> Done:
        async with _producer(scene) as producer:
            sends = [await _produce(producer, *record) for record in _events(workspace, "k", count)]
            await asyncio.gather(*sends)
        return Done(count)

    return publish


async def steadily_by_kafka(scene: Scene) -> Round:
    """200 a second, from handing it to Kafka's client until it arrives at the sink."""
    workspace = await scene.platform.new_workspace(scene.sink_url)

    async def publish(count: int) -> Done:
        await arrivals(scene)
        run, sent, started = f"t{time.time_ns()}", dict[str, float](), time.perf_counter()
        async with _producer(scene, linger_ms=0) as producer:
            for number, record in enumerate(_events(workspace, run, count)):
                await asyncio.sleep(max(0.0, started + number / PER_SECOND - time.perf_counter()))
                sent[f"{run}-{number}"] = time.time()
                await _produce(producer, *record)
        return Done(count, figures=_latency(sent, await arrivals(scene, count), count))

    return publish


async def arrivals(scene: Scene, count: int = 0) -> dict[str, float]:
    """What has arrived since this was asked last, once there are so many or nothing comes any more."""
    found: dict[str, float] = {}
    deadline = time.monotonic() + ARRIVE_SECONDS
    while True:
        async with scene.platform.session.get(f"{scene.sink_url}/arrivals") as reply:
            found |= json.loads(await reply.read())
        if len(found) >= count or time.monotonic() > deadline:
            return found
        await asyncio.sleep(POLL_SECONDS)


def _latency(sent: dict[str, float], arrived: dict[str, float], expected: int) -> dict[str, float]:
    seconds = [max(0.0, arrived[unit] - at) for unit, at in sent.items() if unit in arrived]
    return {
        "p50_ms": load.quantile_ms(seconds, 0.5),
        "p99_ms": load.quantile_ms(seconds, 0.99),
        "missing": expected - len(seconds),
    }


@contextlib.asynccontextmanager
async def _producer(scene: Scene, linger_ms: int = 5) -> AsyncIterator[AIOKafkaProducer]:
    servers = scene.platform.facts["kafka_bootstrap_servers"]
    producer = AIOKafkaProducer(bootstrap_servers=servers, linger_ms=linger_ms, acks="all")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def _produce(
    producer: AIOKafkaProducer, key: bytes, value: bytes, headers: list[tuple[str, bytes]]
) -> Any:
    return await producer.send(JOURNAL, value, key=key, headers=headers)


def _events(
    workspace: Workspace, run: str, count: int
) -> Iterator[tuple[bytes, bytes, list[tuple[str, bytes]]]]:
    """Records as a relay writes them: key, value and headers."""
    event = json.loads(TEMPLATE.read_text())
    event["data"] |= {"lines": [], "tax_breakdown": [], "notes": ""}
    event["data"]["notes"] = "x" * max(0, BODY_BYTES - len(json.dumps(event["data"])))
    for number in range(count):
        id_, subject = str(new_id()), str(new_id())
        event |= {"id": id_, "workspaceid": workspace.id, "subject": subject}
        event["data"] |= {"id": subject, "unit": f"{run}-{number}"}
        headers = {"ce_id": id_, "ce_type": TYPE, "ce_workspaceid": workspace.id}
        value = json.dumps(event, separators=(",", ":")).encode()
        yield subject.encode(), value, [(name, text.encode()) for name, text in headers.items()]


WORKS = (
    Work(
        "messages",
        "POST /v1/messages, 1 KB, one endpoint, 16 clients",
        "message",
        by_http,
        count=4_000,
        warm_up=1_500,
        goals=(Goal("cpu_ms", 0.9), Goal("per_second", 1_800, is_least=True)),
    ),
    Work(
        "messages_latency",
        "send → arrival at a steady 200/s, over HTTP",
        "message",
        steadily_by_http,
        count=3_000,
        warm_up=600,
        goals=(Goal("p50_ms", 2.5), Goal("p99_ms", 8)),
    ),
    Work(
        "kafka_latency",
        "send → arrival at a steady 200/s, by Kafka",
        "message",
        steadily_by_kafka,
        count=3_000,
        warm_up=600,
        goals=(Goal("p50_ms", 15), Goal("p99_ms", 40)),
    ),
    Work(
        "kafka_messages",
        "messages by Kafka, 1 KB, one endpoint",
        "message",
        by_kafka,
        count=15_000,
        warm_up=5_000,
        goals=(Goal("cpu_ms", 0.2), Goal("per_second", 5_000, is_least=True)),
    ),
    Work(
        "hundred_endpoints",
        "200/s to 100 endpoints",
        "message",
        hanging(hangs=False),
        count=3_000,
        warm_up=600,
    ),
    Work(
        "one_hangs",
        "the same while one of them hangs for 15 s: the other 99",
        "message",
        hanging(hangs=True),
        count=3_000,
        warm_up=600,
    ),
)

"""Another program that takes messages, measured as ours are: its address is enough."""

import asyncio
import os
import time
from pathlib import Path

import aiohttp

from tests.bench import load, measuring, processes, sink
from tests.bench.program import Program

CLIENTS, ROUNDS, PER_SECOND = 16, 3, 200
MOST_SECONDS, ARRIVE_SECONDS, POLL_SECONDS, IDLE_SECONDS = 120, 120, 0.1, 15


async def measure(path: Path, count: int) -> int:
    """Print what it does; 0."""
    program = Program.read(path)
    with sink.running(program.arrives) as sink_url:
        await program.set_up(sink_url)
        await _send(program, sink_url, min(count, 1_000))
        idle = await _idle(program)
        rounds = [await _send(program, sink_url, count, idle=idle) for _ in range(ROUNDS)]
        steady = [await _send(program, sink_url, PER_SECOND * 15, PER_SECOND) for _ in range(ROUNDS)]
    print(f"\n{program.name}: {count:,} messages of 1 KB, {CLIENTS} clients, medians of {ROUNDS}")
    for rows in (rounds, steady):
        print("  " + ", ".join(f"{name} {value:,.2f}" for name, value in measuring.medians(rows).items()))
    load_average = os.getloadavg()[0]
    print(f"  at rest {sum(idle.values()):.3f} cores; load average {load_average:.1f}")
    return 0


async def _send(
    program: Program,
    sink_url: str,
    count: int,
    per_second: float | None = None,
    idle: dict[str, float] | None = None,
) -> dict[str, float]:
    """Send so many and wait until they have arrived."""
    run, sent = f"p{time.time_ns()}", dict[str, float]()

    def heard(number: int, sent_at: float, _: bytes) -> None:
        sent[f"{run}-{number}"] = sent_at

    before, began = _cpu(program), time.time()
    result = await load.run(
        program.messages(run),
        program.url,
        clients=64 if per_second else CLIENTS,
        count=count,
        seconds=MOST_SECONDS,
        per_second=per_second,
        heard=heard,
    )
    arrived = await _arrivals(sink_url, len(sent))
    spent = {name: value - before[name] for name, value in _cpu(program).items()}
    seconds = [max(0.0, arrived[unit] - at) for unit, at in sent.items() if unit in arrived]
    passed, units = max(arrived.values(), default=time.time()) - began, max(len(seconds), 1)
    figures = {"p50_ms": load.quantile_ms(seconds, 0.5), "p99_ms": load.quantile_ms(seconds, 0.99)}
    gross = sum(spent.values())
    return figures | {
        "per_second": len(seconds) / passed,
        "cpu_ms": 1000 * gross / units,
        "net_cpu_ms": 1000 * (gross - sum((idle or {}).values()) * (time.time() - began)) / units,
        "missing": len(sent) - len(seconds),
        "failed": len(result.failures),
    }


async def _arrivals(sink_url: str, count: int) -> dict[str, float]:
    arrived: dict[str, float] = {}
    deadline = time.monotonic() + ARRIVE_SECONDS
    async with aiohttp.ClientSession() as session:
        while len(arrived) < count and time.monotonic() < deadline:
            await asyncio.sleep(POLL_SECONDS)
            async with session.get(f"{sink_url}/arrivals") as reply:
                found: dict[str, float] = await reply.json(content_type=None)
            arrived |= found
    return arrived


async def _idle(program: Program) -> dict[str, float]:
    await asyncio.sleep(IDLE_SECONDS / 3)
    before, started = _cpu(program), time.perf_counter()
    await asyncio.sleep(IDLE_SECONDS)
    passed = time.perf_counter() - started
    return {name: (value - before[name]) / passed for name, value in _cpu(program).items()}


def _cpu(program: Program) -> dict[str, float]:
    return processes.cpu_seconds(program.pids())

"""What the platform costs while nobody asks for anything: processor time, and memory."""

import asyncio
import os
import time
from typing import Any

from tests.bench import processes
from tests.bench.work import Goal, Scene

SECONDS, SHORT_SECONDS = 60, 15
# After the start, and after work: connections are opened and closed, partitions are handed out.
CALM_SECONDS = 15
GOALS = (Goal("cpu_s_per_minute", 2.0), Goal("pss_mib", 550))


async def rest(scene: Scene, seconds: float) -> dict[str, float]:
    """Cores by process while nothing happens."""
    await scene.platform.settled(scene.sink_url)
    await asyncio.sleep(CALM_SECONDS)
    before, started = scene.platform.cpu_seconds(), time.perf_counter()
    await asyncio.sleep(seconds)
    after, passed = scene.platform.cpu_seconds(), time.perf_counter() - started
    return {name: (after[name] - before.get(name, 0.0)) / passed for name in after}


def report(scene: Scene, cores: dict[str, float], seconds: float) -> dict[str, Any]:
    """What the JSON file says of a platform at rest; a process's part is given a minute, and in MiB."""
    memory = processes.memory_mib(scene.platform.pids)
    return {
        "title": f"at rest, {seconds:.0f} s",
        "unit": "minute",
        "median": {
            "cpu_s_per_minute": round(60 * sum(cores.values()), 3),
            "pss_mib": round(sum(memory.values()), 1),
        },
        "processes": {name: round(60 * value, 3) for name, value in cores.items()},
        "memory": {name: round(value, 1) for name, value in memory.items()},
        "load_average": os.getloadavg()[0],
    }

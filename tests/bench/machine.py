"""On what it was measured: the machine, what else it does, and how fast it is right now."""

import os
import platform
import statistics
import subprocess
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import Any

LOOPS, ROUNDS, SYNCS = 300_000, 5, 50


def facts() -> dict[str, Any]:
    """What stays the same from run to run on one machine."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "python_is_optimised": "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or ""),
    }


def speed() -> dict[str, float]:
    """How fast it is now: CPU milliseconds of a loop of Python, milliseconds until 8 KB are on its disk."""
    return {"python_loop_ms": round(_loop_ms(), 2), "flush_ms": round(_flush_ms(), 2)}


def commit(checkout: Path) -> str:
    """Which state of the repository a checkout is; `+` behind it where files differ."""
    try:
        named = subprocess.run(
            ["git", "describe", "--always", "--dirty=+"],
            cwd=checkout,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return named.stdout.strip()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _loop_ms() -> float:
    taken = []
    for _ in range(ROUNDS):
        started, table = time.process_time(), {}
        for number in range(LOOPS):
            table[number & 1023] = str(number)
        taken.append(1000 * (time.process_time() - started))
    return statistics.median(taken)


def _flush_ms() -> float:
    taken, page = [], b"x" * 8192
    with tempfile.TemporaryFile() as file:
        for _ in range(SYNCS):
            started = time.perf_counter()
            file.write(page)
            file.flush()
            os.fdatasync(file.fileno())
            taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)

"""How long `make run` takes to the first line of its story, and what the whole of it costs."""

import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from deploy.local.paths import REPOSITORY
from deploy.local.state import temporary_state
from tests.bench.work import Goal

GOALS = (Goal("first_line_s", 8.0),)
_FIRST_LINE = re.compile(r"^\s+1  \w")


def report(rounds: int, repository: Path = REPOSITORY) -> dict[str, Any]:
    """Once in an empty folder, then warm: in the folder that is there by then."""
    with temporary_state() as state:
        cold = _run(state, repository)
        warm = [_run(state, repository) for _ in range(rounds)]
    return {
        "title": "make run, warm: until the first line of its story",
        "unit": "start",
        "median": {name: round(statistics.median(run[name] for run in warm), 2) for name in warm[0]}
        | {"cold_first_line_s": round(cold["first_line_s"], 2)},
        "rounds": warm,
        "load_average": os.getloadavg()[0],
    }


def _run(state: Path, repository: Path) -> dict[str, float]:
    """Seconds until the first line and to the end, and the CPU seconds of everything that it started."""
    options = ["--once", "--state", str(state), "--gateway-port", "0"]
    command = [sys.executable, "-m", "deploy.local.run", *options]
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    started, first = time.perf_counter(), 0.0
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=repository)
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if not first and _FIRST_LINE.match(line):
            first = time.perf_counter() - started
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, "".join(lines)
    assert first, "".join(lines)
    return {
        "first_line_s": first,
        "whole_s": time.perf_counter() - started,
        "cpu_s": usage.ru_utime + usage.ru_stime,
    }

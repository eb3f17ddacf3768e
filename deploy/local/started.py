"""A whole stack for one test run: `up` as a child process in a folder of its own."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.local.process import Program, running

START_TIMEOUT_SECONDS = 180
STOP_TIMEOUT_SECONDS = 90


@contextmanager
def started_stack(state: Path, *, is_fast: bool = True) -> Iterator[Path]:
    """Start the platform in this folder and stop it at the end; yields the path of `stack.json`.

    Read the file with `description` each time: a process that was started again has a new pid there.
    For a folder that vanishes afterwards take `deploy.local.state.temporary_state`.
    """
    stack_file = state / "stack.json"
    stack_file.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "deploy.local.up",
        "--state",
        str(state),
        "--gateway-port",
        "0",
        "--quiet",
    ]
    program = Program(
        name="stack",
        command=[*command, *(["--fast"] if is_fast else [])],
        port=0,
        log_path=state / "logs" / "up.txt",
        pid_path=state / "run" / "up.json",
        is_ready=stack_file.exists,
        start_timeout_seconds=START_TIMEOUT_SECONDS,
        stop_timeout_seconds=STOP_TIMEOUT_SECONDS,
    )
    with running(program):
        yield stack_file


def description(stack_file: Path) -> dict[str, Any]:
    """What `stack.json` says now."""
    found: dict[str, Any] = json.loads(stack_file.read_text())
    return found


def pid_of(stack_file: Path, name: str) -> int:
    """The process that runs this part of the stack now."""
    pids: dict[str, int] = {part["name"]: part["pid"] for part in description(stack_file)["processes"]}
    return pids[name]

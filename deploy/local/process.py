"""One process of the stack: started in its own session, ended by a signal, then by force."""

import contextlib
import ctypes
import json
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from deploy.local.errors import LocalError
from deploy.local.paths import REPOSITORY

POLL_SECONDS = 0.05
KILL_TIMEOUT_SECONDS = 10
LOG_TAIL_LINES = 15


@dataclass(frozen=True)
class Program:
    """What to run, how to tell that it serves, and how to end it."""

    name: str
    command: Sequence[str]
    port: int
    log_path: Path
    pid_path: Path
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    before_start: Callable[[], None] = lambda: None
    start_timeout_seconds: float = 60
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_seconds: float = 20
    user_id: int | None = None


def start(program: Program) -> subprocess.Popen[bytes]:
    """Start the program; its output is appended to its log file, so no reader can ever block it.

    Call it from the main thread: the kernel's "parent died" signal follows the thread that forked.
    """
    stop_leftover(program.pid_path, program.stop_signal, program.stop_timeout_seconds)
    program.before_start()
    program.log_path.parent.mkdir(parents=True, exist_ok=True)
    with program.log_path.open("ab") as log:
        process = subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=working_directory(program),
            env={**os.environ, **program.environment},
            # The terminal's Ctrl-C reaches the supervisor alone, which knows the order of stopping.
            start_new_session=True,
            preexec_fn=_die_with_parent(program.stop_signal),  # noqa: PLW1509 - from the main thread only
            **account(program.user_id),
        )
    _remember(program.pid_path, process.pid)
    return process


@contextlib.contextmanager
def running(program: Program) -> Iterator[subprocess.Popen[bytes]]:
    """Start the program, wait until it serves, and stop it at the end of the block."""
    process = start(program)
    try:
        wait_until_ready(program, process)
        yield process
    finally:
        stop(program, process)


def working_directory(program: Program) -> Path:
    """The repository, or the root where another account runs the program: it may not enter ours."""
    return REPOSITORY if program.user_id is None else Path("/")


def account(user_id: int | None) -> dict[str, Any]:
    """The arguments of `subprocess` that run a program as another user, without our groups."""
    if user_id is None:
        return {}
    return {"user": user_id, "group": pwd.getpwuid(user_id).pw_gid, "extra_groups": []}


def wait_until_ready(program: Program, process: subprocess.Popen[bytes]) -> None:
    """Block until the program serves; raises LocalError with the end of its log when it does not."""
    deadline = time.monotonic() + program.start_timeout_seconds
    while not program.is_ready():
        check_starting(program, process, deadline)
        time.sleep(POLL_SECONDS)


def check_starting(program: Program, process: subprocess.Popen[bytes], deadline: float) -> None:
    """Raise LocalError when a starting program has ended, or when its time (monotonic) is over."""
    if process.poll() is not None:
        what = f"{program.name} ended with code {process.returncode} while starting"
        raise LocalError(f"{what}:\n{log_tail(program.log_path)}")
    if time.monotonic() > deadline:
        what = f"{program.name} was not ready after {program.start_timeout_seconds:.0f} s"
        raise LocalError(f"{what}:\n{log_tail(program.log_path)}")


def stop(program: Program, process: subprocess.Popen[bytes]) -> int:
    """End the program with its signal, by force after its time; returns the exit code."""
    if process.poll() is None:
        process.send_signal(program.stop_signal)
        try:
            process.wait(program.stop_timeout_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(KILL_TIMEOUT_SECONDS)
    program.pid_path.unlink(missing_ok=True)
    return process.returncode


def stop_leftover(pid_path: Path, stop_signal: signal.Signals, timeout_seconds: float) -> bool:
    """Stop what a killed supervisor left running under this name; True when there was something.

    It is stopped, never adopted: nobody knows what it has read of our settings.
    """
    process = remembered(pid_path)
    pid_path.unlink(missing_ok=True)
    if process is None:
        return False
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(stop_signal)
        try:
            process.wait(timeout_seconds)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(KILL_TIMEOUT_SECONDS)
    return True


def remembered(pid_path: Path) -> psutil.Process | None:
    """The process that this file names, if it still runs: its start time tells it from a later namesake."""
    try:
        record = json.loads(pid_path.read_text())
        process = psutil.Process(record["pid"])
        is_same = (
            process.create_time() == record["started_at_seconds"] and process.status() != psutil.STATUS_ZOMBIE
        )
    except (OSError, ValueError, KeyError, psutil.Error):
        return None
    return process if is_same else None


def log_tail(log_path: Path) -> str:
    """The last lines of a log, and where the rest is."""
    if not log_path.exists():
        return "(no log)"
    lines = log_path.read_text(errors="replace").splitlines()
    return "\n".join(lines[-LOG_TAIL_LINES:]) + f"\n(more in {log_path})"


def _remember(pid_path: Path, pid: int) -> None:
    pid_path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(psutil.NoSuchProcess):
        started_at_seconds = psutil.Process(pid).create_time()
        pid_path.write_text(json.dumps({"pid": pid, "started_at_seconds": started_at_seconds}))


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """On Linux: ask the kernel to stop the child when this process dies, even by SIGKILL."""
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    set_option = ctypes.CDLL(None, use_errno=True).prctl
    parent_death_signal = 1

    def ask() -> None:
        set_option(parent_death_signal, int(stop_signal))

    return ask

"""What dies is started again; what is stopped stays stopped."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.supervisor import Supervisor
from tests.unit.deploy.builders import STUBBORN, a_program

pytestmark = pytest.mark.asyncio
ENDS_SOON = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(0.2)"


def a_supervisor() -> tuple[Supervisor, list[str]]:
    said: list[str] = []
    return Supervisor(said.append, lambda: None), said


async def until(is_so: Callable[[], bool], timeout_seconds: float = 10) -> None:
    async with asyncio.timeout(timeout_seconds):
        while not is_so():
            await asyncio.sleep(0.02)


async def test_a_killed_child_is_started_again(tmp_path: Path) -> None:
    supervisor, said = a_supervisor()
    await supervisor.start(a_program(tmp_path))
    first = supervisor.pid("child")

    os.kill(first, signal.SIGKILL)
    await until(lambda: supervisor.pid("child") != first)
    await until(lambda: any("child is back" in line for line in said))

    assert "child ended (SIGKILL); starting it again in 0.2 s" in said
    await supervisor.stop(["child"])


async def test_a_child_that_keeps_dying_is_started_less_and_less_often(tmp_path: Path) -> None:
    supervisor, said = a_supervisor()
    await supervisor.start(a_program(tmp_path, ENDS_SOON))

    await until(lambda: len([line for line in said if "starting it again" in line]) == 3)
    await supervisor.stop(["child"])

    pauses = [line.rpartition(" in ")[2] for line in said if "starting it again" in line]
    assert pauses == ["0.2 s", "0.4 s", "0.8 s"]


async def test_a_stopped_child_stays_stopped(tmp_path: Path) -> None:
    supervisor, said = a_supervisor()
    await supervisor.start(a_program(tmp_path))

    await supervisor.stop(["child"])
    await asyncio.sleep(0.4)

    assert said == []
    assert supervisor.kept["child"].process.returncode == -signal.SIGTERM


async def test_a_new_pid_is_announced(tmp_path: Path) -> None:
    announced: list[int] = []
    supervisor = Supervisor(lambda line: None, lambda: announced.append(supervisor.pid("child")))
    await supervisor.start(a_program(tmp_path))

    os.kill(supervisor.pid("child"), signal.SIGKILL)
    await until(lambda: len(announced) == 2)

    assert announced[0] != announced[1]
    await supervisor.stop(["child"])


async def test_kill_needs_no_patience(tmp_path: Path) -> None:
    supervisor, _ = a_supervisor()
    await supervisor.start(a_program(tmp_path, STUBBORN, stop_timeout_seconds=60))
    started_at = time.monotonic()

    stopping = asyncio.create_task(supervisor.stop(["child"]))
    await asyncio.sleep(0.2)
    supervisor.kill()
    await stopping

    assert time.monotonic() - started_at < 5

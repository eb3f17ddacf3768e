"""One process: started, waited for, stopped, and cleaned up after."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from deploy.local import process
from deploy.local.errors import LocalError
from tests.unit.deploy.builders import STUBBORN, a_program


def test_a_program_that_ends_while_starting_shows_the_end_of_its_log(tmp_path: Path) -> None:
    program = a_program(tmp_path, "print('no configuration'); raise SystemExit(3)")

    with pytest.raises(LocalError, match="child ended with code 3 while starting:\nno configuration"):
        with process.running(program):
            pass


def test_a_program_that_is_never_ready_is_given_up_and_stopped(tmp_path: Path) -> None:
    program = a_program(tmp_path, "import time; time.sleep(60)", start_timeout_seconds=0.3)

    with pytest.raises(LocalError, match="child was not ready after"), process.running(program):
        pass

    assert process.remembered(program.pid_path) is None


def test_a_program_that_ignores_its_signal_is_killed(tmp_path: Path) -> None:
    program = a_program(tmp_path, STUBBORN, stop_timeout_seconds=0.3)
    with process.running(program) as child:
        pass

    assert child.returncode == -signal.SIGKILL


def test_children_do_not_get_the_terminals_interrupt(tmp_path: Path) -> None:
    with process.running(a_program(tmp_path)) as child:
        assert os.getpgid(child.pid) != os.getpgid(0)


def test_a_leftover_is_stopped_before_its_successor_starts(tmp_path: Path) -> None:
    program = a_program(tmp_path)
    leftover = process.start(program)
    process.wait_until_ready(program, leftover)

    with process.running(program) as successor:
        assert leftover.poll() is not None
        assert successor.poll() is None


def test_a_later_process_with_the_same_number_is_left_alone(tmp_path: Path) -> None:
    namesake = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    record = {"pid": namesake.pid, "started_at_seconds": psutil.Process(namesake.pid).create_time() - 100}
    path = tmp_path / "child.json"
    path.write_text(json.dumps(record))

    was_there = process.stop_leftover(path, signal.SIGKILL, 1)

    assert not was_there
    assert namesake.poll() is None
    namesake.kill()
    namesake.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent died")
def test_a_child_ends_with_a_killed_parent(tmp_path: Path) -> None:
    code = f"""
import time
from pathlib import Path
from deploy.local import process
from tests.unit.deploy.builders import a_program
process.start(a_program(Path({str(tmp_path)!r})))
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=process.REPOSITORY)
    deadline = time.monotonic() + 20
    while (child := process.remembered(tmp_path / "run" / "child.json")) is None or not (
        tmp_path / "child.ready"
    ).exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)

    parent.kill()
    parent.wait()

    child.wait(5)
    assert not child.is_running()

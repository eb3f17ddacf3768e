"""The folder of one stack, and the small files in it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import state
from deploy.local.console import new_lines
from deploy.local.errors import LocalError

ROOT = Path(__file__).parents[3]


def test_two_stacks_never_share_a_folder(tmp_path: Path) -> None:
    with state.take(tmp_path):
        with pytest.raises(LocalError, match=f"already runs in {tmp_path} \\(process {os.getpid()}\\)"):
            state.take(tmp_path)


def test_a_folder_is_free_again_when_its_holder_is_gone(tmp_path: Path) -> None:
    state.take(tmp_path).close()

    assert not state.is_taken(tmp_path)


def test_clean_keeps_downloads_and_removes_the_rest(tmp_path: Path) -> None:
    (tmp_path / "cache" / "m2").mkdir(parents=True)
    (tmp_path / "kafka" / "log").mkdir(parents=True)
    (tmp_path / "secrets.json").touch()

    state.clean(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_clean_leaves_a_running_stack_alone(tmp_path: Path) -> None:
    with state.take(tmp_path), pytest.raises(LocalError, match="stop it first"):
        state.clean(tmp_path)


def test_a_log_is_followed_by_whole_lines(tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    log.write_bytes(b"first\nsec")
    first, position = new_lines(log, 0)
    log.write_bytes(b"first\nsecond\n")
    second, _ = new_lines(log, position)

    assert (first, second) == (["first"], ["second"])


def test_a_log_that_was_cut_is_followed_from_its_beginning(tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    log.write_bytes(b"new\n")

    lines, _ = new_lines(log, 1000)

    assert lines == ["new"]


def test_a_refused_second_start_leaves_the_first_untouched(tmp_path: Path) -> None:
    lock = state.take(tmp_path)
    # Of a stack that is still on its way up nothing is announced yet; what stands here is the first one's.
    announced = tmp_path / "stack.json"
    announced.write_text("{}")
    arguments = ["--state", str(tmp_path), "--gateway-port", "0"]
    command = [sys.executable, "-m", "deploy.local.up", *arguments]

    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert second.returncode == 1
    assert "A stack already runs" in second.stdout + second.stderr
    assert "Traceback" not in second.stderr
    assert announced.exists()
    lock.close()


def test_a_folder_that_cannot_be_written_to_is_told_in_a_sentence() -> None:
    command = [sys.executable, "-m", "deploy.local.up", "--state", "/proc/billing"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert "/proc/billing cannot be written to" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr

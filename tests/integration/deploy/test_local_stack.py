"""The whole platform in one folder: it says where it is, repairs itself, and leaves nothing behind."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from deploy.local import demo, process, services
from deploy.local.started import description, pid_of, started_stack
from deploy.local.state import temporary_state

ALL_GONE_SECONDS = 30


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    with temporary_state() as state:
        yield state


@pytest.fixture(scope="module")
def stack_file(state: Path) -> Iterator[Path]:
    with started_stack(state) as stack_file:
        yield stack_file


def until(is_so: Callable[[], bool], timeout_seconds: float = 60) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def part(stack_file: Path, name: str) -> dict[str, Any]:
    return next(found for found in description(stack_file)["processes"] if found["name"] == name)


def status_with_key(told: dict[str, Any]) -> int:
    port = int(told["gateway_url"].rpartition(":")[2])
    return demo.call(port, "GET", "/v1/contacts", {"X-API-Key": told["api_key"]})[0]


def supervisor(state: Path) -> psutil.Process:
    found = process.remembered(state / "run" / "up.json")
    assert found is not None
    return found


def test_a_started_stack_tells_where_it_is(stack_file: Path) -> None:
    told = description(stack_file)

    names = {found["name"] for found in told["processes"]}
    assert names == {*services.SERVICES, "postgres", "kafka"}
    assert all(services.is_ready(part(stack_file, name)["port"]) for name in services.SERVICES)
    assert status_with_key(told) == 200


def test_a_killed_service_is_back_on_its_port_with_a_new_pid(stack_file: Path) -> None:
    before = part(stack_file, "payment")

    os.kill(before["pid"], signal.SIGKILL)
    until(lambda: pid_of(stack_file, "payment") != before["pid"])
    until(lambda: services.is_ready(before["port"]))

    assert part(stack_file, "payment")["port"] == before["port"]


# The last one: it ends the stack of the module.
def test_a_killed_supervisor_leaves_nothing_and_the_next_start_has_the_data(
    state: Path, stack_file: Path
) -> None:
    before = description(stack_file)
    children = [psutil.Process(found["pid"]) for found in before["processes"]]

    supervisor(state).kill()
    _, alive = psutil.wait_procs(children, ALL_GONE_SECONDS)
    assert alive == []

    with started_stack(state):
        assert description(stack_file)["api_key"] == before["api_key"]
        assert status_with_key(description(stack_file)) == 200
        supervisor(state).terminate()
        until(lambda: process.remembered(state / "run" / "up.json") is None)
        assert not stack_file.exists()

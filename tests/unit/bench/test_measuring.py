"""What the bench says of processes, reports and programs; that it asks this machine only."""

import multiprocessing
import os
import socket
import time
from pathlib import Path

import pytest

from tests.bench import check, load, measuring, picture, processes, program, table
from tests.bench.catalogue import WORKS
from tests.bench.measuring import Measured

OURS = Path(program.__file__).parent / "programs"


def _burn(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_cpu_seconds_have_children_that_live_and_those_that_ended() -> None:
    before = processes.cpu_seconds({"us": os.getpid()})["us"]
    child = multiprocessing.get_context("fork").Process(target=_burn, args=(0.2,))
    child.start()
    child.join()

    assert processes.cpu_seconds({"us": os.getpid()})["us"] - before >= 0.19


def test_memory_is_that_of_the_process() -> None:
    assert processes.memory_mib({"us": os.getpid()})["us"] > 5


def test_a_process_is_found_by_the_port_that_it_listens_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        assert processes.listening_on(port) == os.getpid()
    with pytest.raises(LookupError):
        processes.listening_on(port)


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1:80", "https://127.0.0.1", "127.0.0.1:80", "http://[2001:db8::1]/"]
)
def test_load_is_put_on_this_machine_only(url: str) -> None:
    with pytest.raises((ValueError, OSError)):
        load.Connection(url)


def test_a_program_is_told_by_a_file_alone() -> None:
    ours = program.Program.read(OURS / "ours.toml", {"API": "http://127.0.0.1:8080", "API_KEY": "sk_1"})
    first, second = (next(messages) for messages in [ours.messages("run")] * 2)

    assert first.startswith(b"POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:8080\r\n")
    assert b"x-api-key: sk_1\r\n" in first
    assert (b'"unit": "run-0"' in first, b'"unit": "run-1"' in second) == (True, True)


@pytest.mark.parametrize("path", sorted(OURS.glob("*.toml")), ids=lambda path: path.stem)
def test_a_program_that_lacks_a_variable_says_which(path: Path) -> None:
    with pytest.raises(program.ProgramError, match=r"needs [A-Z_]+ in the environment"):
        program.Program.read(path, {})


def a_report(cpu_ms: float, loop_ms: float = 30.0) -> dict[str, object]:
    work, figures = WORKS["payments"], {"cpu_ms": cpu_ms + 1, "net_cpu_ms": cpu_ms, "per_second": 200.0}
    rounds = [Measured(10, figures, {"payment": cpu_ms, "kafka": 1.0}, 1.0, 0, [])]
    return {
        "works": {"payments": measuring.report(work, rounds)},
        "speed": {"python_loop_ms": loop_ms, "flush_ms": 1.0},
        "commit": "abc",
        "machine": {"processor": "a <fast> one", "cores": 2},
    }


@pytest.mark.parametrize(
    ("now", "loop_ms", "expected"), [(2.2, 30.0, 1.1), (2.2, 33.0, 1.0), (2.0, 20.0, 1.0)]
)
def test_what_is_dearer_is_seen_but_a_slower_machine_is_allowed_for(
    now: float, loop_ms: float, expected: float
) -> None:
    assert check.ratio(a_report(now, loop_ms), a_report(2.0), "payments") == pytest.approx(expected)


def test_a_goal_that_is_missed_is_shown_as_that() -> None:
    told = "\n".join(table.lines("payments", a_report(2.0)["works"]["payments"]))  # type: ignore[index]

    assert "goal ≤ 2.6 ✗" in told
    assert "by process: payment 2.00, kafka 1.00" in told


def test_medians_are_of_those_that_have_the_figure() -> None:
    assert measuring.medians([{"a": 1, "b": 5}, {"a": 3}, {"a": 2}]) == {"a": 2, "b": 5}


def test_the_picture_is_xml() -> None:
    from xml.etree import ElementTree

    drawn = ElementTree.fromstring(picture.draw(a_report(2.0)))

    assert drawn.tag.endswith("svg")
    assert any("payments" in (text.text or "") for text in drawn.iter("{http://www.w3.org/2000/svg}text"))

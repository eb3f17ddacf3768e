"""Rounds of a work: each from the first request until nothing of what it caused is under way any more."""

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.bench.work import Round, Scene, Work

SHOWN_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """One round: figures by their names; `processes` has what each cost, in milliseconds a unit, gross."""

    units: int
    figures: dict[str, float]
    processes: dict[str, float]
    load_average: float
    failure_count: int
    failures: list[str]


@dataclass
class Turn:
    """A platform on which a work is measured, and what it costs at rest, in cores by process."""

    scene: Scene
    idle: Mapping[str, float]
    round: Round | None = None
    rounds: list[Measured] = field(default_factory=list)


async def measure(
    work: Work, turns: Sequence[Turn], rounds: int, say: Callable[[str], None]
) -> list[dict[str, Any]]:
    """A report for each platform; they take turns, so that whatever else the machine does falls on all."""
    for turn in turns:
        say(f"{turn.scene.platform.name} warms up")
        turn.round, turn.rounds = await work.prepare(turn.scene), []
        # Everybody has to know what was prepared.
        await turn.scene.platform.settled(turn.scene.sink_url)
        await turn.round(work.warm_up)
    for number in range(rounds):
        # Who begins changes, so that nobody always comes after the same.
        first = number % len(turns)
        for turn in (*turns[first:], *turns[:first]):
            say(f"{turn.scene.platform.name} {number + 1} of {rounds}")
            turn.rounds.append(await _measured(work, turn))
    return [report(work, turn.rounds) for turn in turns]


def report(work: Work, rounds: Sequence[Measured]) -> dict[str, Any]:
    """What the JSON file says of a work: its rounds, and the median of each figure."""
    return {
        "title": work.title,
        "unit": work.unit,
        "median": medians([measured.figures for measured in rounds]),
        "processes": medians([measured.processes for measured in rounds]),
        "rounds": [asdict(measured) for measured in rounds],
    }


def medians(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The median of each name, of the rows that have it."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: round(statistics.median(row[name] for row in rows if name in row), 4) for name in names}


async def _measured(work: Work, turn: Turn) -> Measured:
    platform, sink_url = turn.scene.platform, turn.scene.sink_url
    assert turn.round
    await platform.settled(sink_url)
    load_average, before, began = os.getloadavg()[0], platform.cpu_seconds(), time.perf_counter()
    done = await turn.round(work.count)
    settled = await platform.settled(sink_url)
    spent = {name: settled.cpu[name] - before.get(name, 0.0) for name in settled.cpu}
    units, idle_seconds = max(done.units, 1), settled.cpu_at - began
    processes = {name: 1000 * seconds / units for name, seconds in spent.items()}
    gross = sum(processes.values())
    figures = {
        "cpu_ms": gross,
        "net_cpu_ms": gross - 1000 * sum(turn.idle.values()) * idle_seconds / units,
        "gateway_cpu_ms": processes.get("gateway", 0.0),
        "per_second": done.units / (settled.at - began),
        **done.figures,
    }
    return Measured(
        done.units, figures, processes, load_average, len(done.failures), done.failures[:SHOWN_FAILURES]
    )

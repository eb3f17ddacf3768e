"""A whole run: starts what is measured, measures, prints as it goes, and writes the report."""

import asyncio
import contextlib
import importlib
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from deploy.local.console import Console
from tests.bench import (
    catalogue,
    machine,
    measuring,
    picture,
    platform,
    proving,
    reference,
    resting,
    sink,
    starting,
    table,
)
from tests.bench.measuring import Turn
from tests.bench.work import Scene

Tables: TypeAlias = dict[str, list[dict[str, Any]]]
Report: TypeAlias = dict[str, Any]

README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
ALONE = ("http_clients",)


@dataclass
class Options:
    """What a person can choose."""

    names: Sequence[str]
    rounds: int
    checkout: Path
    against: Path | None
    state: Path | None
    compare: Path | None
    keep: bool
    report: Path
    figures: Path
    check: bool = False
    program: Path | None = None
    count: int = 0


@dataclass
class Run:
    """What is being measured, and what is known of it so far: a report for each platform."""

    console: Console
    rounds: int
    turns: list[Turn]
    reports: list[Report]

    async def measure(self, name: str) -> None:
        """One row of the table, on each platform, printed when it is there."""
        with self.console.working(name) as say:
            works = await self._measured(name, say)
        for report, work in zip(self.reports, works, strict=True):
            report["works"][name] = work
            if len(self.reports) > 1:
                print(f"\n— {report['platform']}", end="")
            print("\n".join(table.lines(name, work)), flush=True)

    async def _measured(self, name: str, say: Callable[[str], None]) -> list[Report]:
        if name in catalogue.WORKS:
            return await measuring.measure(catalogue.WORKS[name], self.turns, self.rounds, say)
        return [await proving.report(turn.scene, self.rounds) for turn in self.turns]


async def measure(options: Options) -> int:
    """Measure what is asked for; 0."""
    report, others = await measured(options)
    write(options.report, report)
    for other in others:
        print("\n".join(table.compared(report, other)))
        write(options.report.with_stem(f"{options.report.stem}-{other['platform']}"), other)
    if options.compare:
        print("\n".join(table.compared(report, json.loads(options.compare.read_text()))))
    if options.keep:
        keep(options.figures, report)
    return 0


async def measured(options: Options) -> tuple[Report, list[Report]]:
    """The report on this checkout, and that on the other, if one is named."""
    console, names = Console(), options.names or catalogue.NAMES
    report = _new_report(options.checkout.resolve())
    others: list[Report] = []
    if set(names) & set(catalogue.GOALS) - {"start"}:
        report, *others = await _on_platforms(options, console, names)
    print("\n".join(table.head(report)), flush=True)
    if "start" in names:
        with console.working("start"):
            checkout = options.checkout.resolve()
            report["works"]["start"] = await asyncio.to_thread(starting.report, options.rounds, checkout)
        print("\n".join(table.lines("start", report["works"]["start"])))
    for name in (name for name in catalogue.FURTHER if name in names):
        with console.working(name):
            report["further"][name] = await _further(name)
        for title, rows in report["further"][name].items():
            show(title, rows)
    report["load_average"] = os.getloadavg()
    return report, others


async def _on_platforms(options: Options, console: Console, names: Sequence[str]) -> list[Report]:
    async with contextlib.AsyncExitStack() as stack:
        with console.working("platform"):
            platforms = await _platforms(options, stack)
        scenes = [Scene(one, stack.enter_context(sink.running())) for one in platforms]
        reports = [_new_report(one.checkout) for one in platforms]
        if not options.state:
            with console.working("ceilings"):
                one = platforms[0]
                dsn, password = one.facts["postgres_dsn"], one.secrets["postgres_role_password"]
                reports[0]["ceilings"] = await reference.ceilings(dsn, password)
        seconds = resting.SECONDS if "rest" in names else resting.SHORT_SECONDS
        with console.working("rest"):
            idle = await asyncio.gather(*(resting.rest(scene, seconds) for scene in scenes))
        for report, scene, cores in zip(reports, scenes, idle, strict=True):
            report["works"]["rest"] = resting.report(scene, cores, seconds)
            print("\n".join(table.lines("rest", report["works"]["rest"])), flush=True)
        turns = [Turn(scene, cores) for scene, cores in zip(scenes, idle, strict=True)]
        run = Run(console, options.rounds, turns, reports)
        for name in (name for name in (*catalogue.WORKS, "prove") if name in names):
            await run.measure(name)
        return reports


async def _platforms(options: Options, stack: contextlib.AsyncExitStack) -> list[platform.Platform]:
    if options.state:
        return [await stack.enter_async_context(platform.joined(options.state.resolve()))]
    found = [await stack.enter_async_context(platform.running(options.checkout.resolve()))]
    if options.against:
        found.append(await stack.enter_async_context(platform.running(options.against.resolve())))
    return found


async def _further(name: str) -> Tables:
    find: Callable[..., Awaitable[Tables]] = importlib.import_module(f"tests.bench.{name}").measure
    if name in ALONE:
        return await find()
    # Each has a platform of its own, so that what one leaves behind does not slow the next.
    async with platform.running() as running:
        return await find(running)


def _new_report(checkout: Path) -> Report:
    return {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": machine.commit(checkout),
        "platform": checkout.name,
        "machine": machine.facts(),
        "speed": machine.speed(),
        "load_average": os.getloadavg(),
        "works": {},
        "further": {},
    }


def show(title: str, rows: list[dict[str, Any]]) -> None:
    """Print rows as a table."""
    names = list(rows[0])
    widths = [max(len(name), *(len(str(row[name])) for row in rows)) for name in names]
    print(f"\n{title}")
    for line in (names, *([row[name] for name in names] for row in rows)):
        print("  " + "  ".join(f"{cell!s:>{width}}" for cell, width in zip(line, widths, strict=True)))


def write(path: Path, report: Report) -> None:
    """The report as JSON, and its picture beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    path.with_suffix(".svg").write_text(picture.draw(report))
    print(f"\nwritten to {path} and {path.with_suffix('.svg').name}")


def keep(figures: Path, report: Report) -> None:
    """The figures of a release: JSON, picture, and the table in the README."""
    write(figures, report)
    before, _, rest = README.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    head = ". ".join(table.head(report))
    rows = "\n".join(table.markdown(report))
    README.write_text(f"{before}{BEGIN}{head}.\n\n{rows}\n{END}{after}")

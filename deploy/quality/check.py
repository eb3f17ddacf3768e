"""`make check`: format, style, types, our rules and the tests of what changed; seconds, not minutes.

`make check SINCE=revision` compares with that revision, `QUICK=1` leaves out tests that need servers. It is
for the loop of a change: `make lint test` is what decides.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.local.console import Console
from deploy.local.paths import REPOSITORY
from deploy.quality import lint
from deploy.quality.affected import affected, needs_servers
from deploy.quality.changes import Changes, NoSuchRevision, changes
from deploy.quality.steps import Step, python, run_all

SHOWN = 12


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make check", description=__doc__)
    parser.add_argument("--since", default="", help="compare with this branch, tag or hash")
    parser.add_argument("--quick", action="store_true", help="without tests that start servers")
    given = parser.parse_args(arguments)
    console = Console()
    try:
        found = changes(REPOSITORY, given.since)
    except NoSuchRevision as error:
        console.error(str(error))
        return 2
    if not found.paths:
        console.line(f"  nothing differs from {found.since}")
        return 0
    return _check(console, found, is_quick=given.quick)


def _check(console: Console, found: Changes, *, is_quick: bool) -> int:
    console.line(f"  {len(found.paths)} files differ from {found.since}")
    tests = affected(REPOSITORY, found.paths)
    light = {path: why for path, why in tests.items() if not needs_servers(path)}
    heavy = [] if is_quick else [path for path in tests if needs_servers(path)]
    for path, why in list(light.items())[:SHOWN]:
        console.line(console.paint(f"    {path}: {why}", 2))
    if len(light) > SHOWN:
        console.line(console.paint(f"    and {len(light) - SHOWN} test files more", 2))
    failed = asyncio.run(run_all(console, steps(found.paths, list(light))))
    if not failed and heavy:
        failed = asyncio.run(run_all(console, _tests("tests on servers", heavy)))
    for line in _left_out(found.paths, tests, is_quick=is_quick):
        console.note(line)
    console.line(f"  {', '.join(failed)} found something" if failed else "  nothing found")
    return int(bool(failed))


def steps(paths: Sequence[Path], tests: Sequence[Path] = ()) -> list[Step]:
    """What these files ask for: first what takes no time, then what takes longest."""
    code = [str(path) for path in paths if path.suffix == ".py"]
    sql = [path for path in lint.migrations() if Path(path) in paths]
    found = lint.ruff(code, f"ruff, {len(code)} files") if code else []
    found += _tests("tests", tests)
    if lint.typed(code):
        found += [lint.types()]
    if code:
        found += [lint.rules(), lint.imports()]
    if sql:
        found += [lint.squawk(sql)]
    if Path(lint.COMPOSE_FILE) in paths:
        found += [lint.compose()]
    return found


def _tests(name: str, paths: Sequence[Path]) -> list[Step]:
    if not paths:
        return []
    # Loading it takes longer than most unit tests; the fuzzing of the APIs, which has servers, needs it.
    without = () if any(map(needs_servers, paths)) else ("-p", "no:schemathesis")
    command = python("-m", "pytest", "-q", "--no-header", *without, *map(str, paths))
    return [Step(name, f"pytest, {len(paths)} files", command)]


def _left_out(paths: tuple[Path, ...], tests: dict[Path, str], *, is_quick: bool) -> list[str]:
    """What a person should run besides."""
    found = []
    heavy = [str(path) for path in tests if needs_servers(path)]
    if is_quick and heavy:
        found.append(f"left out, since they need servers: {' '.join(heavy)}")
    if any(_says_the_api(path) for path in paths):
        found.append("routes or events may have changed: `make schemas` writes them down")
    return found


def _says_the_api(path: Path) -> bool:
    is_route = path.parts[0] == "services" and "api" in {*path.parts[:-1], path.stem}
    return path.suffix == ".py" and (is_route or path.is_relative_to("shared/events"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

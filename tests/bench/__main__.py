"""`make bench`: what a user of the platform pays, in processor time a unit, and how fast it is.

    make bench                                 everything (about ten minutes on a quiet machine)
    make bench ONLY="payments messages"        some of it
    make bench AGAINST=../before               the same with another checkout, in turns
    make bench COMPARE=earlier.json            beside an earlier report
    make bench KEEP=1                          as the figures of a release
    make bench PROGRAM=svix.toml               another program that takes messages, by its address

How it is measured stands in tests/bench/README.md.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from deploy.local.names import Arguments, known
from deploy.local.paths import DEFAULT_STATE, REPOSITORY
from tests.bench.catalogue import NAMES

FIGURES = Path(__file__).parent / "figures.json"
REPORT = DEFAULT_STATE / "bench" / "report.json"
ROUNDS = 3
STOPPED = 130


def main(arguments: list[str]) -> int:
    """0; 1 where the check finds something dearer; 2 at once for a measurement that there is not."""
    options = _parsed(arguments)
    # What takes seconds to import comes after what a person may have mistyped.
    import uvloop

    return uvloop.run(_until_stopped(_chosen(options)))


def _chosen(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    from tests.bench import bench, check, peer

    if options.check:
        return check.check(options.names, options.figures)
    if options.program:
        return peer.measure(options.program, options.count)
    return bench.measure(bench.Options(**vars(options)))


async def _until_stopped(work: Coroutine[Any, Any, int]) -> int:
    """What is started is stopped in order, also when somebody ends this program."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return STOPPED


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = Arguments(
        prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", type=known("measurement", NAMES), help="ONLY=…")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds a work; medians are shown")
    parser.add_argument("--checkout", type=Path, default=REPOSITORY, help="measured instead of this one")
    parser.add_argument("--against", type=Path, help="another checkout, measured in turns with this one")
    parser.add_argument("--state", type=Path, help="a platform that runs already, by its folder")
    parser.add_argument("--compare", type=Path, help="an earlier report")
    parser.add_argument("--keep", action="store_true", help="as the figures of a release")
    parser.add_argument("--report", type=Path, default=REPORT, help="where the report goes")
    parser.add_argument("--check", action="store_true", help="fail where a unit costs a tenth more than kept")
    parser.add_argument("--figures", type=Path, default=FIGURES, help="what is kept")
    parser.add_argument("--program", type=Path, help="measure this program instead")
    parser.add_argument("--count", type=int, default=3_000, help="messages to that program a round")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

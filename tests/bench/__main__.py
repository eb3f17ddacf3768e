"""`make bench`: figures of this machine, each as a ratio beside a reference of the same run.

`make bench ONLY="payments invoices"` measures some alone. Each measurement is a module of this folder with
`async def measure(platform) -> dict[title, rows]`, without the platform for those that need none; rows are
printed as a table and written as JSON.
"""

import importlib
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from deploy.local.console import Console
from deploy.local.names import Arguments, known

Tables: TypeAlias = dict[str, list[dict[str, Any]]]

REPORT = Path(".local/bench/report.json")
MEASUREMENTS = (
    "payments",
    "payment_batches",
    "collections",
    "invoices",
    "renewals",
    "subscriptions",
    "webhooks",
    "gateway",
    "pdfs",
    "e_invoices",
    "mails",
    "http_clients",
)
ALONE = ("http_clients",)


async def measure(names: Sequence[str]) -> None:
    """Measure, print the tables, write the JSON."""
    console = Console()
    report: dict[str, Any] = {"at": time.time()}
    for number, name in enumerate(names, start=1):
        with console.working(name, f"{number} of {len(names)}"):
            report[name] = await _measured(name)
        for title, rows in report[name].items():
            show(title, rows)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=2))
    print(f"\nwritten to {REPORT}")


async def _measured(name: str) -> Tables:
    from tests.bench import platform

    found: Callable[..., Awaitable[Tables]] = importlib.import_module(f"tests.bench.{name}").measure
    if name in ALONE:
        return await found()
    # Each has a platform of its own, so that what one leaves behind does not slow the next.
    async with platform.running() as running:
        return await found(running)


def show(title: str, rows: list[dict[str, Any]]) -> None:
    """Print rows as a table."""
    names = list(rows[0])
    widths = [max(len(name), *(len(str(row[name])) for row in rows)) for name in names]
    print(f"\n{title}")
    for line in (names, *([row[name] for name in names] for row in rows)):
        print("  " + "  ".join(f"{cell!s:>{width}}" for cell, width in zip(line, widths, strict=True)))


def main(arguments: list[str]) -> None:
    """Leaves with 2 for a measurement that there is not, before anything is started."""
    parser = Arguments(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", type=known("measurement", MEASUREMENTS), help="ONLY=…")
    names = parser.parse_args(arguments).names or MEASUREMENTS
    # What takes seconds to import comes after what a person may have mistyped.
    import uvloop

    uvloop.run(measure(names))


if __name__ == "__main__":
    main(sys.argv[1:])

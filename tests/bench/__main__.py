"""`make bench`: figures of this machine, each as a ratio beside a reference of the same run.

`make bench ONLY="payments invoices"` measures some alone. Each measurement is a module of this folder with
`async def measure(platform) -> dict[title, rows]`, without the platform for those that need none; rows are
printed as a table and written as JSON.
"""

import argparse
import importlib
import json
import time
from pathlib import Path
from typing import Any

import uvloop

from tests.bench import platform

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


async def main(names: list[str]) -> None:
    """Measure, print the tables, write the JSON."""
    report: dict[str, Any] = {"at": time.time()}
    for name in names:
        report[name] = await _measured(name)
        for title, rows in report[name].items():
            show(title, rows)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=2))
    print(f"\nwritten to {REPORT}")


async def _measured(name: str) -> dict[str, list[dict[str, Any]]]:
    module: Any = importlib.import_module(f"tests.bench.{name}")
    if name in ALONE:
        return await module.measure()
    # Each has a platform of its own, so that what one leaves behind does not slow the next.
    async with platform.running() as running:
        return await module.measure(running)


def show(title: str, rows: list[dict[str, Any]]) -> None:
    """Print rows as a table."""
    names = list(rows[0])
    widths = [max(len(name), *(len(str(row[name])) for row in rows)) for name in names]
    print(f"\n{title}")
    for line in (names, *([row[name] for name in names] for row in rows)):
        print("  " + "  ".join(f"{cell!s:>{width}}" for cell, width in zip(line, widths, strict=True)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure the platform on this machine.")
    parser.add_argument("names", nargs="*", default=MEASUREMENTS, help=f"of {', '.join(MEASUREMENTS)}")
    wanted = list(parser.parse_args().names)
    if unknown := [name for name in wanted if name not in MEASUREMENTS]:
        parser.error(f"there is no measurement {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}")
    uvloop.run(main(wanted))

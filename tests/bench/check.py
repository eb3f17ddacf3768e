"""`make bench-check`: whether a unit costs more processor time than what is kept of this machine."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.local.paths import REPOSITORY
from tests.bench import bench, catalogue, machine, table

MOST_DEARER = 1.10
# What seems dearer is measured again: noise does not come twice, at the same work, to the same side.
AGAIN = 2
OF_THE_MACHINE = ("processor", "cores", "system", "python")
ANOTHER_MACHINE = 2


async def check(names: Sequence[str], figures: Path) -> int:
    """0 where nothing is dearer by more than a tenth, 1 where something is, 2 where it cannot be said."""
    kept = json.loads(figures.read_text()) if figures.exists() else None
    if kept is None or (differing := _differing(kept)):
        told = "none are kept" if kept is None else f"the kept figures are of another machine: {differing}"
        print(f"✗ {told}; `make bench KEEP=1` keeps those of this one")
        return ANOTHER_MACHINE
    asked = [name for name in names or catalogue.WORKS if name in kept["works"] and name in catalogue.WORKS]
    dearer = list(asked)
    ratios: dict[str, float] = {}
    for _ in range(1 + AGAIN):
        report = await _measured(dearer)
        print("\n".join(table.compared(report, kept)))
        ratios |= {name: min(ratio(report, kept, name), ratios.get(name, float("inf"))) for name in dearer}
        dearer = [name for name in dearer if ratios[name] > MOST_DEARER]
        if not dearer:
            break
    for name in asked:
        print(f"{'✗' if name in dearer else '✓'} {name:<20} {ratios[name]:5.2f} × the kept CPU a unit")
    return int(bool(dearer))


def ratio(report: Mapping[str, Any], kept: Mapping[str, Any], name: str) -> float:
    """CPU a unit, less what rest costs, as a multiple of what is kept; a slower machine is allowed for."""
    now, then = (one["works"][name]["median"]["net_cpu_ms"] for one in (report, kept))
    slower = report["speed"]["python_loop_ms"] / kept["speed"]["python_loop_ms"]
    return float(now / then / max(1.0, slower))


def _differing(kept: Mapping[str, Any]) -> str:
    here = machine.facts()
    pairs = [(name, kept["machine"].get(name), here[name]) for name in OF_THE_MACHINE]
    return ", ".join(f"{name} {was}, not {now}" for name, was, now in pairs if was != now)


async def _measured(names: Sequence[str]) -> dict[str, Any]:
    options = bench.Options(
        names=names,
        rounds=3,
        checkout=REPOSITORY,
        against=None,
        state=None,
        compare=None,
        keep=False,
        report=Path(),
        figures=Path(),
    )
    report, _ = await bench.measured(options)
    return report

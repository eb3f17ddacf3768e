"""A report in lines that a person reads: beside the goals, beside an earlier report, and as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.bench.catalogue import GOALS

# In this order, where a work has them.
NAMES = {
    "cpu_ms": "CPU-ms a unit",
    "net_cpu_ms": "less idle",
    "gateway_cpu_ms": "of it gateway",
    "per_second": "a second",
    "accepted_per_second": "accepted a second",
    "issued_per_second": "issued a second",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "missing": "missing",
    "cpu_s_per_minute": "CPU-s a minute",
    "pss_mib": "PSS MiB",
    "first_line_s": "first line s",
    "cold_first_line_s": "cold s",
    "whole_s": "whole s",
    "seconds": "seconds",
    "us_per_entry": "µs an entry",
    "cpu_s": "CPU-s",
    "faults": "faults",
}
RATES = {"per_second", "accepted_per_second", "issued_per_second"}


def lines(name: str, work: Mapping[str, Any]) -> Iterator[str]:
    """A work's medians with their goals, then what each process had of it."""
    yield f"\n{name}: {work['title']}"
    if failures := sum(row.get("failure_count", 0) for row in work.get("rounds", [])):
        first = next(row["failures"][0] for row in work["rounds"] if row["failure_count"])
        yield f"  ✗ {failures} failed: {first}"
    for figure, value in _figures(work["median"]):
        bounds = [goal for goal in GOALS.get(name, ()) if goal.figure == figure]
        told = [f"goal {goal} {'✓' if goal.is_met(value) else '✗'}" for goal in bounds]
        spread = _spread(work, figure)
        yield f"  {NAMES[figure]:<20}{shown(value):>10}  {spread:<22}{' '.join(told)}".rstrip()
    if "processes" in work:
        parts = [f"{process} {shown(value)}" for process, value in work["processes"].items()]
        yield f"  by process: {', '.join(parts)}"
    if "memory" in work:
        parts = [f"{process} {value:.0f}" for process, value in work["memory"].items()]
        yield f"  memory: {', '.join(parts)}"


def head(report: Mapping[str, Any]) -> Iterator[str]:
    """Where and when it was measured."""
    machine, speed = report["machine"], report["speed"]
    python = machine["python"] + ("" if machine["python_is_optimised"] else " (not optimised)")
    yield f"{report['made_at']}, commit {report['commit']}"
    yield f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {python}"
    loads = ", ".join(f"{value:.1f}" for value in report["load_average"])
    yield f"load average {loads}; Python loop {speed['python_loop_ms']} ms, flush {speed['flush_ms']} ms"
    if ceilings := report.get("ceilings"):
        rates = ", ".join(f"{name} {value:,.0f}/s" for name, value in ceilings.items())
        yield f"pgbench, 8 clients: {rates}"


def compared(report: Mapping[str, Any], earlier: Mapping[str, Any]) -> Iterator[str]:
    """Each figure that both have: earlier → now, and now as a multiple of it."""
    yield f"\n{'':<20} {'figure':<20} {'earlier':>10} {'now':>10} {'ratio':>7}"
    for name, work in report["works"].items():
        before = earlier["works"].get(name, {}).get("median", {})
        for figure, value in _figures(work["median"]):
            if was := before.get(figure):
                row = f"{shown(was):>10} {shown(value):>10} {value / was:>7.2f}"
                yield f"{name:<20} {NAMES[figure]:<20} {row}"


def markdown(report: Mapping[str, Any]) -> Iterator[str]:
    """The table of a release."""
    yield "| work | CPU-ms a unit | less idle | a second | other figures | goals |"
    yield "|---|---|---|---|---|---|"
    for name, work in report["works"].items():
        median = work["median"]
        plain = [f"{shown(median[key])}" if key in median else "" for key in ("cpu_ms", "net_cpu_ms")]
        rate = shown(median["per_second"]) if "per_second" in median else ""
        skipped = {"cpu_ms", "net_cpu_ms", "per_second"} | ({"gateway_cpu_ms"} - {_goal_figure(name)})
        others = [f"{NAMES[key]} {shown(value)}" for key, value in _figures(median) if key not in skipped]
        goals = [
            f"{NAMES[goal.figure]} {goal} {'✓' if goal.is_met(median[goal.figure]) else '✗'}"
            for goal in GOALS.get(name, ())
            if goal.figure in median
        ]
        cells = [work["title"], *plain, rate, ", ".join(others), ", ".join(goals)]
        yield f"| {' | '.join(cells)} |"


def shown(value: float) -> str:
    """Three digits that count."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _goal_figure(name: str) -> str:
    return next((goal.figure for goal in GOALS.get(name, ())), "")


def _figures(median: Mapping[str, float]) -> Sequence[tuple[str, float]]:
    return [(name, median[name]) for name in NAMES if name in median]


def _spread(work: Mapping[str, Any], figure: str) -> str:
    values = [row.get("figures", row).get(figure) for row in work.get("rounds", []) if isinstance(row, dict)]
    known = [value for value in values if value is not None]
    return f"({shown(min(known))} – {shown(max(known))})" if len(known) > 1 else ""

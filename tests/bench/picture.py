"""The picture of a report: a bar for each work, parted by process, with its goal as a line."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from tests.bench.catalogue import GOALS

COLOURS = {
    "gateway": "#2563eb",
    "invoice": "#0d9488",
    "payment": "#7c3aed",
    "subscription-renewal": "#d97706",
    "webhook-delivery": "#db2777",
    "postgres": "#475569",
    "kafka": "#94a3b8",
}
OTHER = "#111827"
WIDTH, LABEL, BAR, ROW, TOP = 960, 330, 520, 26, 62
INK, QUIET = "#1c2430", "#667085"


def draw(report: Mapping[str, Any]) -> str:
    """SVG of all works that cost processor time a unit."""
    works = {name: work for name, work in report["works"].items() if "cpu_ms" in work["median"]}
    height = TOP + ROW * len(works) + 34
    most = max([_reach(name, work) for name, work in works.items()], default=1.0)
    rows = [row for place, name in enumerate(works) for row in _row(name, works[name], place, most)]
    text = f'font-family="system-ui, sans-serif" font-size="12" fill="{INK}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {text}>'
    background = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    title = '<text x="16" y="24" font-size="15">CPU milliseconds a unit, all processes</text>'
    about = f"{report['commit']}, {report['machine']['processor']}, {report['machine']['cores']} cores"
    subtitle = f'<text x="{WIDTH - 16}" y="24" text-anchor="end" fill="{QUIET}">{escape(about)}</text>'
    return "\n".join([head, background, title, subtitle, *_legend(), *rows, "</svg>", ""])


def _row(name: str, work: Mapping[str, Any], place: int, most: float) -> Iterator[str]:
    top, scale = TOP + ROW * place, BAR / most
    yield f'<text x="16" y="{top + 14}">{escape(work["title"])}</text>'
    x = float(LABEL + 60)
    for process, value in work["processes"].items():
        width = max(value, 0.0) * scale
        colour = COLOURS.get(process, OTHER)
        yield f'<rect x="{x:.1f}" y="{top + 3}" width="{width:.1f}" height="15" fill="{colour}"/>'
        x += width
    yield f'<text x="{x + 5:.1f}" y="{top + 15}" fill="{QUIET}">{work["median"]["cpu_ms"]:.2f}</text>'
    if (goal := _goal(name)) is not None:
        at = LABEL + 60 + goal * scale
        yield f'<path d="M{at:.1f} {top}v21" stroke="{INK}" stroke-width="1.5" stroke-dasharray="3 2"/>'


def _legend() -> Iterator[str]:
    x = 16
    for process, colour in COLOURS.items():
        yield f'<rect x="{x}" y="38" width="10" height="10" fill="{colour}"/>'
        yield f'<text x="{x + 14}" y="47" fill="{QUIET}" font-size="11">{process}</text>'
        x += 26 + 7 * len(process)
    yield f'<text x="{x}" y="47" fill="{QUIET}" font-size="11">┆ goal</text>'


def _reach(name: str, work: Mapping[str, Any]) -> float:
    return max(float(work["median"]["cpu_ms"]), _goal(name) or 0.0)


def _goal(name: str) -> float | None:
    return next((goal.value for goal in GOALS.get(name, ()) if goal.figure == "cpu_ms"), None)

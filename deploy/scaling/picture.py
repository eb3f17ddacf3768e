"""Draws what was watched: collections a second, what waits, and the other services' latency."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from deploy.scaling.load import PROBES, Load, quantile
from deploy.scaling.watch import Moment, Watch

mpl.use("Agg")
INK, QUIET = "#1c2430", "#8a94a6"
COLOURS = ("#2563eb", "#d97706", "#0d9488", "#7c3aed")
WINDOW_SECONDS = 5


def draw(watch: Watch, load: Load, per_second: int, path: Path) -> None:
    """Write the picture, a PNG of three panels over the same seconds."""
    plt.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9, "text.color": INK})
    figure, panels = plt.subplots(3, 1, figsize=(9, 8), sharex=True, height_ratios=(3, 2, 2))
    _throughput(panels[0], watch.moments, per_second)
    _waiting(panels[1], watch.moments)
    _latency(panels[2], watch, load)
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
        panel.grid(axis="y", color="#e5e9f0", linewidth=0.8)
        panel.set_axisbelow(True)
        for moment in _changes(watch.moments):
            panel.axvline(moment.at, color=QUIET, linewidth=0.8, linestyle=":")
    panels[-1].set_xlabel("seconds")
    figure.align_ylabels()
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _throughput(panel: Axes, moments: Sequence[Moment], per_second: int) -> None:
    pairs = list(zip(moments, moments[WINDOW_SECONDS:], strict=False))
    times = [(first.at + last.at) / 2 for first, last in pairs]
    rates = [(last.settled - first.settled) / (last.at - first.at) for first, last in pairs]
    panel.plot(times, rates, color=COLOURS[0], linewidth=1.8, label="collected")
    issuing = [first.at for first, last in pairwise(moments) if last.issued > first.issued]
    panel.hlines(
        per_second, issuing[0], issuing[-1], color=COLOURS[1], linewidth=1.2, linestyle="--", label="issued"
    )
    panel.set_ylabel("invoices a second")
    panel.set_ylim(bottom=0)
    panel.legend(frameon=False, loc="upper left", ncols=2)
    panel.set_title("Payment workers scaled alone", loc="left", fontweight="bold", pad=18)
    top = panel.get_ylim()[1]
    for moment in _changes(moments):
        count = f"{moment.workers} worker{'s' if moment.workers > 1 else ''}"
        panel.text(moment.at + 1, top * 1.01, count, color=QUIET, va="bottom")


def _waiting(panel: Axes, moments: Sequence[Moment]) -> None:
    panel.fill_between(
        [moment.at for moment in moments], [moment.waiting for moment in moments], color="#dbe6fd"
    )
    panel.plot([moment.at for moment in moments], [moment.waiting for moment in moments], color=COLOURS[0])
    panel.set_ylabel("invoices waiting")
    panel.set_ylim(bottom=0)


def _latency(panel: Axes, watch: Watch, load: Load) -> None:
    for colour, path in zip(COLOURS, PROBES, strict=False):
        times, values = [], []
        for start in range(0, int(watch.moments[-1].at), WINDOW_SECONDS):
            found = [
                seconds * 1000
                for at, asked, seconds in load.latencies
                if asked == path and start <= at - watch.began < start + WINDOW_SECONDS
            ]
            if found:
                times.append(start + WINDOW_SECONDS / 2)
                values.append(quantile(found, 0.5))
        panel.plot(times, values, color=colour, linewidth=1.4, label=f"GET {path.partition('?')[0]}")
    panel.set_ylabel("p50, milliseconds")
    # Room for the legend above the highest line.
    panel.set_ylim(0, 1.3 * panel.get_ylim()[1])
    panel.legend(frameon=False, loc="upper left", ncols=3)


def _changes(moments: Sequence[Moment]) -> list[Moment]:
    return [
        moment
        for before, moment in zip([None, *moments], moments, strict=False)
        if before is None or before.workers != moment.workers
    ]

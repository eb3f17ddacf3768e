"""The dashboards of the chart: what they show is in the modules of `boards`, how in `panels`."""

from collections.abc import Iterator
from pathlib import Path

from deploy.layout import json_text
from deploy.monitoring.boards import events, money, overview, renewals, webhooks
from deploy.monitoring.panels import Dashboard, render
from deploy.monitoring.rules import ROOT

FOLDER = ROOT / "deploy/helm/billing/files/dashboards"
ALL: tuple[Dashboard, ...] = (
    overview.DASHBOARD,
    money.DASHBOARD,
    webhooks.DASHBOARD,
    renewals.DASHBOARD,
    events.DASHBOARD,
)


def expressions() -> Iterator[str]:
    """Every expression of every panel."""
    for dashboard in ALL:
        for row in dashboard.rows:
            for panel in row.panels:
                yield from (expression for expression, _ in panel.queries)


def written() -> dict[Path, str]:
    """What each file is to hold."""
    return {FOLDER / f"{one.name}.json": json_text(render(one)) for one in ALL}


def stale() -> list[Path]:
    """Files that do not hold it."""
    return [path for path, text in written().items() if not path.exists() or path.read_text() != text]


def write() -> None:
    """Write every file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in written().items():
        path.write_text(text)

"""Grafana's JSON, from as few words as a panel needs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

SCHEMA_VERSION = 41
COLUMNS = 24
HEIGHT = 8
STAT_HEIGHT = 4
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True)
class Panel:
    """A panel; `queries` are (expression, legend), `unit` is Grafana's, `red_from` an alert's bound."""

    title: str
    unit: str
    description: str
    queries: Sequence[tuple[str, str]]
    red_from: float | None = None
    is_number: bool = False
    is_stacked: bool = False


@dataclass(frozen=True)
class Row:
    """Panels that belong together."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Dashboard:
    """A dashboard; with `by_service` one may choose which services it shows."""

    name: str
    title: str
    description: str
    rows: Sequence[Row]
    by_service: bool = False
    tags: Sequence[str] = field(default=("billing",))


def render(dashboard: Dashboard) -> dict[str, Any]:
    """The dashboard as Grafana imports it."""
    return {
        "uid": f"billing-{dashboard.name}",
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": list(dashboard.tags),
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": list(_variables(dashboard))},
        "annotations": {"list": []},
        "links": [
            {
                "type": "dashboards",
                "tags": ["billing"],
                "title": "Billing",
                "asDropdown": True,
                "keepTime": True,
            }
        ],
        "panels": list(_panels(dashboard)),
    }


def _variables(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    yield {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
        "refresh": 1,
        "hide": 0,
    }
    if dashboard.by_service:
        yield {
            "name": "service",
            "label": "Service",
            "type": "query",
            "datasource": SOURCE,
            "query": "label_values(billing_outbox_rows, service)",
            "refresh": 2,
            "multi": True,
            "includeAll": True,
            "allValue": ".*",
            "current": {"text": "All", "value": "$__all"},
            "sort": 1,
        }


def _panels(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    number, top, height = 0, 0, HEIGHT
    for row in dashboard.rows:
        number += 1
        yield {
            "id": number,
            "type": "row",
            "title": row.title,
            "collapsed": False,
            "panels": [],
            "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1},
        }
        top += 1
        left = 0
        for panel in row.panels:
            width, height = (4, STAT_HEIGHT) if panel.is_number else (8, HEIGHT)
            if left + width > COLUMNS:
                left, top = 0, top + height
            number += 1
            yield _panel(panel, number, {"x": left, "y": top, "w": width, "h": height})
            left += width
        top += height


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.red_from is not None:
        steps.append({"color": "red", "value": panel.red_from})
    drawn = {
        "fillOpacity": 60 if panel.is_stacked else 10,
        "lineWidth": 1,
        "showPoints": "never",
        "stacking": {"mode": "normal" if panel.is_stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "line" if panel.red_from is not None else "off"},
    }
    return {
        "id": number,
        "type": "stat" if panel.is_number else "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "gridPos": place,
        "targets": list(_targets(panel)),
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "thresholds": {"mode": "absolute", "steps": steps},
                **({} if panel.is_number else {"custom": drawn}),
            },
            "overrides": [],
        },
        "options": _options(panel),
    }


def _targets(panel: Panel) -> Iterator[dict[str, Any]]:
    for letter, (expression, legend) in zip("ABCDEF", panel.queries, strict=False):
        yield {
            "refId": letter,
            "datasource": SOURCE,
            "expr": expression,
            "legendFormat": legend,
            "range": True,
        }


def _options(panel: Panel) -> dict[str, Any]:
    if panel.is_number:
        reduced = {"calcs": ["lastNotNull"], "fields": "", "values": False}
        return {"reduceOptions": reduced, "colorMode": "value", "graphMode": "area", "textMode": "auto"}
    return {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }

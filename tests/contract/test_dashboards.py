"""Dashboards are as their description makes them, complete, and show metrics that exist."""

import json
import re
from itertools import combinations
from typing import Any

import pytest

from deploy.monitoring import dashboards, rules
from deploy.monitoring.expressions import metrics
from tests.contract.test_alerts import known_metrics
from tests.contract.test_metrics import ROOT

NAMES = ["kafka-and-outbox", "overview", "payments", "renewals", "webhooks"]
GRAFANA_UNITS = {"s", "d", "short", "ops", "eps", "reqps", "percentunit", "bytes"}


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((dashboards.FOLDER / f"{name}.json").read_text())
    return found


def drawn(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """Its panels without the rows that part them."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def test_the_files_are_as_their_description_makes_them() -> None:
    assert sorted(path.stem for path in dashboards.FOLDER.glob("*.json")) == NAMES
    assert dashboards.stale() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_dashboard_can_be_imported_anywhere(name: str) -> None:
    dashboard = load(name)
    panels, places = drawn(dashboard), [panel["gridPos"] for panel in dashboard["panels"]]

    assert dashboard["schemaVersion"] >= 39
    assert dashboard["templating"]["list"][0]["type"] == "datasource"
    assert {panel["datasource"]["uid"] for panel in panels} == {"${datasource}"}
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert not [pair for pair in combinations(places, 2) if _overlap(*pair)]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", json.dumps(dashboard))


@pytest.mark.parametrize("name", NAMES)
def test_a_panel_says_what_it_shows_and_in_which_unit(name: str) -> None:
    panels = drawn(load(name))
    assert panels
    for panel in panels:
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in GRAFANA_UNITS, panel["title"]
        assert panel["targets"], panel["title"]


def test_every_metric_of_a_panel_exists() -> None:
    named = {name for expression in dashboards.expressions() for name in metrics(expression)}

    unknown = {name for name in named - known_metrics() if not name.startswith("process_")}

    assert len(named) > 40
    assert unknown == set()


def test_every_metric_of_the_chart_exists() -> None:
    templates = (ROOT / "deploy/helm/billing/templates").rglob("*")
    named = {
        name
        for file in templates
        if file.is_file()
        for name in re.findall(r"\bbilling_[a-z_]+_(?:seconds|total|events|rows)\b", file.read_text())
    }

    assert "billing_webhook_oldest_due_age_seconds" in named
    assert named <= known_metrics()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("max by (service) (billing_outbox_rows) > 60", {"billing_outbox_rows"}),
        (
            'sum(rate(a_total{status=~"5..",b_c="d_e"}[$__rate_interval])) / sum(b_total)',
            {"a_total", "b_total"},
        ),
        ("histogram_quantile(0.99, sum by (le, a_b) (rate(x_bucket[5m])))", {"x_bucket"}),
        ('time() - y_seconds > 300 or absent(z_seconds{w="x_y"})', {"y_seconds", "z_seconds"}),
        ("billing:ratio_rate5m > 14.4 * 0.05", {"billing:ratio_rate5m"}),
    ],
)
def test_the_metrics_of_an_expression_are_found(expression: str, expected: set[str]) -> None:
    assert metrics(expression) == expected


def _overlap(a: dict[str, int], b: dict[str, int]) -> bool:
    beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
    above = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
    return not (beside or above)


def test_every_recorded_rule_is_used() -> None:
    used = {name for rule in rules.rules() for name in metrics(rule["expr"])}
    used |= {name for expression in dashboards.expressions() for name in metrics(expression)}

    assert rules.recorded()
    assert rules.recorded() <= used

"""Every alert says whom it wakes, why, and what to do; fires when it must and keeps quiet when it must."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.monitoring import __main__ as monitoring
from deploy.monitoring import promtool, rules
from deploy.monitoring.cases import CASES
from deploy.monitoring.expressions import OUTSIDE, metrics
from tests.contract.test_metrics import ROOT, defined

needs_promtool = pytest.mark.skipif(
    promtool.find() is None, reason="promtool is not here; make lint-deploy has it"
)


def faults(alerts: dict[str, dict[str, Any]], known: set[str]) -> list[str]:
    """What an alert lacks."""
    found = []
    for name, alert in alerts.items():
        about = alert.get("annotations", {})
        page = about.get("runbook_url", "").removeprefix("runbooks/")
        checks = {
            "severity is page, ticket or info": alert.get("labels", {}).get("severity") in SEVERITIES,
            "a summary": bool(about.get("summary")),
            "a description that is more than the summary": len(about.get("description", "")) > 40,
            "a runbook that exists and names it": page in PAGES and name in PAGES[page] | INDEXED,
            "a test": name in CASES,
            "metrics that exist": metrics(alert["expr"]) <= known,
        }
        found += [f"{name} lacks: {what}" for what, is_there in checks.items() if not is_there]
    return found


SEVERITIES = ("page", "ticket", "info")
PAGES = {page.name: set(re.findall(r"\w+", page.read_text())) for page in rules.RUNBOOKS.glob("*.md")}
INDEXED = PAGES["README.md"]


def known_metrics() -> set[str]:
    """What the code defines, what rules record, and what is known of other programs."""
    return defined(ROOT) | rules.recorded() | set(OUTSIDE)


def test_every_alert_is_complete() -> None:
    assert rules.alerts().keys() >= {"OutboxStuck", *CASES}
    assert faults(rules.alerts(), known_metrics()) == []


def test_every_alert_has_its_line_in_the_index_of_runbooks() -> None:
    alerts = rules.alerts()
    lines = re.findall(r"\]\((\S+\.md)\) \| (.*) \|", (rules.RUNBOOKS / "README.md").read_text())

    listed = {name: page for page, names in lines for name in filter(None, names.split(", "))}

    assert listed == {
        name: alert["annotations"]["runbook_url"].removeprefix("runbooks/") for name, alert in alerts.items()
    }


def test_an_alert_that_lacks_something_is_found() -> None:
    alert = {"alert": "New", "expr": "billing_unheard_of > 0", "labels": {}, "annotations": {}}

    found = faults({"New": alert}, known_metrics())

    assert len(found) == 6


@needs_promtool
def test_promtool_finds_nothing_wrong_and_every_alert_fires_and_keeps_quiet() -> None:
    assert monitoring.check() == []


@needs_promtool
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("billing_outbox_oldest_seconds) > 60", "billing_outbox_oldest_seconds) > 600"),
        ("billing_outbox_oldest_seconds) > 60", "billing_outbox_oldest_seconds) > 59"),
        ("max by (service) (billing_outbox_oldest_seconds) > 60", "max by (service billing_outbox"),
        ("for: 1m", "for: 1h"),
    ],
)
def test_a_planted_fault_in_a_rule_is_found(tmp_path: Path, before: str, after: str) -> None:
    groups = yaml.safe_load((rules.RULES / "events.yaml").read_text())
    (group,) = groups["groups"]
    group["rules"] = [rule for rule in group["rules"] if rule["alert"] == "OutboxStuck"]
    text = yaml.safe_dump(groups, width=10_000)
    (tmp_path / "events.yaml").write_text(text.replace(before, after))
    one = {"OutboxStuck": CASES["OutboxStuck"]}

    found = monitoring.check_rules(tmp_path, one)

    assert before in text
    assert found

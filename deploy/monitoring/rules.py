"""The Prometheus rules of the chart, and the promtool test that is made of their cases."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.monitoring.cases import CASES, Case, Series

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/helm/billing/files/rules"
RUNBOOKS = ROOT / "deploy/runbooks"


def files(folder: Path = RULES) -> list[Path]:
    """The rule files."""
    return sorted(folder.glob("*.yaml"))


def rules(folder: Path = RULES) -> Iterator[dict[str, Any]]:
    """Every rule of every file."""
    for file in files(folder):
        yield from _of(file)


def alerts(folder: Path = RULES) -> dict[str, dict[str, Any]]:
    """The alerts by their names."""
    return {rule["alert"]: rule for rule in rules(folder) if "alert" in rule}


def recorded(folder: Path = RULES) -> set[str]:
    """Names that rules record."""
    return {rule["record"] for rule in rules(folder) if "record" in rule}


def unit_test(file: Path, cases: Mapping[str, Case] = CASES) -> dict[str, Any]:
    """A promtool test in which each alert of the file fires once and stays quiet once."""
    known = {rule["alert"]: rule for rule in _of(file) if "alert" in rule}
    tests = []
    for name, alert in known.items():
        case = cases[name]
        labels = {"alertname": name, "alertstate": "firing", **alert["labels"], **case.labels}
        shown = ", ".join(f'{label}="{value}"' for label, value in labels.items())
        fires = [{"labels": f"ALERTS{{{shown}}}", "value": 1}]
        tests += [_test(name, case.firing, case.at, fires), _test(name, case.quiet, case.at, [])]
    return {"rule_files": [str(file.resolve())], "evaluation_interval": "1m", "tests": tests}


def _of(file: Path) -> Iterator[dict[str, Any]]:
    for group in yaml.safe_load(file.read_text())["groups"]:
        yield from group["rules"]


def _test(name: str, series: Series, minute: int, expected: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "interval": "1m",
        "input_series": [{"series": one, "values": values} for one, values in series.items()],
        "promql_expr_test": [
            {
                "expr": f'ALERTS{{alertname="{name}", alertstate="firing"}}',
                "eval_time": f"{minute}m",
                "exp_samples": expected,
            }
        ],
    }

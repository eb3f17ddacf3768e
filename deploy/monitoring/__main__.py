"""Checks and makes what watches the platform: `python -m deploy.monitoring check|dashboards`.

`check` runs promtool over the rules, over two tests of each alert and over every expression of a dashboard;
`dashboards` writes the dashboards anew.
"""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.monitoring import dashboards, promtool, rules
from deploy.monitoring.cases import CASES, Case
from deploy.monitoring.expressions import plain

TIMEOUT_SECONDS = 300


def check() -> list[str]:
    """What is wrong with rules and dashboards; raises NoPromtool."""
    found = check_rules(rules.RULES, CASES) + _promtool("check", "rules", _as_rules())
    return found + [f"{path.name} is out of date: make it anew" for path in dashboards.stale()]


def check_rules(folder: Path, cases: Mapping[str, Case]) -> list[str]:
    """What promtool finds wrong with the rules of a folder, and with how they behave."""
    found = []
    for file in rules.files(folder):
        found += _promtool("check", "rules", yaml.safe_load(file.read_text())) or _promtool(
            "test", "rules", rules.unit_test(file, cases)
        )
    return found


def _as_rules() -> dict[str, Any]:
    """Every expression of a dashboard as a rule, since promtool checks rules."""
    made = [
        {"record": f"panel:expression:{number}", "expr": plain(expression)}
        for number, expression in enumerate(dashboards.expressions())
    ]
    return {"groups": [{"name": "dashboards", "rules": made}]}


def _promtool(command: str, what: str, content: dict[str, Any]) -> list[str]:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(content, file, width=10_000)
        file.flush()
        done = subprocess.run(
            [str(promtool.get()), command, what, file.name],
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
    return [done.stdout + done.stderr] if done.returncode else []


def main() -> int:
    match sys.argv[1:]:
        case ["check"]:
            found = check()
            print("\n".join(found) or f"{len(rules.alerts())} alerts and the dashboards are well")
            return int(bool(found))
        case ["dashboards"]:
            dashboards.write()
            return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())

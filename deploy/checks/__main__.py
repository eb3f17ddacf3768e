"""`python -m deploy.checks [--quick] [--keep]`: the chart, the examples, the image's recipe and the alerts.

`--quick` needs no Go, Node or promtool and takes seconds; what it leaves out is said. `--keep` renders anew
what deploy/helm/rendered keeps. Leaves with 1 when something is wrong.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.checks import chart, helm, matrix
from deploy.checks.models import ModelsError
from deploy.local.console import Console

Check = Callable[[], list[str]]
DOCKERFILE = helm.ROOT / "deploy" / "docker" / "Dockerfile"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.checks", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args(arguments)
    console = Console()
    program = helm.find()
    if not (program or given.quick):
        with console.working("helm", "built from its source, once"):
            program = helm.install()
    if given.keep and program:
        with console.working("manifests", "rendered anew"):
            matrix.keep(matrix.render(program, matrix.shipped()))
    checks = quick_checks(program) if given.quick else {**quick_checks(program), **slow_checks(program)}
    bad = [name for name, check in checks.items() if _told(console, name, check)]
    return int(bool(bad))


def quick_checks(program: Path | None) -> dict[str, Check]:
    """What needs no more than the lock file's packages, and Helm's part where it has been built before."""
    checks: dict[str, Check] = {
        "generated files": chart.generated,
        "kept manifests": chart.kept,
        "examples": chart.examples,
        "Dockerfile": dockerfile,
    }
    if program:
        checks["helm"] = lambda: chart.rendered(program)
    else:
        print("left out: helm, which has not been built here (`make lint-deploy`)")
    return checks


def slow_checks(program: Path | None) -> dict[str, Check]:
    """What fetches something first."""
    return {"operators' kinds": lambda: chart.custom(program), "alerts": alerts}


def dockerfile() -> list[str]:
    """What hadolint says of the image's recipe."""
    return _output(str(_tool("hadolint")), "--no-color", str(DOCKERFILE))


def alerts() -> list[str]:
    """What promtool says of the alerts, their tests and the dashboards."""
    return _output(sys.executable, "-m", "deploy.monitoring", "check")


def _tool(name: str) -> Path:
    beside = Path(sys.executable).parent / name
    return beside if beside.exists() else Path(shutil.which(name) or name)


def _output(*command: str) -> list[str]:
    done = subprocess.run(command, cwd=helm.ROOT, capture_output=True, text=True, timeout=600, check=False)
    return [(done.stdout + done.stderr).strip()] if done.returncode else []


def _told(console: Console, name: str, check: Check) -> bool:
    """Whether the check found something; says what."""
    try:
        with console.working(name):
            found = check()
            if found:
                raise _Found
    except (helm.HelmError, ModelsError) as error:
        found = [str(error)]
    except _Found:
        pass
    if found:
        console.line(f"  {console.paint('✗', 31)} {name}")
        print(*found, sep="\n  ")
    return bool(found)


class _Found(Exception):
    """A check has found something."""


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except helm.HelmError as error:
        sys.exit(str(error))

"""Helm itself: found, or built once from its source; renders and lints our chart."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "billing"
VERSION = "v4.3.1"
PROGRAM = ROOT / ".local" / "helm" / VERSION / "helm"
# With Go it takes minutes, on a machine that has never compiled it before.
BUILD_TIMEOUT_SECONDS = 1800
RUN_TIMEOUT_SECONDS = 120
# The oldest that Chart.yaml admits: what it has, newer ones have.
OLDEST_KUBERNETES = "1.32.0"


class HelmError(Exception):
    """Helm refused; says with which words."""


def find() -> Path | None:
    """The Helm of this version that was built here, or one named by HELM; none where there is neither."""
    named = os.environ.get("HELM")
    found = Path(named) if named else PROGRAM
    return found if found.exists() else None


def install() -> Path:
    """Helm, built by Go where it is missing; raises HelmError where there is no Go either."""
    if program := find():
        return program
    if not shutil.which("go"):
        raise HelmError("there is no Helm: install Go, or name one by the variable HELM")
    environment = {**os.environ, "GOBIN": str(PROGRAM.parent)}
    command = ["go", "install", f"helm.sh/helm/v4/cmd/helm@{VERSION}"]
    result = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=BUILD_TIMEOUT_SECONDS, check=False
    )
    if result.returncode != 0:
        raise HelmError(f"Helm could not be built:\n{result.stderr}")
    return PROGRAM


def template(helm: Path, values: Sequence[Path] = (), chart: Path = CHART, *options: str) -> str:
    """The chart's objects as YAML; raises HelmError with Helm's reason."""
    files = [f"--values={path}" for path in values]
    where = ["--namespace=billing", f"--kube-version={OLDEST_KUBERNETES}"]
    return _run(helm, "template", "billing", str(chart), *where, *files, *options)


def lint(helm: Path, values: Sequence[Path] = (), chart: Path = CHART) -> None:
    """Raises HelmError where Helm finds a fault or has a doubt."""
    _run(helm, "lint", "--strict", "--quiet", str(chart), *(f"--values={path}" for path in values))


def _run(helm: Path, *arguments: str) -> str:
    result = subprocess.run(
        [str(helm), *arguments], capture_output=True, text=True, timeout=RUN_TIMEOUT_SECONDS, check=False
    )
    if result.returncode != 0:
        raise HelmError((result.stdout + result.stderr).strip())
    return result.stdout

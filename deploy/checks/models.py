"""The operators' kinds against models of them: what they refuse, and fields that they do not know."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from deploy.checks import kinds

HERE = Path(__file__).parent / "models"
FOLDER = Path(__file__).parents[2] / ".local" / "models"
TIMEOUT_SECONDS = 600
_COMPILE = ("--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "esnext")
_FAULT = re.compile(r"objects\.ts[(:](?P<line>\d+)[,:]\d+\)?:? ?-? (?P<words>error .+)")


class ModelsError(Exception):
    """The check itself could not be made."""


def install() -> None:
    """Fetch the models that the lock file names into `.local/`; raises ModelsError without npm."""
    if not shutil.which("npm"):
        raise ModelsError("the operators' models need Node and npm")
    FOLDER.mkdir(parents=True, exist_ok=True)
    lock = (HERE / "package-lock.json").read_text()
    marker = FOLDER / ".installed"
    if not marker.exists() or marker.read_text() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, FOLDER / name)
        result = _run("npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts")
        if result.returncode != 0:
            raise ModelsError(f"the models could not be fetched:\n{result.stdout}{result.stderr}")
        marker.write_text(lock)


def faults(objects: dict[str, list[dict[str, Any]]]) -> list[str]:
    """What is wrong with the operators' objects; equal ones are looked at once, wherever they stand."""
    known: dict[str, dict[str, Any]] = {}
    for place, found in objects.items():
        for one in filter(kinds.is_custom, found):
            known.setdefault(
                json.dumps(one, sort_keys=True), {"where": f"{place}: {kinds.named(one)}", "object": one}
            )
    (FOLDER / "objects.json").write_text(json.dumps(list(known.values())))
    shutil.copy(HERE / "check.mjs", FOLDER / "check.mjs")
    refused = _run("node", "check.mjs")
    if refused.returncode != 0:
        raise ModelsError(refused.stderr)
    compiled = _run("node_modules/.bin/tsc", *_COMPILE, "objects.ts")
    return [*refused.stdout.splitlines(), *_unknown_fields(compiled.stdout)]


def _unknown_fields(report: str) -> list[str]:
    """The compiler's errors, each by the object in whose literal it stands."""
    lines = (FOLDER / "objects.ts").read_text().splitlines()
    found = []
    for fault in _FAULT.finditer(report):
        above = lines[: int(fault["line"])]
        place = next(line for line in reversed(above) if line.startswith("// "))
        found.append(f"{place.removeprefix('// ')}: {fault['words']}")
    return found


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=FOLDER, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )

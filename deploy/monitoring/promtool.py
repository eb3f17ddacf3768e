"""Finds promtool, or fetches it from Debian's package, of which nothing else is installed."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.monitoring.rules import ROOT

KEPT = ROOT / ".local/promtool/promtool"
FETCH_TIMEOUT_SECONDS = 300


class NoPromtool(Exception):
    """promtool is not here and cannot be fetched: install Prometheus, or name it with PROMTOOL=/path."""


def find() -> Path | None:
    """promtool, if it is here."""
    named = os.environ.get("PROMTOOL") or shutil.which("promtool")
    if named:
        return Path(named)
    return KEPT if KEPT.exists() else None


def get() -> Path:
    """promtool, fetched once and kept below .local where it is not here; raises NoPromtool."""
    found = find()
    if found:
        return found
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise NoPromtool(NoPromtool.__doc__)
    with tempfile.TemporaryDirectory() as folder:
        try:
            _run(["apt-get", "download", "prometheus"], folder)
            (package,) = Path(folder).glob("prometheus_*.deb")
            _run(["dpkg-deb", "--extract", str(package), "tree"], folder)
        except (subprocess.SubprocessError, ValueError) as error:
            raise NoPromtool(f"{NoPromtool.__doc__} ({error})") from error
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(Path(folder) / "tree/usr/bin/promtool", KEPT)
    return KEPT


def _run(command: list[str], folder: str) -> None:
    subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True, timeout=FETCH_TIMEOUT_SECONDS
    )

"""Finding the Chromium that tests of pages drive, and installing it. `python -m deploy.local.chromium`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.local.console import Console
from deploy.local.errors import LocalError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_A_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
VERSION_TIMEOUT_SECONDS = 60
INSTALL_TIMEOUT_SECONDS = 600
INSTALLING = (
    ("apt-get", "update"),
    ("apt-get", "install", "--yes", "--no-install-recommends", "chromium"),
)
ADVICE = "install Chromium or Google Chrome, or set CHROMIUM to where it lies"


def find_chromium() -> Path:
    """`CHROMIUM`, or the first browser on PATH that runs; raises LocalError."""
    for browser in candidates():
        if runs(browser):
            return browser
    raise LocalError(f"No Chromium runs here: {ADVICE}.")


def candidates() -> Iterator[Path]:
    """Every place where it may lie, the person's own choice first."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        yield Path(chosen)
    yield from (Path(found) for found in map(shutil.which, NAMES) if found)
    yield ON_A_MAC


def runs(browser: Path) -> bool:
    """Whether it tells its version: Ubuntu's package is a mere pointer to a snap, which may be absent."""
    try:
        answer = subprocess.run(
            [browser, "--version"], capture_output=True, timeout=VERSION_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def install() -> None:
    """Debian's own package, where we are root; raises LocalError."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise LocalError(f"Chromium is installed here only as root of Debian or Ubuntu: {ADVICE}.")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in INSTALLING:
        _run(command, environment)


def _run(command: tuple[str, ...], environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LocalError(f"`{' '.join(command)}` did not end in time: {ADVICE}.") from error
    if done.returncode != 0:
        why = (done.stderr.strip() or "it gave no reason").splitlines()[-1]
        raise LocalError(f"`{' '.join(command)}` failed ({why}): {ADVICE}.")


def main() -> None:
    """Install it where it is missing; where that cannot be, tests of pages are skipped, saying why."""
    try:
        find_chromium()
        return
    except LocalError:
        pass
    try:
        with Console().working("chromium", "for the tests of pages"):
            install()
            find_chromium()
    except LocalError as error:
        print(f"  tests of pages will be skipped. {error}", file=sys.stderr)


if __name__ == "__main__":
    main()

"""The first installation, shown while it goes on: `python3 -m deploy.local.install FOLDER LOCK_FILE`.

It runs before any package is there: the standard library alone.
"""

import re
import subprocess
import sys
import venv
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from deploy.local.console import Console

PIP = ("install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--require-hashes")
SAID_LINES = 15


def main(arguments: list[str]) -> int:
    """0 when everything is installed; 1 with what pip said when it is not."""
    folder, lock = map(Path, arguments)
    console = Console()
    total = wanted(lock.read_text())
    console.line(
        f"\n  installing {total} locked packages into {folder}: Python packages, Postgres 18, a Java\n"
    )
    if not (folder / "bin" / "pip").exists():
        with console.working("environment", str(folder)):
            venv.create(folder, with_pip=True)
    return 0 if _installed(console, folder, lock, total) else 1


def wanted(lock: str) -> int:
    """How many packages a lock file names."""
    return len(re.findall(r"^[\w.\[\]-]+==", lock, re.MULTILINE))


def _installed(console: Console, folder: Path, lock: Path, total: int) -> bool:
    command = [str(folder / "bin" / "pip"), *PIP, "--requirement", str(lock)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said: deque[str] = deque(maxlen=SAID_LINES)
    try:
        with console.working("packages") as tell:
            for word in progress(_kept(process.stdout or [], said), total):
                tell(word)
            if process.wait():
                raise ChildProcessError
    except ChildProcessError:
        console.error("The packages could not be installed; pip said:\n" + "".join(said))
        return False
    return True


def progress(lines: Iterable[str], total: int) -> Iterable[str]:
    """What pip's lines tell: how many packages it has looked at, of how many, and the last of them."""
    count = 0
    for line in lines:
        verb, _, rest = line.strip().partition(" ")
        if verb == "Ignoring":
            total -= 1
        elif verb in ("Collecting", "Requirement"):
            count += 1
            yield f"{count} of {total}, {re.split('[=<>! ]', rest.removeprefix('already satisfied: '))[0]}"
        elif line.startswith("Installing collected packages"):
            yield f"{count} fetched, unpacking"
        elif line.startswith("Successfully installed"):
            yield f"{len(rest.split()) - 1} installed"


def _kept(lines: Iterable[str], said: deque[str]) -> Iterable[str]:
    for line in lines:
        said.append(line)
        yield line


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

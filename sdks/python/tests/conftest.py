"""The scripted server, and clients that speak to it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx  # noqa: F401 - loaded here, not within the first case that counts time
import pytest

ROOT = Path(__file__).parents[3]
CASES = ROOT / "sdks" / "cases"
KEY = "blg_test_CaseKey0"


@dataclass(frozen=True)
class Server:
    """The server of the cases, as a process of its own."""

    url: str

    def play(self, exchanges: list[Any]) -> None:
        """Begin a case."""
        self._ask("/_script", json.dumps([one["reply"] for one in exchanges]).encode())

    def seen(self) -> list[Any]:
        """What it was asked since."""
        found: list[Any] = json.loads(self._ask("/_seen"))
        return found

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data=body), timeout=10) as reply:
            content: bytes = reply.read()
            return content


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    command = [sys.executable, "-m", "sdks.cases.server"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Server(f"http://127.0.0.1:{process.stdout.readline().strip()}")
        assert process.stdin is not None
        process.stdin.close()


def load(name: str) -> Any:
    """The cases of a file."""
    return json.loads((CASES / f"{name}.json").read_text())

"""Tiny programs for tests of the supervisor."""

import sys
from pathlib import Path

from deploy.local.process import Program

SERVES = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SERVES}"


def a_program(directory: Path, code: str = SERVES, name: str = "child", **changes: object) -> Program:
    """A Python one-liner that is ready when its marker file exists."""
    marker = directory / f"{name}.ready"
    settings: dict[str, object] = {
        "name": name,
        "command": [sys.executable, "-c", code, str(marker)],
        "port": 0,
        "log_path": directory / "logs" / f"{name}.log",
        "pid_path": directory / "run" / f"{name}.json",
        "is_ready": marker.exists,
        "start_timeout_seconds": 20,
        "stop_timeout_seconds": 5,
    }
    return Program(**(settings | changes))  # type: ignore[arg-type]

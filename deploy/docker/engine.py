"""Docker's command line, or one that is like it (`CONTAINER_ENGINE=podman`)."""

import os
import subprocess
from collections.abc import Sequence

from deploy.local.errors import LocalError

ENGINE = os.environ.get("CONTAINER_ENGINE", "docker")
BUILD_TIMEOUT_SECONDS = 1800


def engine(arguments: Sequence[str], *, shown: bool = False) -> bytes:
    """What the engine printed; raises LocalError with what it said instead."""
    try:
        done = subprocess.run(
            [ENGINE, *arguments],
            stdout=None if shown else subprocess.PIPE,
            stderr=None if shown else subprocess.PIPE,
            timeout=BUILD_TIMEOUT_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise LocalError(f"{ENGINE} is not installed: this needs a container engine.") from error
    if done.returncode:
        said = (done.stderr or b"").decode(errors="replace").strip()
        raise LocalError(f"`{ENGINE} {arguments[0]}` ended with code {done.returncode}. {said}")
    return done.stdout or b""

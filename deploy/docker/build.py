"""Builds the image, over any base that has Python."""

import subprocess
from pathlib import Path

from deploy.docker.engine import engine
from deploy.local.paths import REPOSITORY

DOCKERFILE = Path(__file__).parent / "Dockerfile"


def build(image: str, base: str | None) -> None:
    """Build `image`; `base` replaces the base image of the Dockerfile. Raises LocalError."""
    arguments = {"REVISION": _revision(), **({"BASE": base} if base else {})}
    given = [part for name, value in arguments.items() for part in ("--build-arg", f"{name}={value}")]
    engine(
        ["build", "--network", "host", "--file", str(DOCKERFILE), "--tag", image, *given, str(REPOSITORY)],
        shown=True,
    )


def _revision() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607 - the git that made this checkout
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=False,
    )
    return found.stdout.strip() or "unknown"

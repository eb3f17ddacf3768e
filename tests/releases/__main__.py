"""`python -m tests.releases <version> <commit>`: keeps a release's code for tests against later events."""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

FOLDER = Path(__file__).parent
PARTS = ("shared", "services", "schemas/events")


def is_kept(name: str) -> bool:
    """What its consumers need, and what its events were said to be."""
    return name.startswith("schemas/events/") or (
        name.endswith((".py", ".sql")) and not name.startswith("services/gateway/")
    )


def main(version: str, commit: str) -> None:
    """Write the archive; the same bytes for the same commit."""
    whole = subprocess.run(["git", "archive", commit, *PARTS], capture_output=True, check=True).stdout
    with (
        tarfile.open(fileobj=io.BytesIO(whole)) as given,
        tarfile.open(FOLDER / f"{version}.tar.xz", "w:xz") as kept,
    ):
        for member in sorted(given.getmembers(), key=lambda one: one.name):
            if member.isfile() and is_kept(member.name):
                kept.addfile(member, given.extractfile(member))


if __name__ == "__main__":
    main(*sys.argv[1:3])

"""The folder of one stack: at most one supervisor at a time works in it."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from deploy.local.errors import LocalError
from deploy.local.unprivileged import reachable_directory, server_user_id

DOWNLOADS = "cache"


def take(state: Path) -> IO[str]:
    """Make the folder and hold it until the returned file is closed; raises LocalError when it is taken.

    The kernel lets go of the lock even when its holder is killed.
    """
    try:
        state.mkdir(parents=True, exist_ok=True)
        # Postgres runs under another account where we are root, and must pass through.
        state.chmod(0o755)
        lock = (state / "lock").open("a+")
    except OSError as error:
        raise LocalError(
            f"{state} cannot be written to ({error.strerror}): name another folder with --state."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        raise LocalError(
            f"A stack already runs in {state} (process {holder}): stop it, or name another --state folder."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def is_taken(state: Path) -> bool:
    """Whether a supervisor works in this folder now."""
    if not os.access(state / "lock", os.W_OK):
        return False
    with (state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def is_ready(state: Path) -> bool:
    """Whether the stack of this folder is up and has told where it is."""
    return (state / "stack.json").exists() and is_taken(state)


def clean(state: Path) -> None:
    """Remove data, logs and secrets of a stack, not its downloads; raises LocalError while it runs."""
    if is_taken(state):
        raise LocalError(f"A stack runs in {state}: stop it first.")
    if not state.exists():
        return
    if os.geteuid() == 0:
        # Below a private folder root's Postgres keeps its data elsewhere.
        shutil.rmtree(reachable_directory(state / "postgres", server_user_id()))
    for path in state.iterdir():
        if path.name != DOWNLOADS:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def temporary_state(place: Path | None = None) -> Iterator[Path]:
    """A folder for a stack or a server of one test run, removed with everything at the end."""
    state = Path(tempfile.mkdtemp(prefix="billing-test-", dir=place))
    # Postgres runs under another account where we are root, and must pass through.
    state.chmod(0o755)
    try:
        yield state
    finally:
        clean(state)
        shutil.rmtree(state, ignore_errors=True)

"""Running Postgres where we are root, which it refuses: another account, and folders that it may enter."""

import hashlib
import os
import pwd
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.local.errors import LocalError

ACCOUNTS = ("postgres", "nobody")
SHARED_PLACE = Path("/var/tmp/billing-local")  # noqa: S108


def server_user_id() -> int | None:
    """The account that runs Postgres: none (ourselves), or for root the first harmless one."""
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise LocalError(
        "Postgres refuses to run as root: run as another user, or add an account named `postgres`."
    )


def reachable_directory(wanted: Path, user_id: int | None) -> Path:
    """Make a folder that the account owns: where it was wanted, or in a place that it can enter.

    Below a private parent (`/root`) the folder lies in /var/tmp, under a name made from the wanted path.
    """
    place = wanted if user_id is None or can_enter(wanted.parent, user_id) else stand_in(wanted)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user_id is not None:
        os.chown(place, user_id, -1)
    return place


def reachable_copy(base: Path, parts: Sequence[str], user_id: int | None) -> Path:
    """The folder itself, or one in /var/tmp with a copy of these parts when the account cannot enter it."""
    if user_id is None or can_enter(base / parts[0], user_id):
        return base
    # The modification time tells a newer installation from the copy of an older one.
    copy = stand_in(base / parts[0], str((base / parts[0]).stat().st_mtime_ns))
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(dir=shared_root()))
        unfinished.chmod(0o755)
        for part in parts:
            shutil.copytree(base / part, unfinished / part, symlinks=True)
        unfinished.rename(copy)
    return copy


def can_enter(folder: Path, user_id: int) -> bool:
    """Whether another account may pass through this folder and all its parents."""
    folder = folder.resolve()
    existing = [parent for parent in (folder, *folder.parents) if parent.exists()]
    return all(_may_pass(parent, user_id) for parent in existing)


def stand_in(wanted: Path, edition: str = "") -> Path:
    """The place in /var/tmp for a path that lies below a private folder."""
    key = hashlib.sha256(f"{wanted.resolve()} {edition}".encode()).hexdigest()[:16]
    return shared_root() / f"{wanted.name}-{key}"


def shared_root() -> Path:
    """A folder of root's in /var/tmp that everybody may enter; refused when somebody else made it."""
    SHARED_PLACE.mkdir(mode=0o755, exist_ok=True)
    if SHARED_PLACE.stat().st_uid != os.geteuid():
        raise LocalError(
            f"{SHARED_PLACE} belongs to another account: remove it, or run from a folder open to all."
        )
    return SHARED_PLACE


def _may_pass(folder: Path, user_id: int) -> bool:
    status = folder.stat()
    return bool(status.st_mode & 0o001) or (status.st_uid == user_id and bool(status.st_mode & 0o100))

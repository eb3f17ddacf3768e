"""Which files a branch changes, as git tells it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

MAIN_BRANCHES = ("main", "origin/main")


class NoSuchRevision(Exception):
    """git knows no commit of this name; the message is a sentence for a person."""


@dataclass(frozen=True)
class Changes:
    """The files that differ from `base` and still exist, new ones with them; `since` says what base is."""

    base: str
    since: str
    paths: tuple[Path, ...]


def changes(root: Path, since: str = "") -> Changes:
    """What differs from `since`; without it, from where the branch left main; on main, from the last commit.

    What is not committed yet counts in each case. Raises NoSuchRevision.
    """
    base, meaning = _base(root, since)
    differing = _paths(root, "diff", "--name-only", "--diff-filter=d", "-z", base, "--")
    untracked = _paths(root, "ls-files", "--others", "--exclude-standard", "-z")
    return Changes(base, meaning, tuple(sorted({*differing, *untracked})))


def _base(root: Path, since: str) -> tuple[str, str]:
    if since:
        commit = _commit(root, since)
        if not commit:
            raise NoSuchRevision(f"There is no commit {since!r}: SINCE takes a branch, a tag or a hash.")
        return commit, since
    mains = [name for name in MAIN_BRANCHES if _commit(root, name)]
    left_at = _git(root, "merge-base", "HEAD", *mains).strip() if mains else ""
    if left_at and left_at != _commit(root, "HEAD"):
        return left_at, f"main ({left_at[:7]})"
    last = _commit(root, "HEAD~1")
    # A first commit has none before it: everything is new.
    return (last, "the commit before the last") if last else (_EMPTY_TREE, "the beginning")


_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def _commit(root: Path, name: str) -> str:
    """The hash of what a name means, empty where it means nothing."""
    return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()


def _paths(root: Path, *arguments: str) -> list[Path]:
    return [Path(name) for name in _git(root, *arguments).split("\0") if name]


def _git(root: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout

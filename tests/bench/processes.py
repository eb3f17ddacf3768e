"""What processes cost, read from /proc: seconds of processor time and memory, with all their children."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Places in /proc/<pid>/stat behind the name: see proc_pid_stat(5).
_PARENT, _OWN, _WITH_REAPED = 1, slice(11, 13), slice(11, 15)


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """User and system time by name since each began: of itself, its children that live, and the ended ones.

    A child that ends is counted where its parent waited for it; Postgres does so for each connection.
    """
    children = _children()
    return {name: _family_ticks(pid, children) / TICKS_PER_SECOND for name, pid in pids.items()}


def memory_mib(pids: Mapping[str, int]) -> dict[str, float]:
    """PSS by name, with all living children: what several processes share is divided among them."""
    children = _children()
    return {name: sum(_pss_kib(one) for one in _family(pid, children)) / 1024 for name, pid in pids.items()}


def listening_on(port: int) -> int:
    """The process that listens on this port of this machine; raises LookupError where none is seen."""
    inodes = {
        fields[9]
        for table in ("tcp", "tcp6")
        for fields in map(str.split, _lines(PROC / "net" / table)[1:])
        if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port
    }
    owners = [pid for pid in _pids() if inodes & set(_sockets(pid))]
    if not owners:
        raise LookupError(f"no process is seen that listens on port {port}")
    # Workers that were forked share the socket of the first.
    return min(owners)


def _family_ticks(pid: int, children: Mapping[int, list[int]]) -> int:
    return sum(sum(map(int, _stat(one)[_WITH_REAPED])) for one in _family(pid, children))


def _family(pid: int, children: Mapping[int, list[int]]) -> Iterable[int]:
    yield pid
    for child in children.get(pid, []):
        yield from _family(child, children)


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for pid in _pids():
        if fields := _stat(pid):
            found.setdefault(int(fields[_PARENT]), []).append(pid)
    return found


def _pids() -> list[int]:
    return [int(name) for name in os.listdir(PROC) if name.isdigit()]


def _stat(pid: int) -> list[str]:
    """The fields behind the name, which may have spaces and parentheses itself; none where it has ended."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _pss_kib(pid: int) -> int:
    for line in _lines(PROC / str(pid) / "smaps_rollup"):
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def _sockets(pid: int) -> Iterator[str]:
    folder = PROC / str(pid) / "fd"
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            # Some are closed meanwhile.
            with contextlib.suppress(OSError):
                link = os.readlink(folder / name)
                if link.startswith("socket:["):
                    yield link[len("socket:[") : -1]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []

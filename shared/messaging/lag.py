"""How far a consumer is behind: in events, in seconds, and for how long without any progress."""

from collections import deque
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

MAX_SAMPLES = 2_000


@dataclass(slots=True)
class _Partition:
    applied: int
    end: int
    moved_at: float
    # (when, how far the topic was): the oldest that is not applied yet tells how long it has waited.
    samples: deque[tuple[float, int]] = field(default_factory=deque)

    def note(self, applied: int, end: int, now: float) -> None:
        if applied != self.applied or applied >= end:
            self.applied, self.moved_at = applied, now
        if end > self.end and len(self.samples) < MAX_SAMPLES:
            self.samples.append((now, end))
        self.end = max(end, self.end)
        while self.samples and self.samples[0][1] <= applied:
            self.samples.popleft()


@dataclass(slots=True)
class LagMeter:
    """Reads the same two numbers of each partition again and again; `now` is a monotonic clock in seconds."""

    _partitions: dict[Hashable, _Partition] = field(default_factory=dict)

    def note(self, readings: Mapping[Hashable, tuple[int, int]], now: float) -> None:
        """Take in, for each partition that is ours, what is applied and where its end is."""
        before, self._partitions = self._partitions, {}
        for key, (applied, end) in readings.items():
            known = before.get(key) or _Partition(applied, applied, now)
            known.note(applied, end, now)
            self._partitions[key] = known

    @property
    def event_count(self) -> int:
        """Events yet to be applied."""
        return sum(max(0, partition.end - partition.applied) for partition in self._partitions.values())

    def oldest_seconds(self, now: float) -> float:
        """For how long the oldest of them has been seen to wait."""
        return max(
            (now - partition.samples[0][0] for partition in self._partitions.values() if partition.samples),
            default=0.0,
        )

    def stalled_seconds(self, now: float) -> float:
        """For how long some partition has had events and applied none."""
        stuck = (
            now - partition.moved_at
            for partition in self._partitions.values()
            if partition.applied < partition.end
        )
        return max(stuck, default=0.0)

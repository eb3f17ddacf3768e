"""Stops a consumer that would set nearly everything aside, and one workspace's lane where only its own fails.

What one workspace's data does never stops the others: the consumer stops when most workspaces fail.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from shared.messaging.received import NOBODY

MAX_WORKSPACES = 10_000


@dataclass(slots=True)
class Guard:
    """Keeps the outcomes of the last `window` events, of all and of each workspace that had dead ones."""

    window: int
    share_percent: int
    minimum: int = 20
    minimum_workspaces: int = 5
    _outcomes: deque[tuple[UUID, bool]] = field(default_factory=deque)
    _lanes: OrderedDict[UUID, deque[bool]] = field(default_factory=OrderedDict)

    def saw_good(self, workspace_ids: Iterable[UUID]) -> None:
        """Count events that were applied."""
        for workspace_id in workspace_ids:
            self._note(workspace_id, is_dead=False)

    def saw_dead(self, workspace_id: UUID) -> bool:
        """Count one that was set aside; True when its workspace's lane is to be set aside too."""
        self._note(workspace_id, is_dead=True)
        lane = self._lanes[workspace_id]
        while len(self._lanes) > MAX_WORKSPACES:
            self._lanes.popitem(last=False)
        if workspace_id == NOBODY or not self._is_too_much(sum(lane), len(lane)):
            return False
        # Once resumed, it gets a new chance.
        del self._lanes[workspace_id]
        return True

    @property
    def has_tripped(self) -> bool:
        """Whether most workspaces fail: then the fault is ours, and no event should be set aside for it."""
        if sum(is_dead for _, is_dead in self._outcomes) < self.minimum:
            return False
        seen: Counter[UUID] = Counter(workspace_id for workspace_id, _ in self._outcomes)
        dead: Counter[UUID] = Counter(workspace_id for workspace_id, is_dead in self._outcomes if is_dead)
        failing = [
            workspace
            for workspace, count in dead.items()
            if count * 100 > self.share_percent * seen[workspace]
        ]
        return len(failing) >= self.minimum_workspaces and len(failing) * 100 > self.share_percent * len(seen)

    def _note(self, workspace_id: UUID, *, is_dead: bool) -> None:
        self._outcomes.append((workspace_id, is_dead))
        if len(self._outcomes) > self.window:
            self._outcomes.popleft()
        if lane := self._lanes.get(workspace_id):
            lane.append(is_dead)
        elif is_dead:
            self._lanes[workspace_id] = deque([True], maxlen=self.window)

    def _is_too_much(self, dead: int, count: int) -> bool:
        return dead >= self.minimum and dead * 100 > self.share_percent * count

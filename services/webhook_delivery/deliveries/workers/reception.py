"""Takes fresh deliveries over from the transactions of this process, with no query on their way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from services.webhook_delivery.deliveries.domain.delivery import Delivery
from services.webhook_delivery.deliveries.repository.deliveries import shard_of
from services.webhook_delivery.deliveries.workers.fetching import Group, with_targets
from services.webhook_delivery.deliveries.workers.lanes import Lanes
from services.webhook_delivery.deliveries.workers.pauses import Pauses
from services.webhook_delivery.deliveries.workers.shards import Shards
from services.webhook_delivery.messages.operations.desk import Fresh, Share
from shared.kernel.key_ring import KeyRing
from shared.postgres.transaction import Database


@dataclass(slots=True)
class Reception:
    """Offers what room there is, and passes on what comes; `strangers` wait until their endpoint is read."""

    lanes: Lanes
    pauses: Pauses
    shards: Shards
    receive: Callable[[Group], None]
    lease_seconds: float
    strangers: list[Delivery] = field(default_factory=list)
    is_open: bool = True

    def share(self) -> Share | None:
        """What there is room for now; asked by each transaction that makes deliveries."""
        owned = self.shards.owned
        if not owned or not self.is_open:
            return None
        left, spaces = self.lanes.free - len(self.strangers), dict[UUID, int]()

        def takes(endpoint_id: UUID) -> bool:
            nonlocal left
            if left <= 0 or shard_of(endpoint_id) not in owned:
                return False
            space = spaces[endpoint_id] if endpoint_id in spaces else self._space(endpoint_id)
            spaces[endpoint_id], left = space - 1, left - (space > 0)
            return space > 0

        return Share(takes, uuid4(), self.lease_seconds)

    def admit(self, fresh: Sequence[Fresh]) -> None:
        """Let them in whose endpoint is known as it is now."""
        by_endpoint: dict[UUID, list[Fresh]] = {}
        for one in fresh:
            by_endpoint.setdefault(one.delivery.endpoint_id, []).append(one)
        for endpoint_id, own in by_endpoint.items():
            lane = self.lanes.lane(endpoint_id)
            newest = max(one.endpoint_version for one in own)
            found = [one.delivery for one in own]
            if lane and lane.is_current and lane.target.endpoint.version >= newest:
                self.receive(Group(endpoint_id, lane.target, found))
            else:
                self.strangers += found

    async def greet(self, database: Database, ring: KeyRing) -> None:
        """Read the endpoints of those that wait for it, and let them in."""
        found, self.strangers = self.strangers, []
        try:
            groups = await with_targets(database, ring, found)
        except BaseException:
            self.strangers = found + self.strangers
            raise
        for group in groups:
            self.receive(group)

    def _space(self, endpoint_id: UUID) -> int:
        return 0 if self.pauses.left_ms(endpoint_id) else self.lanes.space(endpoint_id)

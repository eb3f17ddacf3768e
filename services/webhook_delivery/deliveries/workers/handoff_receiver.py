"""Takes deliveries over from the commits of this process, with no query on their way: the fast path."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from services.webhook_delivery.deliveries.domain.delivery import Delivery
from services.webhook_delivery.deliveries.operations.handoff import LeasedDelivery, LeaseOffer
from services.webhook_delivery.deliveries.repository.queue import shard_of
from services.webhook_delivery.deliveries.workers.backoff import EndpointBackoffs
from services.webhook_delivery.deliveries.workers.claim import EndpointBatch, load_batches
from services.webhook_delivery.deliveries.workers.dispatch_queue import DispatchQueue
from services.webhook_delivery.deliveries.workers.shards import Shards
from shared.kernel.key_ring import KeyRing
from shared.postgres.transaction import Database


@dataclass(slots=True)
class HandoffReceiver:
    """Offers leases for what there is room for, and enqueues what is handed over.

    Deliveries `without_endpoint` wait until their endpoint has been read.
    """

    queue: DispatchQueue
    backoffs: EndpointBackoffs
    shards: Shards
    enqueue: Callable[[EndpointBatch], None]
    lease_seconds: float
    without_endpoint: list[Delivery] = field(default_factory=list)
    is_open: bool = True

    def offer_lease(self) -> LeaseOffer | None:
        """A lease for what there is room for now; asked for by each transaction that makes deliveries."""
        owned = self.shards.owned
        if not owned or not self.is_open:
            return None
        left, spaces = self.queue.free - len(self.without_endpoint), dict[UUID, int]()

        def takes(endpoint_id: UUID) -> bool:
            nonlocal left
            if left <= 0 or shard_of(endpoint_id) not in owned:
                return False
            space = spaces[endpoint_id] if endpoint_id in spaces else self._space(endpoint_id)
            spaces[endpoint_id], left = space - 1, left - (space > 0)
            return space > 0

        return LeaseOffer(takes, uuid4(), self.lease_seconds)

    def receive(self, leased: Sequence[LeasedDelivery]) -> None:
        """Enqueue those whose endpoint is known as it is now; the others wait until it has been read."""
        by_endpoint: dict[UUID, list[LeasedDelivery]] = {}
        for lease in leased:
            by_endpoint.setdefault(lease.delivery.endpoint_id, []).append(lease)
        for endpoint_id, leases in by_endpoint.items():
            own = self.queue.queue_of(endpoint_id)
            newest = max(lease.endpoint_version for lease in leases)
            deliveries = [lease.delivery for lease in leases]
            if own and own.is_current and own.target.endpoint.version >= newest:
                self.enqueue(EndpointBatch(endpoint_id, own.target, deliveries))
            else:
                self.without_endpoint += deliveries

    async def load_endpoints(self, database: Database, ring: KeyRing) -> None:
        """Read the endpoints of those that wait for it, and enqueue them."""
        deliveries, self.without_endpoint = self.without_endpoint, []
        try:
            batches = await load_batches(database, ring, deliveries)
        except BaseException:
            self.without_endpoint = deliveries + self.without_endpoint
            raise
        for batch in batches:
            self.enqueue(batch)

    def _space(self, endpoint_id: UUID) -> int:
        return 0 if self.backoffs.left_ms(endpoint_id) else self.queue.space(endpoint_id)

"""The handoff: what a unit of work makes due goes to the worker of this process, once it has committed.

Whoever waits here for the feed to grow is told in the same way.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import Delivery
from shared.messaging.work import Unit


@dataclass(frozen=True, slots=True)
class LeaseOffer:
    """A lease for what the worker of this process has room for now; it holds from the insert on."""

    takes: Callable[[UUID], bool]
    """Whether it takes one more delivery to this endpoint."""
    token: UUID
    lease_seconds: float


@dataclass(frozen=True, slots=True)
class LeasedDelivery:
    """A delivery with its body, leased at its insert, and its endpoint's version at that time."""

    delivery: Delivery
    endpoint_version: int


Receive = Callable[[Collection[int], Sequence[LeasedDelivery]], None]


@dataclass(slots=True)
class Handoff:
    """The way from units of work to the deliverer, which sets both ends; without one, nothing is leased."""

    offer_lease: Callable[[], LeaseOffer | None] = lambda: None
    receive: Receive = lambda shards, leased: None
    wake_readers: Callable[[Collection[UUID]], None] = lambda workspace_ids: None

    def hand_over(self, unit: Unit, shards: Collection[int], leased: Sequence[LeasedDelivery] = ()) -> None:
        """Tell, at the unit's commit, that deliveries of these shards are due, and pass these on."""
        unit.after_commit(partial(self.receive, shards, leased))

    def tell_readers(self, unit: Unit, workspace_ids: Collection[UUID]) -> None:
        """Tell, at the unit's commit, those who wait that these workspaces' feeds have grown."""
        unit.after_commit(lambda: self.wake_readers(workspace_ids))

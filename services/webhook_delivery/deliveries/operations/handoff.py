"""The handoff buffer: what a transaction makes due goes to this process's worker once it has committed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import Delivery
from shared.postgres.pool import Connection

# Longer than a transaction may last: what is older was rolled back.
_FORGET_AFTER = timedelta(minutes=2)


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


@dataclass(slots=True)
class Handoff:
    """What one transaction made due. It keeps the transaction, so that no other gets the same identity."""

    tx: Connection
    at: datetime
    shards: set[int] = field(default_factory=set)
    leased: list[LeasedDelivery] = field(default_factory=list)


class HandoffBuffer:
    """Notes what each open transaction made due. Without a worker behind it, nothing is handed over."""

    def __init__(self) -> None:
        self._handoffs: dict[int, Handoff] = {}
        self.offer_lease: Callable[[], LeaseOffer | None] = lambda: None

    def hand_over(self, tx: Connection, shards: Iterable[int], leased: Iterable[LeasedDelivery] = ()) -> None:
        """This transaction makes deliveries of these shards due, and these it hands over."""
        handoff = self._handoffs.get(id(tx))
        if handoff is None or handoff.tx is not tx:
            handoff = self._handoffs[id(tx)] = Handoff(tx, datetime.now(UTC))
            self._forget_rolled_back(handoff.at)
        handoff.shards.update(shards)
        handoff.leased.extend(leased)

    def take(self, tx: Connection) -> Handoff | None:
        """What this transaction noted; asked once, after its commit."""
        return self._handoffs.pop(id(tx), None)

    def _forget_rolled_back(self, now: datetime) -> None:
        if len(self._handoffs) > 1:
            old = [key for key, handoff in self._handoffs.items() if handoff.at < now - _FORGET_AFTER]
            for key in old:
                del self._handoffs[key]

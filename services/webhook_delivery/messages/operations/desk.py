"""Where what a transaction makes due is handed over to the worker of this process, once it has committed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import Delivery
from shared.postgres.pool import Connection

# Longer than a transaction may last: what is older was rolled back.
_FORGET_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Share:
    """What the worker of this process has room for now: it holds the lease from the insert on."""

    takes: Callable[[UUID], bool]
    """Whether it takes one more delivery to this endpoint."""
    token: UUID
    lease_seconds: float


@dataclass(frozen=True, slots=True)
class Fresh:
    """A delivery with its body, leased at its insert, and its endpoint's version at that time."""

    delivery: Delivery
    endpoint_version: int


@dataclass(slots=True)
class Made:
    """What one transaction made due. It keeps the transaction, so that no other gets the same identity."""

    tx: Connection
    at: datetime
    shards: set[int] = field(default_factory=set)
    fresh: list[Fresh] = field(default_factory=list)


class Desk:
    """Notes what each open transaction made due. Without a worker behind it, nothing is handed over."""

    def __init__(self) -> None:
        self._made: dict[int, Made] = {}
        self.share: Callable[[], Share | None] = lambda: None

    def note(self, tx: Connection, shards: Iterable[int], fresh: Iterable[Fresh] = ()) -> None:
        """This transaction makes deliveries of these shards due, and these it hands over."""
        made = self._made.get(id(tx))
        if made is None or made.tx is not tx:
            made = self._made[id(tx)] = Made(tx, datetime.now(UTC))
            self._forget_rolled_back(made.at)
        made.shards.update(shards)
        made.fresh.extend(fresh)

    def taken(self, tx: Connection) -> Made | None:
        """What this transaction noted; asked once, after its commit."""
        return self._made.pop(id(tx), None)

    def _forget_rolled_back(self, now: datetime) -> None:
        if len(self._made) > 1:
            old = [key for key, made in self._made.items() if made.at < now - _FORGET_AFTER]
            for key in old:
                del self._made[key]

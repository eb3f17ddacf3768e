"""Who wants which event: each workspace's endpoints, kept in memory and read anew at a new version."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.webhook_delivery.endpoints.domain.endpoint import Endpoint
from services.webhook_delivery.endpoints.repository import endpoints
from services.webhook_delivery.event_types.domain.event_filter import PatternIndex
from services.webhook_delivery.message_store.domain import Message
from shared.postgres.pool import Connection

# An event must never be missed because its maker's clock is behind ours.
_CLOCKS_DIFFER = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An endpoint as far as new messages are concerned; what it does not take is held for it."""

    endpoint_id: UUID
    version: int
    takes_deliveries: bool
    is_ordered: bool
    created_at: datetime

    def may_hear(self, message: Message) -> bool:
        """Whether it was there when it happened, by clocks that may differ, and is not its object."""
        if self.endpoint_id == message.not_for:
            return False
        return message.happened_at is None or message.happened_at >= self.created_at - _CLOCKS_DIFFER


class SubscriberCache:
    """Compiled filters of the workspaces that were busy last."""

    def __init__(self, max_workspaces: int) -> None:
        self._max_workspaces = max_workspaces
        self._known: OrderedDict[UUID, tuple[int, PatternIndex[Subscriber]]] = OrderedDict()

    async def at(self, tx: Connection, versions: Mapping[UUID, int]) -> dict[UUID, PatternIndex[Subscriber]]:
        """The filters of these workspaces at these versions, which the caller read under the feed's lock."""
        stale = [id_ for id_, version in versions.items() if self._version(id_) != version]
        if stale:
            self._learn(stale, versions, await endpoints.of_workspaces(tx, stale))
        indexes = {}
        for workspace_id in versions:
            self._known.move_to_end(workspace_id)
            indexes[workspace_id] = self._known[workspace_id][1]
        while len(self._known) > self._max_workspaces:
            self._known.popitem(last=False)
        return indexes

    def _version(self, workspace_id: UUID) -> int | None:
        entry = self._known.get(workspace_id)
        return entry[0] if entry else None

    def _learn(
        self, workspace_ids: Sequence[UUID], versions: Mapping[UUID, int], read: Sequence[Endpoint]
    ) -> None:
        filters: dict[UUID, PatternIndex[Subscriber]] = {id_: PatternIndex() for id_ in workspace_ids}
        for endpoint in read:
            subscriber = Subscriber(
                endpoint.id,
                endpoint.version,
                endpoint.takes_deliveries,
                endpoint.is_ordered,
                endpoint.created_at,
            )
            filters[endpoint.workspace_id].add(endpoint.event_types, subscriber)
        for workspace_id, compiled in filters.items():
            self._known[workspace_id] = (versions[workspace_id], compiled)

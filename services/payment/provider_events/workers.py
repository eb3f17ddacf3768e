"""Works hints of providers off, and asks providers for those that never arrived."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from services.payment.provider_connections import repository as provider_connections
from services.payment.provider_connections.operations import Providers
from services.payment.provider_events import operations
from services.payment.provider_events import repository as provider_events
from services.payment.provider_events.operations import MAX_FAILURES
from services.payment.provider_events.repository import Hint
from services.payment.providers.provider import ProviderError, ProviderRejected
from shared.kernel.errors import BillingError
from shared.messaging import workspaces
from shared.messaging.work import begin
from shared.postgres.transaction import Database

log = structlog.get_logger()


@dataclass(slots=True)
class ProviderEvents:
    """The hints of all providers."""

    database: Database
    providers: Providers
    # A hint that cannot be applied waits so long, whoever takes it then.
    lease: timedelta = timedelta(seconds=60)
    catch_up_every: timedelta = timedelta(minutes=5)
    batch: int = 50

    async def step(self) -> bool:
        """Apply what is due; True when there may be more."""
        async with self.database.transaction() as tx:
            hints = await provider_events.claim(tx, self.lease, self.batch)
        for hint in hints:
            await self._apply(hint)
        return len(hints) == self.batch

    async def catch_up(self) -> bool:
        """Read the events since the last time of connections that were not asked for a while."""
        async with self.database.transaction() as tx:
            connections = await provider_connections.to_catch_up(tx, self.catch_up_every, self.batch)
        for connection in connections:
            try:
                provider = await self.providers.open(connection)
                events, cursor = await provider.events_since(connection.event_cursor)
            except (ProviderError, BillingError) as error:
                log.warning("provider.not_caught_up", connection_id=str(connection.id), error=repr(error))
                continue
            async with self.database.transaction() as tx:
                await operations.take_in(
                    tx, connection.workspace_id, connection.provider, connection.mode, events
                )
                await provider_connections.note_cursor(tx, connection, cursor)
        return len(connections) == self.batch

    async def _apply(self, hint: Hint) -> None:
        try:
            async with self.database.transaction() as tx:
                provider = await self.providers.get(tx, hint.workspace_id, hint.provider, hint.mode)
            read = await operations.read_again(provider, hint)
        except (ProviderError, BillingError) as error:
            await self._put_off(hint, error)
            return
        async with begin(self.database) as unit:
            work = await workspaces.work_of(unit, hint.workspace_id)
            await operations.apply_hint(work, hint, read)

    async def _put_off(self, hint: Hint, error: Exception) -> None:
        log.warning("provider_event.not_read", type=hint.type, event_id=hint.event_id, error=repr(error))
        if hint.failure_count >= MAX_FAILURES or isinstance(error, ProviderRejected):
            async with self.database.transaction() as tx:
                await provider_events.take(tx, hint)

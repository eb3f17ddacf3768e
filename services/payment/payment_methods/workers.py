"""What the clock does to payment methods: their expiry is announced, deleted ones are detached."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from services.payment.payment_methods.operations import announce_expiry
from services.payment.payment_methods.repository import payment_methods
from services.payment.provider_connections.operations import Providers
from services.payment.providers.provider import ProviderError, ProviderRejected
from shared.kernel.errors import BillingError
from shared.messaging import workspaces
from shared.messaging.work import begin
from shared.postgres.transaction import Database

BATCH = 100
log = structlog.get_logger()


@dataclass(slots=True)
class PaymentMethods:
    """The methods of all workspaces."""

    database: Database
    providers: Providers
    detach_again_after: timedelta = timedelta(minutes=5)

    async def announce(self) -> bool:
        """Say of methods that they will expire, or have, on their workspace's clock."""
        async with begin(self.database) as unit:
            methods = await payment_methods.to_announce(unit.tx, BATCH)
            works = await workspaces.works_of(unit, [method.workspace_id for method in methods])
            said_count = 0
            for method in methods:
                said_count += await announce_expiry(works[method.workspace_id], method)
        return said_count > 0 and len(methods) == BATCH

    async def detach(self) -> bool:
        """Tell providers of methods that were deleted here."""
        async with self.database.transaction() as tx:
            methods = await payment_methods.to_detach(tx, self.detach_again_after, BATCH)
        for method in methods:
            try:
                async with self.database.transaction() as tx:
                    provider = await self.providers.get(tx, method.workspace_id, method.provider, method.mode)
                await provider.detach_method(method.external_id, key=f"detach:{method.id}")
            except ProviderRejected:
                # It is gone there already.
                pass
            except (ProviderError, BillingError) as error:
                log.warning("payment_method.not_detached", method_id=str(method.id), error=repr(error))
                continue
            async with self.database.transaction() as tx:
                await payment_methods.note_detached(tx, method)
        return len(methods) == BATCH

"""Sends refunds of collected payments to their provider, and hears how they went."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from services.payment import metrics
from services.payment.collections.domain.collection import Delays
from services.payment.provider_connections.operations import Providers
from services.payment.providers.provider import (
    Amount,
    Provider,
    ProviderError,
    ProviderRejected,
    RefundState,
)
from services.payment.refunds.operations import finish_refund
from services.payment.refunds.repository import sendings
from services.payment.refunds.repository.sendings import RefundSending
from shared.kernel.errors import BillingError
from shared.kernel.leased_work import delay_after
from shared.messaging import workspaces
from shared.messaging.work import begin
from shared.postgres.transaction import Database

log = structlog.get_logger()
_DAY = timedelta(days=1)


@dataclass(slots=True)
class RefundSender:
    """The refunds that providers are to be told of."""

    database: Database
    providers: Providers
    delays: Delays
    # Longer than one call can last: nobody else sends it meanwhile.
    lease: timedelta = timedelta(seconds=120)
    batch: int = 20

    async def step(self) -> bool:
        """Send or look up what is due; True when there may be more."""
        async with self.database.transaction() as tx:
            await sendings.note_pending(tx, self.batch)
            due = await sendings.claim(tx, self.lease, self.batch)
        for sending in due:
            await self._send(sending)
        return len(due) == self.batch

    async def _send(self, sending: RefundSending) -> None:
        try:
            async with self.database.transaction() as tx:
                provider = await self.providers.get(tx, sending.workspace_id, sending.provider, sending.mode)
            state = await self._ask(provider, sending)
        except ProviderRejected as error:
            log.error("refund.rejected", refund_id=str(sending.refund_id), code=error.code)
            await self._finish(sending, None, succeeded=False, reason=error.code)
        except (ProviderError, BillingError) as error:
            metrics.REFUNDS_SENT.labels("unanswered").inc()
            log.warning("refund.unanswered", refund_id=str(sending.refund_id), error=repr(error))
            await self._wait(sending, None)
        else:
            if state.status in ("succeeded", "failed", "canceled"):
                has_gone = state.status == "succeeded"
                reason = None if has_gone else state.failure_reason or state.status
                await self._finish(sending, state.reference, succeeded=has_gone, reason=reason)
            else:
                metrics.REFUNDS_SENT.labels("pending").inc()
                await self._wait(sending, state.reference)

    async def _ask(self, provider: Provider, sending: RefundSending) -> RefundState:
        if sending.sent_reference:
            return await provider.get_refund(sending.sent_reference)
        refund_id = str(sending.refund_id)
        if sending.miss_count > 1:
            # Perhaps it was done and its answer lost: the provider may have forgotten the key by now.
            sent = await provider.find_refund(sending.payment_reference, refund_id)
            if sent:
                return sent
        return await provider.refund(
            sending.payment_reference,
            Amount(sending.amount_minor, sending.currency),
            refund_id=refund_id,
            reason=sending.reason,
            key=f"refund:{refund_id}",
        )

    async def _finish(
        self, sending: RefundSending, reference: str | None, *, succeeded: bool, reason: str | None = None
    ) -> None:
        async with begin(self.database) as unit:
            work = await workspaces.work_of(unit, sending.workspace_id)
            await finish_refund(work, sending.refund_id, succeeded=succeeded, reason=reason)
            await sendings.note(unit.tx, sending, reference, _DAY)
        metrics.REFUNDS_SENT.labels("succeeded" if succeeded else "failed").inc()

    async def _wait(self, sending: RefundSending, reference: str | None) -> None:
        delay = delay_after(self.delays.lookups, sending.miss_count - 1) or _DAY
        async with self.database.transaction() as tx:
            await sendings.note(tx, sending, reference, delay)

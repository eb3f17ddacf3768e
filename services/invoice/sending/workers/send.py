"""Sends: claims what is due, talks to mail servers and SMS accounts with no transaction open, notes outcomes.

That an attempt begins is committed before anything leaves. If this process dies after that, whoever takes the
delivery next knows only that it may have been sent, and says so.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog

from services.invoice import metrics
from services.invoice.documents.domain.document_data import DataWriter
from services.invoice.documents.operations import RenderedDocument
from services.invoice.invoices.workers.credit_at_issue import CreditAtIssue
from services.invoice.sending.channels.channel import Channel, Unreachable
from services.invoice.sending.domain.delivery import Delivery, Outcome, Verdict
from services.invoice.sending.operations import attempts
from services.invoice.sending.operations.attempts import PreparedMessage
from services.invoice.sending.operations.channels import Channels
from services.invoice.sending.repository import due_deliveries
from services.invoice.sending.repository.due_deliveries import ClaimedDelivery
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError, Unavailable
from shared.kernel.leased_work import LeaseLost
from shared.messaging import workspaces
from shared.messaging.slots import Slots, pass_by
from shared.messaging.work import Work, begin
from shared.postgres.transaction import Database

log = structlog.get_logger()
_CREDIT_UNKNOWN = Outcome(
    Verdict.TEMPORARY, "credit_unknown", "The payment service has not said what credit settled."
)


@dataclass(frozen=True, slots=True)
class SendingLimits:
    """How many workspaces are sent for at once, how much of each in a batch, and how long that is ours."""

    slots: int = 8
    batch: int = 20
    lease: timedelta = timedelta(seconds=180)
    delays: Sequence[timedelta] = (timedelta(seconds=30),)
    observed_every_seconds: float = 10


class DeliverySender:
    """The deliveries that one process sends. Several processes share them by their leases."""

    def __init__(
        self,
        database: Database,
        channels: Channels,
        data_writer: DataWriter,
        limits: SendingLimits,
        *,
        reach: Callable[[str], None] = pass_by,
        openings: CreditAtIssue | None = None,
    ) -> None:
        self._database = database
        self._channels = channels
        self._data_writer = data_writer
        self._limits = limits
        self._openings = openings
        self._reach = reach
        self._slots = Slots(limits.slots)
        self._observe_at = time.monotonic()

    async def step(self) -> bool:
        """Claim what is due and begin with it; True when there may be more at once."""
        free = await self._slots.free()
        async with self._database.transaction() as tx:
            claimed = await due_deliveries.claim(
                tx,
                self._slots.workspace_ids,
                token=uuid4(),
                lease=self._limits.lease,
                workspace_count=free,
                count_each=self._limits.batch,
            )
            workspace_ids = sorted({each.delivery.workspace_id for each in claimed})
            clocks = await workspaces.clocks(tx, workspace_ids)
        self._reach("after_claim")
        for workspace_id, clock in clocks.items():
            own = [each for each in claimed if each.delivery.workspace_id == workspace_id]
            self._slots.begin(self._send_all(own, clock), workspace_id)
        await self._observe()
        return bool(claimed)

    async def close(self) -> None:
        """Wait for what is under way: each attempt has its time limit."""
        await self._slots.close()

    async def _send_all(self, claimed: Sequence[ClaimedDelivery], clock: Clock) -> None:
        for channel in dict.fromkeys(each.delivery.channel for each in claimed):
            same = [each.delivery for each in claimed if each.delivery.channel == channel]
            try:
                await self._send(same, claimed[0].is_live, clock)
            except Exception as error:
                # The leases run out, and the next claim sees how far each came.
                log.error("deliveries.step_failed", channel=channel, count=len(same), exc_info=error)

    async def _send(self, deliveries: Sequence[Delivery], is_live: bool, clock: Clock) -> None:
        """Send a workspace's deliveries of one channel over one connection, each as things stand by then."""
        channel: Channel | None = None
        away: Outcome | None = None
        try:
            for delivery in deliveries:
                prepared = await self._prepare(delivery, clock)
                if isinstance(prepared, PreparedMessage) and channel is None and away is None:
                    channel, away = await self._open(delivery, is_live)
                outcome = prepared if isinstance(prepared, Outcome) else away
                if outcome:
                    await self._conclude(delivery, outcome, clock)
                elif channel and isinstance(prepared, PreparedMessage):
                    # What is away for one is away for the others: they need not find out one by one.
                    away = await self._attempt(channel, prepared, clock)
        finally:
            if channel:
                await channel.close()

    async def _prepare(self, delivery: Delivery, clock: Clock) -> PreparedMessage | Outcome:
        try:
            if not await self._knows_credit(delivery):
                return _CREDIT_UNKNOWN
            async with self._begin(delivery, clock) as work:
                return await attempts.prepare_message(work, delivery)
        except Unavailable:
            raise
        except Exception as error:
            return _outcome_of_our_fault(delivery, error)

    async def _knows_credit(self, delivery: Delivery) -> bool:
        """Whether it is known what credit settled: whoever asks for that too gets it twice."""
        if delivery.kind != "invoice" or self._openings is None:
            return True
        return await self._openings.learn(delivery.workspace_id, delivery.document_id)

    async def _open(self, first: Delivery, is_live: bool) -> tuple[Channel | None, Outcome | None]:
        """The channel, ready to send; or why nothing can be sent now."""
        channel: Channel | None = None
        try:
            async with self._database.transaction() as tx:
                channel = await self._channels.choose(tx, first.workspace_id, first.channel, is_live=is_live)
            await channel.open()
        except Unreachable as error:
            if channel:
                await channel.close()
            return None, error.outcome
        except BillingError as error:
            return None, Outcome(Verdict.TEMPORARY, error.code, error.detail)
        return channel, None

    async def _attempt(self, channel: Channel, prepared: PreparedMessage, clock: Clock) -> Outcome | None:
        """Send one, once; returns its outcome where the channel has gone away.

        What is simulated needs no note beforehand, for nothing leaves the house.
        """
        delivery, limits = prepared.delivery, self._limits
        try:
            rendered = await prepared.render(self._data_writer)
        except Exception as error:
            await self._conclude(delivery, _outcome_of_our_fault(delivery, error), clock)
            return None
        message = prepared.message(rendered)
        try:
            if not channel.is_simulated:
                async with self._begin(delivery, clock) as work:
                    delivery = await attempts.begin_attempt(work, delivery, limits.lease)
            self._reach("before_send")
            try:
                async with asyncio.timeout(limits.lease.total_seconds() * 4 / 5):
                    outcome = await channel.send(message)
            except TimeoutError:
                outcome = Outcome(Verdict.UNKNOWN, "no_answer", "It took too long.")
            self._reach("after_send")
        except LeaseLost:
            self._note_lost(delivery)
            return None
        await self._conclude(delivery, outcome, clock, rendered)
        return outcome if (outcome.code or "").startswith("channel_") else None

    async def _conclude(
        self, delivery: Delivery, outcome: Outcome, clock: Clock, rendered: RenderedDocument | None = None
    ) -> None:
        try:
            async with self._begin(delivery, clock) as work:
                delays = self._limits.delays
                change = await attempts.conclude_attempt(work, delivery, outcome, delays, rendered)
        except LeaseLost:
            self._note_lost(delivery)
            return
        metrics.DELIVERIES.labels(delivery.channel, outcome.verdict.value).inc()
        log.info(
            "delivery.attempted",
            delivery_id=str(delivery.id),
            channel=delivery.channel,
            status=change.delivery.status.value,
            attempt_count=change.delivery.attempt_count,
            code=outcome.code,
        )

    @asynccontextmanager
    async def _begin(self, delivery: Delivery, clock: Clock) -> AsyncIterator[Work]:
        async with begin(self._database) as unit:
            yield unit.within(delivery.workspace_id, clock)

    def _note_lost(self, delivery: Delivery) -> None:
        metrics.DELIVERIES.labels(delivery.channel, "lease_lost").inc()
        log.warning("delivery.lease_lost", delivery_id=str(delivery.id))

    async def _observe(self) -> None:
        if time.monotonic() < self._observe_at:
            return
        self._observe_at = time.monotonic() + self._limits.observed_every_seconds
        async with self._database.transaction() as tx:
            oldest = await due_deliveries.oldest_due_at(tx)
        age = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0
        metrics.DELIVERY_OLDEST_DUE.set(max(0, age))


def _outcome_of_our_fault(delivery: Delivery, error: Exception) -> Outcome:
    """A fault of our own keeps one delivery at home, not the others; a release may mend it."""
    log.error("delivery.not_prepared", delivery_id=str(delivery.id), exc_info=error)
    return Outcome(Verdict.TEMPORARY, "not_prepared", "It could not be prepared; we look into it.")

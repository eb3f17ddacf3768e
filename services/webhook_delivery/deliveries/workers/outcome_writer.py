"""Writes what became of deliveries: many in one transaction, each ten times cheaper than alone."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

import asyncpg
import structlog

from services.webhook_delivery import metrics
from services.webhook_delivery.deliveries.domain.delivery import Outcome
from services.webhook_delivery.deliveries.operations.handoff import Handoff
from services.webhook_delivery.deliveries.operations.outcomes import Unsent, record_outcomes
from shared.messaging.work import begin
from shared.postgres.transaction import Database

log = structlog.get_logger()
# A check that fails is a missing partition, which another worker makes; the rest is in the data.
_FAULTY_DATA = ("22", "23")
_NO_PARTITION = "23514"
Concluded = Outcome | Unsent


class OutcomeWriter:
    """Gathers outcomes and flushes them; what could not be written stays and is tried again."""

    def __init__(
        self, database: Database, handoff: Handoff, flush_rows: int, flush_wait_seconds: float
    ) -> None:
        self._database = database
        self._handoff = handoff
        self._flush_rows = flush_rows
        self._flush_wait_seconds = flush_wait_seconds
        self._queue: deque[Concluded] = deque()
        # Takes the next step at once; set to the wake() of whoever repeats it.
        self.wake_step: Callable[[], None] = lambda: None
        # Called after each batch that was written.
        self.after_write: Callable[[], None] = lambda: None

    def put(self, *concluded: Concluded) -> None:
        """Have these written soon."""
        self._queue.extend(concluded)
        self.wake_step()

    async def step(self) -> bool:
        """Write one batch; True when more is waiting."""
        if not self._queue:
            return False
        if len(self._queue) < self._flush_rows:
            await asyncio.sleep(self._flush_wait_seconds)
        await self._flush()
        return bool(self._queue)

    async def drain(self) -> None:
        """Write everything."""
        while self._queue:
            await self._flush()

    async def _flush(self) -> None:
        batch = deque(self._queue.popleft() for _ in range(min(len(self._queue), self._flush_rows)))
        try:
            try:
                await self._write(list(batch))
            except asyncpg.PostgresError as error:
                if not _is_data_fault(error):
                    raise
                await self._write_each(batch)
        except BaseException:
            self._queue.extendleft(reversed(batch))
            raise

    async def _write(self, batch: Sequence[Concluded]) -> None:
        outcomes = [row for row in batch if isinstance(row, Outcome)]
        unsent = [row for row in batch if isinstance(row, Unsent)]
        async with begin(self._database) as unit:
            disabled = await record_outcomes(unit, outcomes, unsent, self._handoff)
        self.after_write()
        metrics.FLUSH_ROWS.observe(len(batch))
        for endpoint in disabled:
            metrics.ENDPOINTS_DISABLED.labels(endpoint.disabled_reason or "failing").inc()
            log.warning(
                "endpoint.disabled",
                endpoint_id=str(endpoint.id),
                workspace_id=str(endpoint.workspace_id),
                reason=endpoint.disabled_reason,
            )
        log.info(
            "attempts.recorded",
            count=len(outcomes),
            success_count=sum(outcome.result.is_success for outcome in outcomes),
            unsent_count=len(unsent),
        )

    async def _write_each(self, batch: deque[Concluded]) -> None:
        """Keep one row that Postgres refuses from holding up the others; what is written leaves the batch."""
        while batch:
            row = batch[0]
            try:
                await self._write([row])
            except asyncpg.PostgresError as error:
                if not _is_data_fault(error) or not isinstance(row, Outcome):
                    raise
                log.error("attempt.not_storable", delivery_id=str(row.delivery.id), error=repr(error))
                await self._write([_bare(row)])
            batch.popleft()


def _bare(outcome: Outcome) -> Outcome:
    result = replace(outcome.result, headers={}, body=b"")
    return replace(outcome, result=result, request_headers={})


def _is_data_fault(error: asyncpg.PostgresError) -> bool:
    state = error.sqlstate or ""
    return state[:2] in _FAULTY_DATA and state != _NO_PARTITION

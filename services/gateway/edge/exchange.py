"""Shares what is counted with the other replicas, through tables without a log in Postgres."""

import time
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from services.gateway import metrics
from services.gateway.edge import repository as store
from services.gateway.edge.limits import Limits
from shared.kernel.ids import new_id
from shared.postgres.transaction import Database

# A replica that was silent for five seconds counts as gone.
MEET_SECONDS = 1.0
QUIET_MEET_SECONDS = 2.0
FORGET_SECONDS = 600.0
log = structlog.get_logger()


@dataclass
class Exchange:
    """One replica's side; `step` is taken a few times a second."""

    database: Database
    limits: Limits
    replica: UUID = field(default_factory=new_id)
    _meets_at: float = 0.0
    _forgets_at: float = 0.0
    _was_away: bool = False

    async def step(self) -> bool:
        """Tell and learn. While the store is away each replica counts alone, with its part of the places."""
        used, told = self.limits.take_used(), self.limits.in_flight()
        try:
            is_meeting = time.monotonic() >= self._meets_at
            if is_meeting:
                await self._meet()
            if used or told or (is_meeting and self.limits.replica_count > 1):
                await self._tell(dict(used), told)
            self._was_away = False
        except Exception as error:
            metrics.EXCHANGE_FAILURES.inc()
            if not self._was_away:
                log.warning("limits.store_away", error=repr(error))
            self._was_away = True
        return False

    async def next_due_in(self) -> float | None:
        """In how many seconds it must meet the others again while nobody asks for anything here."""
        return self._meets_at - MEET_SECONDS + QUIET_MEET_SECONDS - time.monotonic()

    async def leave(self) -> None:
        """This replica ends: its part of the places is free."""
        try:
            async with self.database.transaction() as tx:
                await store.leave(tx, self.replica)
        except Exception as error:
            log.warning("limits.store_away", error=repr(error))

    async def _meet(self) -> None:
        now = time.monotonic()
        async with self.database.pool.acquire() as connection:
            self.limits.replica_count = 1 + await store.join(connection, self.replica)
            if now >= self._forgets_at:
                await store.forget_silent(connection)
                self._forgets_at = now + FORGET_SECONDS
        self._meets_at = now + MEET_SECONDS

    async def _tell(self, used: dict[store.Caller, int], told: dict[UUID, int]) -> None:
        async with self.database.transaction() as tx:
            left = await store.settle(tx, used, self.limits.rate, self.limits.burst) if used else {}
            if told:
                await store.tell_in_flight(tx, self.replica, told)
            is_alone = self.limits.replica_count == 1
            elsewhere = {} if is_alone else await store.in_flight_elsewhere(tx, self.replica)
        self.limits.settle(left)
        self.limits.elsewhere = elsewhere
        self.limits.share(told)

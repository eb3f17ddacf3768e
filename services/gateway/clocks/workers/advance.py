"""Clock in: moves the clocks of sandboxes to their targets, by way of everything that falls due."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import structlog

from services.gateway import metrics
from services.gateway.clocks import domain as rules
from services.gateway.clocks import operations
from services.gateway.clocks import repository as clock_advances
from services.gateway.clocks.domain import ClockAdvance, Report, Round
from services.gateway.workspaces import repository as workspaces
from shared.kernel.errors import BillingError
from shared.messaging.work import begin
from shared.postgres.transaction import Database

log = structlog.get_logger()


@dataclass(slots=True)
class ClockMover:
    """Moves the clocks that it holds a lease for; what it learnt in its last round may be lost at no harm.

    `ask` puts a round's question to every service, `forget` drops credentials that carry an old clock.
    """

    database: Database
    ask: Callable[[UUID, Round], Awaitable[dict[str, Report]]]
    forget: Callable[[UUID], None]
    batch_size: int
    lease_seconds: float
    pause_seconds: float
    owner: UUID = field(default_factory=uuid4)
    _rounds: dict[UUID, Round] = field(default_factory=dict)

    async def step(self) -> bool:
        """One round for each clock that is being moved; returns whether there are any."""
        async with self.database.transaction() as tx:
            advances = await clock_advances.claim(tx, self.owner, self.lease_seconds, self.batch_size)
        self._rounds = {a.workspace_id: self._rounds.get(a.workspace_id, Round()) for a in advances}
        await asyncio.gather(*map(self._survive, advances))
        if advances:
            await asyncio.sleep(self.pause_seconds)
        return bool(advances)

    async def _survive(self, advance: ClockAdvance) -> None:
        # One sandbox that cannot be moved now must not hold up the others.
        try:
            await self._round(advance)
        except BillingError as error:
            log.warning("clock.not_moved", workspace_id=str(advance.workspace_id), error=error.detail)

    async def _round(self, advance: ClockAdvance) -> None:
        workspace_id = advance.workspace_id
        last = self._rounds[workspace_id]
        reports = await self.ask(workspace_id, last)
        async with begin(self.database) as unit:
            now = (await workspaces.get(unit.tx, workspace_id)).clock.now()
            found = self._rounds[workspace_id] = rules.next_round(last, reports, now)
            metrics.CLOCK_ROUNDS.labels("at_rest" if found.is_at_rest else "under_way").inc()
            if found.waits_for != advance.waits_for:
                await clock_advances.note(unit.tx, workspace_id, self.owner, found.waits_for)
            if not found.is_at_rest:
                return
            is_reached = await operations.move_clock(unit, workspace_id, self.owner, found)
        self.forget(workspace_id)
        log.info(
            "clock.moved",
            workspace_id=str(workspace_id),
            to=rules.stop_at(advance, found).isoformat(),
            is_reached=is_reached,
        )

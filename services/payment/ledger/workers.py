"""Compares ledgers with the rows that they book, workspace by workspace, all day long."""

import time
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from services.payment import metrics
from services.payment.ledger.repository import watch as ledger_watch
from shared.postgres.transaction import Database

log = structlog.get_logger()


@dataclass(slots=True)
class LedgerWatch:
    """Goes through the workspaces again and again, a second at a time."""

    database: Database
    budget_seconds: float = 1.0
    _last: UUID | None = None
    _wrong: set[UUID] = field(default_factory=set)

    async def step(self) -> bool:
        """Compare workspaces until the second is over or all were seen."""
        give_up = time.monotonic() + self.budget_seconds
        while time.monotonic() < give_up and await self._compare_next():
            pass
        metrics.LEDGER_WRONG.set(len(self._wrong))
        return False

    async def _compare_next(self) -> bool:
        async with self.database.transaction() as tx:
            workspace_id = await ledger_watch.next_workspace(tx, self._last)
            count = await ledger_watch.difference_count(tx, workspace_id) if workspace_id else 0
        self._last = workspace_id
        if workspace_id is None:
            return False
        self._wrong.discard(workspace_id)
        if count:
            self._wrong.add(workspace_id)
            log.error("ledger.differs", workspace_id=str(workspace_id), sum_count=count)
        return True

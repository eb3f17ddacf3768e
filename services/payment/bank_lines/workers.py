"""Matches bank lines that nobody has looked at: some hundreds a transaction, workspaces in turn."""

from dataclasses import dataclass
from uuid import UUID

from services.payment import metrics
from services.payment.bank_lines import operations
from services.payment.bank_lines import repository as bank_lines
from shared.messaging import workspaces
from shared.messaging.work import begin
from shared.postgres.transaction import Database

CHUNK = 500


@dataclass(slots=True)
class LineMatcher:
    """Killed at any moment, it goes on where it was: a line and its payment are one transaction."""

    database: Database
    last: UUID | None = None

    async def step(self) -> bool:
        """Match one chunk of one workspace; True when there may be more."""
        async with self.database.transaction() as tx:
            workspace_id = await bank_lines.next_workspace(tx, self.last)
        if workspace_id is None:
            return False
        self.last = workspace_id
        # Two transactions: payments are locked behind receivables, and here they are looked at first.
        async with begin(self.database) as unit:
            line_ids = await operations.link_registered(await workspaces.work_of(unit, workspace_id), CHUNK)
        if not line_ids:
            return False
        async with begin(self.database) as unit:
            decided = await operations.match_imported(await workspaces.work_of(unit, workspace_id), line_ids)
        for line in decided:
            metrics.BANK_LINES.labels(line.state).inc()
        return True

"""The copy of the gateway's workspaces that each service keeps: their mode, zone, currency and clock."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from shared.events.workspace import WorkspaceClockAdvanced, WorkspaceCreated, WorkspaceUpdated
from shared.kernel.clock import Clock
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit, Work
from shared.postgres.pool import Connection

handlers = Handlers()

_STORE = """
INSERT INTO workspace (workspace_id, sequence, slug, mode, zone, currency, clock_offset_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (workspace_id) DO UPDATE SET
    sequence = excluded.sequence, slug = excluded.slug, mode = excluded.mode, zone = excluded.zone,
    currency = excluded.currency, clock_offset_ms = excluded.clock_offset_ms
WHERE workspace.sequence <= excluded.sequence
"""


@handlers.on(WorkspaceCreated, WorkspaceUpdated, WorkspaceClockAdvanced)
async def store_workspace(
    unit: Unit, event: WorkspaceCreated | WorkspaceUpdated | WorkspaceClockAdvanced
) -> None:
    """Keep the newest snapshot of the workspace."""
    data = event.data
    await unit.tx.execute(
        _STORE,
        event.workspace_id,
        event.sequence,
        data.slug,
        data.mode,
        data.zone,
        data.currency,
        data.clock_offset_ms,
    )


async def work_of(unit: Unit, workspace_id: UUID) -> Work:
    """The unit's part in this workspace, on its clock: one statement, for what needs the clock."""
    return (await works_of(unit, [workspace_id]))[workspace_id]


async def works_of(unit: Unit, workspace_ids: Iterable[UUID]) -> dict[UUID, Work]:
    """The unit's part in each of these workspaces, on their clocks: one statement for all."""
    found = await clocks(unit.tx, list({*workspace_ids}))
    return {id_: unit.within(id_, clock) for id_, clock in found.items()}


async def clocks(tx: Connection, workspace_ids: list[UUID]) -> dict[UUID, Clock]:
    """The clock of each workspace; one that is not known yet has the real time."""
    rows = await tx.fetch(
        "SELECT workspace_id, zone, clock_offset_ms FROM workspace WHERE workspace_id = ANY($1::uuid[])",
        workspace_ids,
    )
    known = {
        row["workspace_id"]: Clock(timedelta(milliseconds=row["clock_offset_ms"]), row["zone"])
        for row in rows
    }
    return {id_: known.get(id_, Clock()) for id_ in workspace_ids}

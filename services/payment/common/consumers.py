"""Sandboxes' clocks heard: what waits in real time has waited as long as the clock was moved.

Before the copy of the workspace is renewed: it still has the clock from before.
"""

from collections.abc import Sequence

from services.payment.common.repository import due
from shared.events.workspace import WorkspaceClockAdvanced, WorkspaceCreated, WorkspaceUpdated
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on_batch(WorkspaceCreated, WorkspaceUpdated, WorkspaceClockAdvanced)
async def let_waiting_times_pass(
    unit: Unit, events: Sequence[WorkspaceCreated | WorkspaceUpdated | WorkspaceClockAdvanced]
) -> None:
    """Once for each workspace of the batch, up to its newest clock."""
    newest = {event.workspace_id: event.data for event in sorted(events, key=lambda event: event.sequence)}
    sandboxes = {id_: data.clock_offset_ms for id_, data in newest.items() if data.mode == "sandbox"}
    if sandboxes:
        await due.let_pass(unit.tx, sandboxes)

"""Workspaces heard: what a business is called that has not said so."""

from services.invoice.business import repository as businesses
from shared.events.workspace import WorkspaceClockAdvanced, WorkspaceCreated, WorkspaceUpdated
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on(WorkspaceCreated, WorkspaceUpdated, WorkspaceClockAdvanced)
async def note_name(unit: Unit, event: WorkspaceCreated | WorkspaceUpdated | WorkspaceClockAdvanced) -> None:
    """Keep the workspace's name beside the copy of this version, which was stored before."""
    await businesses.note_workspace_name(unit.tx, event.workspace_id, event.sequence, event.data.name)

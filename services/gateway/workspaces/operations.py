"""Creates and edits workspaces; each change is an event that every service keeps a copy of."""

from dataclasses import dataclass
from uuid import UUID

from services.gateway.keys import repository as api_keys
from services.gateway.keys.domain import api_key as api_key_rules
from services.gateway.keys.domain.api_key import ApiKey
from services.gateway.workspaces import domain as workspace_rules
from services.gateway.workspaces import repository as workspaces
from services.gateway.workspaces.domain import Workspace, WorkspaceEdit
from shared.events.workspace import Mode
from shared.kernel.versions import require_version
from shared.messaging.work import Unit

FIRST_KEY_NAME = "First key"
ADMINISTRATOR = "admin"


@dataclass(frozen=True, slots=True)
class NewWorkspace:
    """What a workspace starts with."""

    slug: str
    name: str
    mode: Mode
    zone: str
    currency: str


async def create_workspace(unit: Unit, new: NewWorkspace, pepper: str) -> tuple[Workspace, ApiKey, str]:
    """A workspace, its first key with every scope, and that key's text."""
    workspace, event = workspace_rules.create(new.slug, new.name, new.mode, new.zone, new.currency)
    key, text = api_key_rules.create(
        workspace.id,
        workspace.mode,
        FIRST_KEY_NAME,
        ["*"],
        created_by=ADMINISTRATOR,
        now=workspace.created_at,
        pepper=pepper,
    )
    await workspaces.insert(unit.tx, workspace)
    await api_keys.insert(unit.tx, key)
    unit.record(event)
    return workspace, key, text


async def edit_workspace(
    unit: Unit, workspace_id: UUID, edit: WorkspaceEdit, expected_version: int | None = None
) -> Workspace:
    """Change what is given; raises NotFound, or PreconditionFailed when the version is another."""
    workspace = await workspaces.lock(unit.tx, workspace_id)
    require_version(workspace.version, expected_version)
    edited, event = workspace_rules.edit(workspace, edit)
    if event:
        await workspaces.save(unit.tx, edited)
        unit.record(event)
    return edited

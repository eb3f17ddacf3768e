"""Creates and edits workspaces; each change is an event that every service keeps a copy of."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.gateway.keys import repository as api_keys
from services.gateway.keys.domain import api_key as api_key_rules
from services.gateway.keys.domain.api_key import ApiKey
from services.gateway.workspaces import domain as workspace_rules
from services.gateway.workspaces import repository as workspaces
from services.gateway.workspaces.domain import Workspace
from shared.events.workspace import Mode
from shared.kernel.versions import require_version
from shared.messaging import outbox
from shared.postgres.pool import Connection

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


async def create_workspace(
    tx: Connection, wanted: NewWorkspace, pepper: str
) -> tuple[Workspace, ApiKey, str]:
    """A workspace, its first key with every scope, and that key's text."""
    workspace, event = workspace_rules.create(
        wanted.slug, wanted.name, wanted.mode, wanted.zone, wanted.currency
    )
    key, text = api_key_rules.create(
        workspace.id, workspace.mode, FIRST_KEY_NAME, ["*"], ADMINISTRATOR, workspace.created_at, pepper
    )
    await workspaces.insert(tx, workspace)
    await api_keys.insert(tx, key)
    await outbox.record(tx, event)
    return workspace, key, text


async def edit_workspace(
    tx: Connection,
    workspace_id: UUID,
    name: str | None,
    zone: str | None,
    currency: str | None,
    expected_version: int | None = None,
    allowed_origins: Sequence[str] | None = None,
) -> Workspace:
    """Change what is given; raises NotFound, or PreconditionFailed when the version is another."""
    workspace = await workspaces.lock(tx, workspace_id)
    require_version(workspace.version, expected_version)
    edited, event = workspace_rules.edit(workspace, name, zone, currency, allowed_origins)
    if event:
        await workspaces.save(tx, edited)
        await outbox.record(tx, event)
    return edited

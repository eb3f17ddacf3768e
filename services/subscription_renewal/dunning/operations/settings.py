"""State changes of what a workspace wants done about failed collections."""

from datetime import datetime
from uuid import UUID

from services.subscription_renewal.dunning.domain import settings as rules
from services.subscription_renewal.dunning.domain.settings import DunningSettings, NamedPreset
from services.subscription_renewal.dunning.repository import settings as dunning_settings
from shared.events.dunning import TerminalAction
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection


async def edit_settings(
    tx: Connection,
    workspace_id: UUID,
    preset: NamedPreset | None,
    intervals_days: list[int] | None,
    terminal_action: TerminalAction | None,
    now: datetime,
    expected_version: int | None = None,
) -> DunningSettings:
    """Change what is given, for campaigns that begin later; raises PreconditionFailed."""
    settings = await dunning_settings.lock(tx, workspace_id)
    require_version(settings.version, expected_version)
    intervals = tuple(intervals_days) if intervals_days else None
    edited = rules.edit(settings, preset, intervals, terminal_action, now)
    if edited is not settings:
        await dunning_settings.save(tx, edited)
    return edited

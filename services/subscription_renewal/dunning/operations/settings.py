"""State changes of what a workspace wants done about failed collections."""

from services.subscription_renewal.dunning.domain import settings as rules
from services.subscription_renewal.dunning.domain.settings import DunningSettings, SettingsEdit
from services.subscription_renewal.dunning.repository import settings as dunning_settings
from shared.kernel.versions import require_version
from shared.messaging.work import Work


async def edit_settings(
    work: Work, edit: SettingsEdit, expected_version: int | None = None
) -> DunningSettings:
    """Change what is given, for campaigns that begin later; raises PreconditionFailed."""
    settings = await dunning_settings.lock(work.tx, work.workspace_id)
    require_version(settings.version, expected_version)
    edited = rules.edit(settings, edit, work.clock.now())
    if edited is not settings:
        await dunning_settings.save(work.tx, edited)
    return edited

"""A workspace's own mail server and SMS account, and whether there is any way to send over a channel."""

from collections.abc import Sequence
from uuid import UUID

from services.invoice.sending.domain import channel_setting as rules
from services.invoice.sending.domain.channel_setting import (
    ChannelNotConfigured,
    ChannelSetting,
    ChannelSettingEdit,
    Mode,
    SendingTools,
    SettingKind,
)
from services.invoice.sending.repository import channel_settings
from shared.kernel.versions import require_version
from shared.messaging.work import Work
from shared.postgres.pool import Connection


async def create_setting(
    work: Work, kind: SettingKind, mode: Mode, edit: ChannelSettingEdit, tools: SendingTools
) -> ChannelSetting:
    """Store a new setting; raises ChannelSettingExists or Invalid naming the field."""
    setting = rules.new_setting(work.workspace_id, kind, mode, edit, now=work.clock.now(), tools=tools)
    await channel_settings.insert(work.tx, setting)
    return setting


async def change_setting(
    work: Work, setting_id: UUID, edit: ChannelSettingEdit, tools: SendingTools, expected_version: int | None
) -> ChannelSetting:
    """Change a setting; raises NotFound, PreconditionFailed or Invalid naming the field."""
    before = await channel_settings.lock(work.tx, work.workspace_id, setting_id)
    require_version(before.version, expected_version)
    if edit.is_empty:
        return before
    after = rules.change_setting(before, edit, work.clock.now(), tools)
    await channel_settings.save(work.tx, after)
    return after


async def require_channels(
    tx: Connection, workspace_id: UUID, channels: Sequence[str], tools: SendingTools
) -> None:
    """Raise ChannelNotConfigured unless a live workspace can send over all these channels."""
    for kind, channel in rules.CHANNELS.items():
        if channel not in channels or (channel == "email" and tools.has_mail):
            continue
        if await channel_settings.of_mode(tx, workspace_id, kind, "live") is None:
            raise ChannelNotConfigured(f"There is no way to send over {channel} yet.", field="channels")

"""A workspace's own mail server and SMS account, and whether there is any way to send over a channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.invoice.sending.domain import channel_setting as rules
from services.invoice.sending.domain.channel_setting import ChannelNotConfigured, ChannelSetting
from services.invoice.sending.repository import channel_settings
from shared.kernel.addresses import Egress
from shared.kernel.clock import Clock
from shared.kernel.key_ring import KeyRing
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class SendingTools:
    """What sending needs besides rows: keys, where connections may go, whether the platform itself mails."""

    ring: KeyRing
    egress: Egress
    has_mail: bool


async def create_setting(
    tx: Connection, workspace_id: UUID, fields: dict[str, Any], clock: Clock, tools: SendingTools
) -> ChannelSetting:
    """Store a new setting; raises ChannelSettingExists or Invalid naming the field."""
    made = rules.new_setting(workspace_id, fields, clock.now(), tools.ring, tools.egress)
    await channel_settings.insert(tx, made)
    return made


async def change_setting(
    tx: Connection,
    workspace_id: UUID,
    setting_id: UUID,
    fields: dict[str, Any],
    clock: Clock,
    tools: SendingTools,
    expected_version: int | None,
) -> ChannelSetting:
    """Change a setting; raises NotFound, PreconditionFailed or Invalid naming the field."""
    before = await channel_settings.lock(tx, workspace_id, setting_id)
    require_version(before.version, expected_version)
    if not fields:
        return before
    after = rules.change_setting(before, fields, clock.now(), tools.ring, tools.egress)
    await channel_settings.save(tx, after)
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

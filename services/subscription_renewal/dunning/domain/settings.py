"""What a workspace wants done about failed collections."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal, get_args
from uuid import UUID

from shared.events.dunning import TerminalAction
from shared.kernel.unset import UNSET, Unset, chosen

NamedPreset = Literal["default", "stripe_like", "direct_debit"]
Preset = Literal["default", "stripe_like", "direct_debit", "custom"]
PRESETS = MappingProxyType(
    {
        "default": (2, 5, 7, 7),
        # Eight retries in two weeks.
        "stripe_like": (1, 1, 2, 2, 2, 2, 2, 2),
        # A direct debit takes days to be answered.
        "direct_debit": (3, 5, 7),
    }
)
"""Days from each failure to the next attempt."""
assert set(PRESETS) == set(get_args(NamedPreset))


@dataclass(frozen=True, slots=True)
class DunningSettings:
    """The schedule of campaigns that begin from now on, and what is done when the last retry failed."""

    workspace_id: UUID
    version: int = 1
    updated_at: datetime | None = None
    preset: Preset = "default"
    intervals_days: tuple[int, ...] = PRESETS["default"]
    terminal_action: TerminalAction = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsEdit:
    """What is to change: a preset, or intervals of one's own."""

    preset: NamedPreset | Unset = UNSET
    intervals_days: Sequence[int] | Unset = UNSET
    terminal_action: TerminalAction | Unset = UNSET


def edit(settings: DunningSettings, edit: SettingsEdit, now: datetime) -> DunningSettings:
    """The settings with what was given changed; intervals of one's own make the preset `custom`."""
    edited = replace(settings, terminal_action=chosen(edit.terminal_action, settings.terminal_action))
    if edit.preset is not UNSET:
        edited = replace(edited, preset=edit.preset, intervals_days=PRESETS[edit.preset])
    if edit.intervals_days is not UNSET:
        edited = replace(edited, preset="custom", intervals_days=tuple(edit.intervals_days))
    if edited == settings:
        return settings
    return replace(edited, version=settings.version + 1, updated_at=now)

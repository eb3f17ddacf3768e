"""What a workspace wants done about failed collections."""

from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal, get_args
from uuid import UUID

from shared.events.dunning import TerminalAction

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


def edit(
    settings: DunningSettings,
    preset: NamedPreset | None,
    intervals_days: tuple[int, ...] | None,
    terminal_action: TerminalAction | None,
    now: datetime,
) -> DunningSettings:
    """The settings with what was given changed; intervals of one's own make the preset `custom`."""
    edited = replace(settings, terminal_action=terminal_action or settings.terminal_action)
    if preset:
        edited = replace(edited, preset=preset, intervals_days=PRESETS[preset])
    if intervals_days:
        edited = replace(edited, preset="custom", intervals_days=intervals_days)
    if edited == settings:
        return settings
    return replace(edited, version=settings.version + 1, updated_at=now)

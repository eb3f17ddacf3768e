"""How a workspace reminds its customers: which levels, how long after the due date, and when not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from itertools import pairwise
from types import MappingProxyType
from typing import Literal, get_args
from uuid import UUID

from services.invoice.reminders.domain.sending_hours import SendingHours
from shared.kernel import money
from shared.kernel.errors import Invalid
from shared.kernel.unset import UNSET, Unset, chosen

ReminderChannel = Literal["email", "sms"]
NamedPreset = Literal["standard", "early", "gentle", "firm"]
Preset = Literal["standard", "early", "gentle", "firm", "custom"]
FRIENDLY, REMINDER, FORMAL_NOTICE, HAND_OVER = 1, 2, 3, 4
_SCHEDULE = ("is_enabled", "levels")


@dataclass(frozen=True, slots=True)
class Fee:
    """What a level's message says is asked for besides; it is never added to the invoice."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ReminderStep:
    """A level: 1 friendly, 2 reminder, 3 formal notice, 4 the hand-over, which sends nothing."""

    level: int
    days_after_due: int
    channels: tuple[ReminderChannel, ...] = ("email",)
    fee: Fee | None = None

    @property
    def is_hand_over(self) -> bool:
        """Whether it only marks the invoice as ready to be handed over to a collector."""
        return self.level == HAND_OVER


PRESETS: Mapping[NamedPreset, tuple[int, ...]] = MappingProxyType(
    {
        "standard": (3, 10, 21, 35),
        # Begins before the due date.
        "early": (-3, 10, 21, 35),
        # Never hands over.
        "gentle": (7, 21, 42),
        "firm": (1, 7, 14, 28),
    }
)
"""Days from the due date to each level, by tone. What the law asks for is the workspace's to configure."""
assert set(PRESETS) == set(get_args(NamedPreset))


def preset_levels(preset: NamedPreset) -> tuple[ReminderStep, ...]:
    """The levels of a preset, by e-mail and without fees."""
    return tuple(
        ReminderStep(level, days, () if level == HAND_OVER else ("email",))
        for level, days in enumerate(PRESETS[preset], start=1)
    )


@dataclass(frozen=True, slots=True)
class ReminderSettings:
    """How one workspace reminds, at one version; `levels` from the lowest on."""

    workspace_id: UUID
    version: int = 1
    updated_at: datetime | None = None
    is_enabled: bool = False
    preset: Preset = "standard"
    levels: tuple[ReminderStep, ...] = preset_levels("standard")
    # Levels that were due before this day, by an older schedule or none, are not caught up on.
    counts_from: date = date(1970, 1, 1)
    hours: SendingHours = field(default_factory=SendingHours)
    minimum_days_between: int = 3
    pauses_on_partial_payment: bool = True
    pauses_on_dispute: bool = True

    def step(self, level: int) -> ReminderStep | None:
        """What it does at a level."""
        return next((step for step in self.levels if step.level == level), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsEdit:
    """Which settings are to change; `preset` and `levels` exclude each other."""

    is_enabled: bool | Unset = UNSET
    preset: NamedPreset | Unset = UNSET
    levels: tuple[ReminderStep, ...] | Unset = UNSET
    quiet_from: time | Unset | None = UNSET
    quiet_until: time | Unset | None = UNSET
    is_business_days_only: bool | Unset = UNSET
    minimum_days_between: int | Unset = UNSET
    pauses_on_partial_payment: bool | Unset = UNSET
    pauses_on_dispute: bool | Unset = UNSET


def edit_settings(
    settings: ReminderSettings, edit: SettingsEdit, today: date, now: datetime
) -> ReminderSettings:
    """The settings with this edit; another schedule counts from today.

    Raises UnknownCurrency, or Invalid naming the field: levels out of order, quiet hours without length.
    """
    changed = _apply(edit, settings)
    _require_ordered(changed.levels)
    _require_usable(changed.hours)
    if changed == settings:
        return settings
    if any(getattr(changed, name) != getattr(settings, name) for name in _SCHEDULE):
        changed = replace(changed, counts_from=today)
    return replace(changed, version=settings.version + 1, updated_at=now)


def _apply(edit: SettingsEdit, settings: ReminderSettings) -> ReminderSettings:
    levels, preset = chosen(edit.levels, settings.levels), settings.preset
    if not isinstance(edit.preset, Unset):
        if not isinstance(edit.levels, Unset):
            raise Invalid("Give a preset or levels, not both.", field="levels")
        levels, preset = preset_levels(edit.preset), edit.preset
    elif not isinstance(edit.levels, Unset):
        preset = "custom"
    hours = settings.hours
    return replace(
        settings,
        is_enabled=chosen(edit.is_enabled, settings.is_enabled),
        preset=preset,
        levels=levels,
        hours=SendingHours(
            chosen(edit.quiet_from, hours.quiet_from),
            chosen(edit.quiet_until, hours.quiet_until),
            chosen(edit.is_business_days_only, hours.is_business_days_only),
        ),
        minimum_days_between=chosen(edit.minimum_days_between, settings.minimum_days_between),
        pauses_on_partial_payment=chosen(edit.pauses_on_partial_payment, settings.pauses_on_partial_payment),
        pauses_on_dispute=chosen(edit.pauses_on_dispute, settings.pauses_on_dispute),
    )


def _require_ordered(levels: Sequence[ReminderStep]) -> None:
    for place, (before, step) in enumerate(pairwise(levels), start=1):
        if step.level <= before.level:
            raise Invalid("Each level stands once, the lowest first.", field=f"levels.{place}.level")
        if step.days_after_due <= before.days_after_due:
            raise Invalid("A level is later than the one before it.", field=f"levels.{place}.days_after_due")
    for place, step in enumerate(levels):
        if step.is_hand_over != (not step.channels):
            words = "The hand-over sends nothing." if step.is_hand_over else "A level needs a channel."
            raise Invalid(words, field=f"levels.{place}.channels")
        if step.is_hand_over and step.fee:
            raise Invalid("The hand-over has no message to say a fee in.", field=f"levels.{place}.fee")
        if step.fee:
            _require_currency(step.fee.currency, f"levels.{place}.fee.currency")


def _require_currency(currency: str, field: str) -> None:
    try:
        money.exponent(currency)
    except money.UnknownCurrency as error:
        raise money.UnknownCurrency(field=field) from error


def _require_usable(hours: SendingHours) -> None:
    if hours.quiet_from is not None and hours.quiet_from == hours.quiet_until:
        raise Invalid("Quiet hours begin and end at different times.", field="quiet_hours.until")

"""How a workspace reminds its customers: which levels, how long after the due date, and when not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal, get_args
from uuid import UUID

from services.invoice.reminders.domain.sending_hours import SendingHours
from shared.kernel import money
from shared.kernel.errors import Invalid

ReminderChannel = Literal["email", "sms"]
NamedPreset = Literal["standard", "early", "gentle", "firm"]
Preset = Literal["standard", "early", "gentle", "firm", "custom"]
FRIENDLY, REMINDER, FORMAL_NOTICE, HAND_OVER = 1, 2, 3, 4
_SCHEDULE = ("is_enabled", "levels")
_HOURS = ("quiet_from", "quiet_until", "is_business_days_only")


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


def edit_settings(
    settings: ReminderSettings, fields: Mapping[str, Any], today: date, now: datetime
) -> ReminderSettings:
    """The settings with these fields changed, those of the hours among them; another schedule counts
    from today.

    Raises UnknownCurrency, or Invalid naming the field: levels out of order, quiet hours without length.
    """
    changed = replace(settings, **_resolve_fields(settings, fields))
    _require_ordered(changed.levels)
    _require_usable(changed.hours)
    if changed == settings:
        return settings
    if any(getattr(changed, name) != getattr(settings, name) for name in _SCHEDULE):
        changed = replace(changed, counts_from=today)
    return replace(changed, version=settings.version + 1, updated_at=now)


def _resolve_fields(settings: ReminderSettings, fields: Mapping[str, Any]) -> dict[str, Any]:
    if "preset" in fields and "levels" in fields:
        raise Invalid("Give a preset or levels, not both.", field="levels")
    given = {name: value for name, value in fields.items() if name not in _HOURS}
    hours = replace(settings.hours, **{name: fields[name] for name in _HOURS if name in fields})
    if "preset" in fields:
        given["levels"] = preset_levels(fields["preset"])
    elif "levels" in fields:
        given["preset"] = "custom"
    return {**given, "hours": hours}


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

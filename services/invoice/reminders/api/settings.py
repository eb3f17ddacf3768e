"""How a workspace reminds its customers of open invoices."""

from datetime import date, time
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.invoice.reminders.domain.sending_hours import SendingHours
from services.invoice.reminders.domain.settings import (
    Fee,
    NamedPreset,
    Preset,
    ReminderChannel,
    ReminderSettings,
    ReminderStep,
    SettingsEdit,
)
from services.invoice.reminders.operations import reminders as operations
from services.invoice.reminders.repository import settings as reminder_settings
from shared.events.fields import Instant
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, Currency, PositiveMinor, Whole, optional
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.work import Work
from shared.kernel.unset import edit_of

router = APIRouter(prefix="/v1/reminder-settings", route_class=Route, tags=["reminders"])
READ, WRITE = require("reminders:read"), require("reminders:write")
WallTime = Annotated[
    str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"), Field(examples=["20:00"])
]
_NAMES = {
    "enabled": "is_enabled",
    "business_days_only": "is_business_days_only",
    "pause_on_partial_payment": "pauses_on_partial_payment",
    "pause_on_dispute": "pauses_on_dispute",
}


class FeeFields(Body):
    """What the message says is asked for besides; it is not added to the invoice."""

    amount_minor: PositiveMinor
    currency: Currency = Field(description="The message says it of invoices in this currency alone.")


class LevelFields(Body):
    """A level: 1 friendly, 2 reminder, 3 formal notice, 4 the hand-over, which sends nothing."""

    level: int = Field(strict=True, ge=1, le=4)
    days_after_due: int = Field(strict=True, ge=-365, le=365, description="Negative: before the due date.")
    channels: list[ReminderChannel] = Field(["email"], max_length=2, description="Empty for level 4.")
    fee: FeeFields | None = None


class QuietHours(Body):
    """HH:MM in the workspace's zone; until the morning after where `from` is the later of both."""

    model_config = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True)

    start: WallTime = Field(alias="from")
    until: WallTime


class ReminderSettingsChanges(Body):
    """The settings to change. Another schedule does not catch up on what would have been due before."""

    enabled: bool = optional()
    preset: NamedPreset = optional()
    levels: Annotated[list[LevelFields], Field(max_length=4)] = optional()
    quiet_hours: QuietHours | None = None
    business_days_only: bool = optional()
    minimum_days_between: Whole = Field(
        default_factory=int, strict=True, ge=1, le=60, description="Between what is sent of one invoice."
    )
    pause_on_partial_payment: bool = optional()
    pause_on_dispute: bool = optional()


class ReminderSettingsData(BaseModel):
    """How the workspace reminds."""

    version: int
    updated_at: Instant | None
    enabled: bool = Field(description="Whether reminders go out by themselves.")
    preset: Preset
    levels: list[LevelFields]
    counts_from: date = Field(description="Levels that were due before this day are passed over.")
    quiet_hours: QuietHours | None
    business_days_only: bool = Field(description="Monday to Friday in the workspace's zone.")
    minimum_days_between: int
    pause_on_partial_payment: bool
    pause_on_dispute: bool


@router.get("", dependencies=[READ], summary="Get how reminders are sent")
async def get(response: Response, work: Work) -> ReminderSettingsData:
    """How customers are reminded of open invoices; not at all until the workspace enables it."""
    return _tagged_reply(await reminder_settings.get(work.tx, work.workspace_id), response)


@router.patch("", dependencies=[WRITE], summary="Change how reminders are sent")
async def change(
    body: ReminderSettingsChanges, response: Response, expected: IfMatch, work: Work
) -> ReminderSettingsData:
    """Change the fields that are given. Levels count from now on; what was due before is passed over."""
    return _tagged_reply(await operations.edit_settings(work, _to_edit(body), expected), response)


def _to_edit(body: ReminderSettingsChanges) -> SettingsEdit:
    given, quiet = body.model_fields_set, body.quiet_hours
    values: dict[str, object] = {ours: getattr(body, name) for name, ours in _NAMES.items() if name in given}
    if "levels" in given:
        values["levels"] = tuple(map(_to_step, body.levels))
    if "quiet_hours" in given:
        values["quiet_from"] = time.fromisoformat(quiet.start) if quiet else None
        values["quiet_until"] = time.fromisoformat(quiet.until) if quiet else None
    return edit_of(SettingsEdit, body, but=(*_NAMES, "levels", "quiet_hours"), **values)


def _to_step(level: LevelFields) -> ReminderStep:
    fee = Fee(level.fee.amount_minor, level.fee.currency) if level.fee else None
    return ReminderStep(level.level, level.days_after_due, tuple(dict.fromkeys(level.channels)), fee)


def _tagged_reply(settings: ReminderSettings, response: Response) -> ReminderSettingsData:
    etag.tag(response, settings.version)
    same = ("version", "updated_at", "preset", "counts_from", "minimum_days_between")
    return ReminderSettingsData(
        **{name: getattr(settings, name) for name in same},
        enabled=settings.is_enabled,
        levels=[level_fields(step) for step in settings.levels],
        quiet_hours=_quiet(settings.hours),
        business_days_only=settings.hours.is_business_days_only,
        pause_on_partial_payment=settings.pauses_on_partial_payment,
        pause_on_dispute=settings.pauses_on_dispute,
    )


def level_fields(step: ReminderStep) -> LevelFields:
    """A level as the API shows it."""
    fee = FeeFields(amount_minor=step.fee.amount_minor, currency=step.fee.currency) if step.fee else None
    return LevelFields(
        level=step.level, days_after_due=step.days_after_due, channels=list(step.channels), fee=fee
    )


def _quiet(hours: SendingHours) -> QuietHours | None:
    if hours.quiet_from is None or hours.quiet_until is None:
        return None
    return QuietHours(start=f"{hours.quiet_from:%H:%M}", until=f"{hours.quiet_until:%H:%M}")

"""Rows of `reminder_settings`; a workspace without one has the defaults, by which nothing is sent."""

from collections.abc import Sequence
from uuid import UUID

from services.invoice.reminders.domain.sending_hours import SendingHours
from services.invoice.reminders.domain.settings import Fee, ReminderSettings, ReminderStep
from shared.kernel.json import JsonObject
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection, Values

_HOURS = ("quiet_from", "quiet_until", "is_business_days_only")
_NAMES = (
    "version",
    "updated_at",
    "is_enabled",
    "preset",
    "levels",
    "counts_from",
    *_HOURS,
    "minimum_days_between",
    "pauses_on_partial_payment",
    "pauses_on_dispute",
)
_COLUMNS = ", ".join(_NAMES)
_SAVE = Statement(f"""
INSERT INTO reminder_settings (workspace_id, {_COLUMNS}) VALUES (:workspace_id, {places(_NAMES)})
ON CONFLICT (workspace_id) DO UPDATE
SET ({_COLUMNS}) = ROW({", ".join(f"excluded.{name}" for name in _NAMES)})
""")


async def get(tx: Connection, workspace_id: UUID) -> ReminderSettings:
    """The workspace's settings, or the defaults, by which nothing is sent."""
    row = await tx.fetchrow(
        f"SELECT workspace_id, {_COLUMNS} FROM reminder_settings WHERE workspace_id = $1", workspace_id
    )
    return _settings_from_row(dict(row)) if row else ReminderSettings(workspace_id)


async def lock(tx: Connection, workspace_id: UUID) -> ReminderSettings:
    """The same, with other changes kept out until the transaction ends."""
    # There may be no row to lock yet.
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('reminder_settings ' || $1::text, 0))",
        str(workspace_id),
    )
    return await get(tx, workspace_id)


async def save(tx: Connection, settings: ReminderSettings) -> None:
    """Store the settings; waits for reminders that are being queued by the ones before."""
    hours = {name: getattr(settings.hours, name) for name in _HOURS}
    await _SAVE.execute(tx, settings, levels=list(map(_step_to_json, settings.levels)), **hours)


async def find_enabled(tx: Connection) -> list[ReminderSettings]:
    """The settings of all workspaces that remind."""
    rows = await tx.fetch(f"SELECT workspace_id, {_COLUMNS} FROM reminder_settings WHERE is_enabled")
    return [_settings_from_row(dict(row)) for row in rows]


async def lock_shared(tx: Connection, workspace_ids: Sequence[UUID]) -> dict[UUID, ReminderSettings]:
    """The settings of these workspaces, which do not change until the transaction ends."""
    rows = await tx.fetch(
        f"""SELECT workspace_id, {_COLUMNS} FROM reminder_settings WHERE workspace_id = ANY($1::uuid[])
        ORDER BY workspace_id FOR SHARE""",
        workspace_ids,
    )
    return {row["workspace_id"]: _settings_from_row(dict(row)) for row in rows}


def _step_to_json(step: ReminderStep) -> JsonObject:
    fee = step.fee and {"amount_minor": step.fee.amount_minor, "currency": step.fee.currency}
    return {
        "level": step.level,
        "days_after_due": step.days_after_due,
        "channels": list(step.channels),
        "fee": fee,
    }


def _settings_from_row(row: Values) -> ReminderSettings:
    fields = dict(row)
    hours = SendingHours(**{name: fields.pop(name) for name in _HOURS})
    levels = tuple(map(_step_from_json, fields.pop("levels")))
    return ReminderSettings(**fields, levels=levels, hours=hours)


def _step_from_json(level: JsonObject) -> ReminderStep:
    fee = Fee(**level["fee"]) if level["fee"] else None
    return ReminderStep(level["level"], level["days_after_due"], tuple(level["channels"]), fee)

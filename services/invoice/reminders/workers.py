"""Reminds of open invoices by each workspace's schedule, within its sending hours."""

from services.invoice.reminders.domain import sending_hours
from services.invoice.reminders.operations import due as due_reminders
from services.invoice.reminders.repository import reminders
from services.invoice.reminders.repository import settings as reminder_settings
from shared.messaging import workspaces
from shared.messaging.work import begin
from shared.postgres.transaction import Database


async def send_reminders(database: Database, limit: int) -> bool:
    """Queue up to `limit` reminders; returns whether there may be more."""
    async with begin(database) as unit:
        enabled = await reminder_settings.find_enabled(unit.tx)
        works = await workspaces.works_of(unit, [settings.workspace_id for settings in enabled])
        open_now = [
            (settings, work.clock.today(), work.clock.zone)
            for settings in enabled
            for work in [works[settings.workspace_id]]
            if sending_hours.are_open(settings.hours, work.clock.now(), work.clock.zone)
        ]
        keys = await reminders.claim(unit.tx, open_now, limit)
        if keys:
            claimed = {workspace_id for workspace_id, _ in keys}
            await due_reminders.queue_due_reminders(unit, keys, {id_: works[id_] for id_ in claimed})
    return len(keys) == limit

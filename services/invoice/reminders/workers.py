"""Clock in: reminds of open invoices by each workspace's schedule, within its sending hours."""

from services.invoice.reminders.domain import sending_hours
from services.invoice.reminders.operations import due as due_reminders
from services.invoice.reminders.repository import reminders
from services.invoice.reminders.repository import settings as reminder_settings
from shared.messaging import workspaces
from shared.postgres.transaction import Database


async def send_reminders(database: Database, limit: int) -> bool:
    """Queue up to `limit` reminders; returns whether there may be more."""
    async with database.transaction() as tx:
        enabled = await reminder_settings.find_enabled(tx)
        clocks = await workspaces.clocks(tx, [settings.workspace_id for settings in enabled])
        open_now = [
            (settings, clock.today(), clock.zone)
            for settings in enabled
            for clock in [clocks[settings.workspace_id]]
            if sending_hours.are_open(settings.hours, clock.now(), clock.zone)
        ]
        keys = await reminders.claim(tx, open_now, limit)
        if keys:
            claimed = {workspace_id for workspace_id, _ in keys}
            await due_reminders.queue_due_reminders(tx, keys, {one: clocks[one] for one in claimed})
    return len(keys) == limit

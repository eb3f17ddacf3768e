"""What falls due next in one workspace: the time machine stops there."""

from datetime import datetime
from uuid import UUID

from services.subscription_renewal.charges.repository import usage_periods
from services.subscription_renewal.dunning.repository import campaigns as dunning
from services.subscription_renewal.subscriptions.repository import due
from shared.postgres.pool import Connection


async def next_due_at(tx: Connection, workspace_id: UUID) -> datetime | None:
    """When a subscription is billed, ends its trial or last period, usage is, or an invoice is retried."""
    found = (
        await due.earliest(tx, workspace_id),
        await dunning.earliest(tx, workspace_id),
        await usage_periods.earliest(tx, workspace_id),
    )
    return min(filter(None, found), default=None)

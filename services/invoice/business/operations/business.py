"""State changes of the business profile."""

from typing import Any
from uuid import UUID

from services.invoice.billings.repository import waiting_billings
from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import Business
from services.invoice.business.repository import business
from services.invoice.common.operations import changes
from services.invoice.invoices.operations import bases
from services.invoice.numbers import operations as numbers
from shared.events.business import BusinessUpdated
from shared.kernel.clock import Clock
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection


async def of_workspace(tx: Connection, workspace_id: UUID, currency: str, clock: Clock) -> Business:
    """The workspace's profile; its defaults where it has said nothing yet."""
    return await bases.business_of(tx, workspace_id, clock, currency)


async def change_business(
    tx: Connection,
    workspace_id: UUID,
    fields: dict[str, Any],
    currency: str,
    clock: Clock,
    expected_version: int | None = None,
) -> Business:
    """Change these fields; documents that are issued stay as they are. Raises Invalid, PreconditionFailed."""
    found = await business.lock(tx, business_rules.start(workspace_id, currency, clock.now()))
    require_version(found.version, expected_version)
    changed = business_rules.change(found, fields, clock.now())
    await business.update(tx, changed)
    await numbers.follow_formats(tx, found, changed)
    await waiting_billings.hurry(tx, workspace_id)
    shown = await bases.named(tx, changed)
    await changes.record(tx, BusinessUpdated.of(workspace_id, business_rules.snapshot(shown)))
    return shown

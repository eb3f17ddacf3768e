"""The business's logo: uploaded, shown, taken away. Documents that are issued keep the one they had."""

from uuid import UUID

from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import Business
from services.invoice.business.domain.logo import Logo
from services.invoice.business.repository import business, logos
from services.invoice.common.operations import changes
from services.invoice.invoices.operations import bases
from shared.events.business import BusinessUpdated
from shared.kernel.clock import Clock
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection


async def set_logo(
    tx: Connection, logo: Logo, currency: str, clock: Clock, expected_version: int | None
) -> Business:
    """Keep the logo and show it on new documents; raises PreconditionFailed."""
    await logos.keep(tx, logo)
    return await _change(tx, logo.workspace_id, logo.sha256, currency, clock, expected_version)


async def remove_logo(
    tx: Connection, workspace_id: UUID, currency: str, clock: Clock, expected_version: int | None
) -> Business:
    """Show none on new documents; raises PreconditionFailed."""
    return await _change(tx, workspace_id, None, currency, clock, expected_version)


async def _change(
    tx: Connection,
    workspace_id: UUID,
    sha256: str | None,
    currency: str,
    clock: Clock,
    expected_version: int | None,
) -> Business:
    found = await business.lock(tx, business_rules.start(workspace_id, currency, clock.now()))
    require_version(found.version, expected_version)
    changed = business_rules.with_logo(found, sha256, clock.now())
    if changed is not found:
        await business.update(tx, changed)
        shown = await bases.named(tx, changed)
        await changes.record(tx, BusinessUpdated.of(workspace_id, business_rules.snapshot(shown)))
    return changed

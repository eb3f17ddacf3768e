"""The business profile and its logo. Documents that are issued keep what stood there then."""

from typing import Any
from uuid import UUID

from services.invoice.billings.repository import waiting_billings
from services.invoice.business import repository as businesses
from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import Business
from services.invoice.business.domain.logo import Logo
from services.invoice.common.operations import changes
from services.invoice.numbers import operations as numbers
from shared.events.business import BusinessUpdated
from shared.kernel import context
from shared.kernel.clock import Clock
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection


async def load_business(tx: Connection, workspace_id: UUID, clock: Clock, currency: str = "EUR") -> Business:
    """The workspace's profile; the defaults, with this currency, where it has said nothing yet."""
    business = await businesses.get(tx, workspace_id)
    return await _with_name(tx, business or business_rules.new_business(workspace_id, currency, clock.now()))


async def change_business(
    tx: Connection,
    workspace_id: UUID,
    fields: dict[str, Any],
    currency: str,
    clock: Clock,
    expected_version: int | None = None,
) -> Business:
    """Change these fields; raises Invalid, UnknownCurrency or PreconditionFailed."""
    business = await businesses.lock(tx, business_rules.new_business(workspace_id, currency, clock.now()))
    require_version(business.version, expected_version)
    changed = business_rules.change(business, fields, clock.now())
    await businesses.update(tx, changed)
    await numbers.follow_formats(tx, business, changed)
    await waiting_billings.hurry(tx, workspace_id)
    named = await _with_name(tx, changed)
    await changes.record(tx, BusinessUpdated.of(workspace_id, business_rules.to_snapshot(named)))
    return named


async def set_logo(
    tx: Connection, logo: Logo, currency: str, clock: Clock, expected_version: int | None
) -> Business:
    """Keep the logo and show it on new documents; raises PreconditionFailed."""
    await businesses.keep_logo(tx, logo)
    return await _show_logo(tx, logo.workspace_id, logo.sha256, currency, clock, expected_version)


async def remove_logo(
    tx: Connection, workspace_id: UUID, currency: str, clock: Clock, expected_version: int | None
) -> Business:
    """Show none on new documents; raises PreconditionFailed."""
    return await _show_logo(tx, workspace_id, None, currency, clock, expected_version)


async def _show_logo(
    tx: Connection,
    workspace_id: UUID,
    sha256: str | None,
    currency: str,
    clock: Clock,
    expected_version: int | None,
) -> Business:
    business = await businesses.lock(tx, business_rules.new_business(workspace_id, currency, clock.now()))
    require_version(business.version, expected_version)
    changed = business_rules.with_logo(business, sha256, clock.now())
    if changed is not business:
        await businesses.update(tx, changed)
        named = await _with_name(tx, changed)
        await changes.record(tx, BusinessUpdated.of(workspace_id, business_rules.to_snapshot(named)))
    return changed


async def _with_name(tx: Connection, business: Business) -> Business:
    """The profile with the name of its workspace, where it has none of its own."""
    if business.name:
        return business
    # Whoever asks through the gateway knows the name, even where the event that tells it is under way.
    name = context.workspace_name.get() or await businesses.workspace_name(tx, business.workspace_id)
    return business_rules.name_after(business, name)

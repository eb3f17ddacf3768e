"""The business profile and its logo. Documents that are issued keep what stood there then."""

from services.invoice.business import repository as businesses
from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import Business, BusinessEdit
from services.invoice.business.domain.logo import Logo
from services.invoice.numbers import operations as numbers
from shared.events.business import BusinessUpdated
from shared.kernel import context
from shared.kernel.versions import require_version
from shared.messaging.work import Work


async def load_business(work: Work, currency: str = "EUR") -> Business:
    """The workspace's profile; the defaults, with this currency, where it has said nothing yet."""
    business = await businesses.get(work.tx, work.workspace_id)
    return await _with_name(work, business or _new_business(work, currency))


async def change_business(
    work: Work, changes: BusinessEdit, currency: str, expected_version: int | None = None
) -> Business:
    """Change these fields; raises Invalid, UnknownCurrency or PreconditionFailed."""
    business = await _lock(work, currency, expected_version)
    changed = business_rules.edit(business, changes, work.clock.now())
    await businesses.update(work.tx, changed)
    await numbers.follow_formats(work, business.number_formats, changed.number_formats)
    return await _tell(work, changed)


async def set_logo(work: Work, logo: Logo, currency: str, expected_version: int | None) -> Business:
    """Keep the logo and show it on new documents; raises PreconditionFailed."""
    await businesses.keep_logo(work.tx, logo)
    return await _show_logo(work, logo.sha256, currency, expected_version)


async def remove_logo(work: Work, currency: str, expected_version: int | None) -> Business:
    """Show none on new documents; raises PreconditionFailed."""
    return await _show_logo(work, None, currency, expected_version)


async def _show_logo(work: Work, sha256: str | None, currency: str, expected_version: int | None) -> Business:
    business = await _lock(work, currency, expected_version)
    changed = business_rules.with_logo(business, sha256, work.clock.now())
    if changed is not business:
        await businesses.update(work.tx, changed)
        await _tell(work, changed)
    return changed


async def _lock(work: Work, currency: str, expected_version: int | None) -> Business:
    business = await businesses.lock(work.tx, _new_business(work, currency))
    require_version(business.version, expected_version)
    return business


async def _tell(work: Work, business: Business) -> Business:
    named = await _with_name(work, business)
    work.record(BusinessUpdated.of(work.workspace_id, business_rules.to_snapshot(named)))
    return named


async def _with_name(work: Work, business: Business) -> Business:
    """The profile with the name of its workspace, where it has none of its own."""
    if business.name:
        return business
    # Whoever asks through the gateway knows the name, even where the event that tells it is under way.
    name = context.workspace_name.get() or await businesses.workspace_name(work.tx, work.workspace_id)
    return business_rules.name_after(business, name)


def _new_business(work: Work, currency: str) -> Business:
    return business_rules.new_business(work.workspace_id, currency, work.clock.now())

"""Making, renaming and archiving meters."""

from services.subscription_renewal.meters import repository as meters
from services.subscription_renewal.meters.domain import meter as rules
from services.subscription_renewal.meters.domain.meter import Meter, MeterEdit
from shared.events.meter import MeterCreated, MeterUpdated
from shared.kernel.versions import require_version
from shared.messaging.aggregate import Aggregate
from shared.messaging.work import Work

METERS = Aggregate(meters.lock, meters.insert, meters.update, lambda meter, work: rules.snapshot(meter))


async def create_meter(work: Work, meter: Meter) -> Meter:
    """Begin to count; raises Invalid or MeterKeyTaken."""
    rules.require_consistent(meter)
    await meters.hold_still(work.tx, work.workspace_id)
    await METERS.create(work, meter, MeterCreated)
    return meter


async def edit_meter(work: Work, key: str, edit: MeterEdit, expected_version: int | None = None) -> Meter:
    """Rename or archive it; raises NotFound, PreconditionFailed or MeterArchived."""
    found = await meters.get(work.tx, work.workspace_id, key)
    if edit.archived:
        await meters.hold_still(work.tx, work.workspace_id)
    meter = await METERS.lock(work, found.id)
    require_version(meter.value.version, expected_version)
    return await meter.save(rules.edit(meter.value, edit, work.clock.now()), MeterUpdated)

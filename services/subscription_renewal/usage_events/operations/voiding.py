"""Taking events back: what they added is counted anew from the events that are left."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.subscription_renewal.meters import repository as meters
from services.subscription_renewal.meters.domain.measuring import Measure, measure
from services.subscription_renewal.meters.domain.meter import Meter
from services.subscription_renewal.usage_events.domain.event import key_of
from services.subscription_renewal.usage_events.repository import recounting
from services.subscription_renewal.usage_events.repository.recounting import Bucket, DistinctValue, Named
from shared.messaging.work import Work


@dataclass(frozen=True, slots=True)
class EventName:
    """What names an event: with its day, its source and id are its identity."""

    source: str
    id: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Voided:
    """What became of the events that were to be taken back."""

    count: int
    repeated_count: int
    unknown: Sequence[EventName]


async def void_events(work: Work, names: Sequence[EventName]) -> Voided:
    """Take these events back; those that are taken back already stay so, those that are not counted are told.

    The rows are locked before the sums, both in the order of their keys, as counting does it.
    """
    named = {Named(name.time.date(), key_of(work.workspace_id, name.source, name.id)): name for name in names}
    known = await recounting.lock_events(work.tx, work.workspace_id, list(named))
    fresh = [event for event in known if event.voided_at is None]
    await recounting.mark_voided(work.tx, work.workspace_id, fresh, work.clock.now())
    buckets, values = await _touched(work, fresh)
    await recounting.recount_buckets(work.tx, work.workspace_id, buckets)
    await recounting.recount_values(work.tx, work.workspace_id, values)
    found = {Named(event.day, event.key) for event in known}
    unknown = [name for identity, name in named.items() if identity not in found]
    return Voided(len(fresh), len(known) - len(fresh), unknown)


async def _touched(
    work: Work, events: Iterable[recounting.LockedEvent]
) -> tuple[list[Bucket], list[DistinctValue]]:
    """The sums that the events are in: of each meter that counted at the time when it was received."""
    by_type = defaultdict[str, list[tuple[Meter, meters.Lifetime]]](list)
    for meter, lifetime in await meters.with_archived(work.tx, work.workspace_id):
        by_type[meter.type].append((meter, lifetime))
    buckets: dict[Bucket, None] = {}
    values: dict[DistinctValue, None] = {}
    for event in events:
        data = json.loads(event.data, parse_float=Decimal)
        for meter, lifetime in by_type[event.type]:
            found = measure(meter, event.type, event.at, data)
            if not isinstance(found, Measure) or not lifetime.holds(event.received_at):
                continue
            buckets[Bucket(meter, event.subject, found.dimensions, event.hour)] = None
            if found.unique:
                values[DistinctValue(meter, event.subject, found.dimensions, event.day, found.unique)] = None
    return list(buckets), list(values)

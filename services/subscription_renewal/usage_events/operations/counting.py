"""Counting: the one way in which usage becomes sums, whoever told it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.subscription_renewal.meters import repository as meters
from services.subscription_renewal.meters.domain.measuring import measure_all
from services.subscription_renewal.meters.domain.meter import Meter
from services.subscription_renewal.metrics import USAGE_EVENTS
from services.subscription_renewal.usage_events.domain.event import UsageEvent
from services.subscription_renewal.usage_events.repository import counting
from services.subscription_renewal.usage_events.repository.counting import Measured
from shared.messaging.work import Unit

MetersByType = Mapping[tuple[UUID, str], Sequence[Meter]]


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of events: new ones count, repeats do nothing; `conflicting` say something else."""

    count: int
    repeated_count: int
    conflicting: Sequence[UsageEvent]


async def count_events(unit: Unit, events: Sequence[UsageEvent]) -> Counted:
    """Store the events and add those that are new to what their meters have; repeats change nothing."""
    known = by_type(await meters.counting(unit.tx, (event.workspace_id for event in events)))
    first, again = _tell_apart(events)
    repeated = await counting.count_new(unit.tx, [_measured(event, known) for event in first])
    stored_before = [*repeated, *again]
    conflicting = await counting.find_different(unit.tx, stored_before) if stored_before else []
    counted = Counted(len(first) - len(repeated), len(stored_before) - len(conflicting), conflicting)
    unit.after_commit(lambda: _tell(counted))
    return counted


def by_type(found: Sequence[Meter]) -> MetersByType:
    """The meters of each workspace by the type of event that they count."""
    grouped = defaultdict[tuple[UUID, str], list[Meter]](list)
    for meter in found:
        grouped[meter.workspace_id, meter.type].append(meter)
    return grouped


def _measured(event: UsageEvent, known: MetersByType) -> Measured:
    # What one meter cannot read, another may: each counts what it can.
    found = known.get((event.workspace_id, event.type), ())
    measures, _ = measure_all(found, event.type, event.at, event.data)
    return Measured(event, measures)


def _tell_apart(events: Sequence[UsageEvent]) -> tuple[list[UsageEvent], list[UsageEvent]]:
    """The first of each identity, and those that come again among the events themselves."""
    seen: dict[object, UsageEvent] = {}
    again = [event for event in events if seen.setdefault(event.identity, event) is not event]
    return list(seen.values()), again


def _tell(counted: Counted) -> None:
    USAGE_EVENTS.labels("counted").inc(counted.count)
    USAGE_EVENTS.labels("repeated").inc(counted.repeated_count)
    USAGE_EVENTS.labels("conflicting").inc(len(counted.conflicting))

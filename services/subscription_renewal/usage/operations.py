"""What usage adds up to within any instants: whole hours from sums, cut ones from the events themselves."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from decimal import Decimal

from services.subscription_renewal.meters.domain.measuring import Measure, measure
from services.subscription_renewal.usage import repository
from services.subscription_renewal.usage.domain.sums import Span, Sums, floor_hour
from services.subscription_renewal.usage.repository import Grain, Group, WantedUsage
from services.subscription_renewal.usage_events.repository import events as raw
from services.subscription_renewal.usage_events.repository.events import StoredEvent
from shared.kernel.errors import Invalid
from shared.kernel.json import JsonObject
from shared.postgres.pool import Connection


async def sum_usage(
    tx: Connection, wanted: Sequence[WantedUsage], grain: Grain = "total"
) -> dict[Group, Sums]:
    """What each comes to, exact to the microsecond; all name subjects, or none does.

    Raises Invalid where the events of all subjects would be needed, or hours of distinct values.
    """
    has_subjects = all(one.subjects is not None for one in wanted)
    sums: dict[Group, Sums] = {}
    for is_distinct in (False, True):
        part = [
            (place, one)
            for place, one in enumerate(wanted)
            if (one.meter.aggregation == "unique_count") == is_distinct
        ]
        if not part:
            continue
        alike = [one for _, one in part]
        found = await (_sum_distinct if is_distinct else _sum_hours)(tx, alike, grain, has_subjects)
        for group, summed in found.items():
            sums[Group(part[group.place][0], group.slot, group.subject, group.values)] = summed
    return sums


async def _sum_hours(
    tx: Connection, wanted: Sequence[WantedUsage], grain: Grain, has_subjects: bool
) -> dict[Group, Sums]:
    sums = await repository.sum_hours(tx, wanted, grain, has_subjects=has_subjects)
    for place, one in enumerate(wanted):
        if one.span.cuts:
            async for group, found, event in _measure_events(tx, place, one, one.span.cuts, grain):
                sums.setdefault(group, Sums()).add(found, event.at, event.key)
    return sums


async def _sum_distinct(
    tx: Connection, wanted: Sequence[WantedUsage], grain: Grain, has_subjects: bool
) -> dict[Group, Sums]:
    if grain == "hour":
        raise Invalid("Distinct values are told by the day, or in all.", field="grain")
    # What was first seen before a span and last behind it may be in it or not, where both are in its one day.
    is_cut = [one.span.is_within_a_day for one in wanted]
    counted = [one for one, cut in zip(wanted, is_cut, strict=True) if not cut]
    places = [place for place, cut in enumerate(is_cut) if not cut]
    found = await repository.count_distinct(tx, counted, grain, has_subjects=has_subjects) if counted else {}
    sums = {Group(places[g.place], g.slot, g.subject, g.values): summed for g, summed in found.items()}
    for place, one in enumerate(wanted):
        if is_cut[place]:
            whole = [(one.span.from_at, one.span.until_at)]
            async for group, measured, event in _measure_events(tx, place, one, whole, grain):
                sums.setdefault(group, Sums()).add(measured, event.at, event.key)
    return sums


async def _measure_events(
    tx: Connection,
    place: int,
    wanted: WantedUsage,
    spans: Sequence[tuple[datetime, datetime]],
    grain: Grain,
) -> AsyncIterator[tuple[Group, Measure, StoredEvent]]:
    if wanted.subjects is None:
        message = "Without a subject, from and before are whole hours (for distinct values: days)."
        raise Invalid(message, field="from")
    for subject in wanted.subjects:
        for event in await raw.find_within(tx, wanted.meter, subject, spans):
            found = measure(wanted.meter, event.type, event.at, parse_data(event.data))
            if isinstance(found, Measure):
                shown = subject if wanted.by_subject else ""
                yield Group(place, _slot(event.at, grain), shown, _values(wanted, found)), found, event


def parse_data(text: str) -> JsonObject:
    """An event's data with every digit."""
    data: JsonObject = json.loads(text, parse_float=Decimal)
    return data


def _slot(at: datetime, grain: Grain) -> datetime | None:
    if grain == "total":
        return None
    hour = floor_hour(at)
    return hour if grain == "hour" else hour.replace(hour=0)


def _values(wanted: WantedUsage, found: Measure) -> str:
    values = json.loads(found.dimensions) if found.dimensions else []
    # As Postgres writes a JSON array.
    return json.dumps([values[position] for position in wanted.positions], ensure_ascii=False)


def span_of(from_at: datetime, before: datetime) -> Span:
    """The stretch of time; raises Invalid where it is empty."""
    if from_at >= before:
        raise Invalid("It ends before it begins.", field="before")
    return Span(from_at, before)

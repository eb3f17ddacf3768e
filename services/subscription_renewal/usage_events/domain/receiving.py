"""Which of the told values are events that count, and why the others are not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.subscription_renewal.meters.domain.measuring import measure_all
from services.subscription_renewal.meters.domain.meter import Meter
from services.subscription_renewal.usage_events.domain.event import Fault, UsageEvent, Window, read_event
from shared.kernel.errors import FieldError, Invalid
from shared.kernel.json import Json

NO_METER = "No meter of the workspace counts this: its type, its filters or its time leave it out."


class UsageRefused(Invalid):
    """The usage was not taken: `errors` says why of each event, and where in the request."""

    code = "usage_refused"


@dataclass(frozen=True, slots=True)
class Refused:
    """A told value that is not taken, and its first fault."""

    value: Json
    fault: Fault


@dataclass(slots=True)
class Received:
    """What of a request is taken, and what is not."""

    events: list[UsageEvent] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def require_all(self) -> None:
        """Raise UsageRefused with every fault, where there is one."""
        if self.faults:
            errors = tuple(FieldError(one.pointer, one.message, one.code) for one in self.faults)
            raise UsageRefused(f"{len(self.refused)} events cannot be taken.", errors=errors)


def receive(
    values: Sequence[Json],
    places: Sequence[str],
    window: Window,
    meters: Mapping[str, Sequence[Meter]],
    *,
    keeps_unmatched: bool,
) -> Received:
    """Read each value, and try whether the meters of its type can count it."""
    received = Received()
    for value, place in zip(values, places, strict=True):
        found = read_event(value, window)
        faults = found if isinstance(found, list) else _measuring_faults(found, meters, keeps_unmatched)
        if faults:
            told = [fault.below(place) for fault in faults]
            received.refused.append(Refused(value, told[0]))
            received.faults += told
        elif isinstance(found, UsageEvent):
            received.events.append(found)
    return received


def _measuring_faults(
    event: UsageEvent, meters: Mapping[str, Sequence[Meter]], keeps_unmatched: bool
) -> list[Fault]:
    measures, unreadable = measure_all(meters.get(event.type, ()), event.type, event.at, event.data)
    if unreadable:
        return [Fault(one.code, one.pointer, one.message) for one in unreadable]
    return [] if measures or keeps_unmatched else [Fault("no_meter", "/type", NO_METER)]

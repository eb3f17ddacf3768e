"""Numbers for documents: the next of their series that stand on no document yet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.invoice.numbers import repository as numbers
from services.invoice.numbers.domain import Format, NumberTaken
from shared.messaging.work import Unit, Work

CounterKey = tuple[UUID, int]
"""The workspace, and the year that is counted from 1; 0 where the format has no year."""


@dataclass(frozen=True, slots=True)
class NumberRequest:
    """A document that needs the next number of its workspace's series."""

    workspace_id: UUID
    format: Format
    on: date

    @property
    def counter(self) -> CounterKey:
        """The counter that it takes from."""
        return self.workspace_id, self.format.counter_year(self.on)

    def write(self, sequence: int) -> tuple[UUID, str]:
        """The workspace and its number with this sequence."""
        return self.workspace_id, self.format.write(self.on, sequence)


async def take(unit: Unit, series: str, requests: Sequence[NumberRequest]) -> list[str]:
    """A number for each, in this order; locks their series until the unit ends, so it is taken last.

    Numbers that stand on documents already, whoever wrote them, are passed over.
    """
    if not requests:
        return []
    counts = Counter(request.counter for request in requests)
    sequences: dict[CounterKey, Sequence[int]] = {**await numbers.take(unit.tx, series, counts)}
    written = _write_all(requests, sequences)
    standing = await numbers.standing(unit.tx, written)
    blocked = {
        request.counter: request
        for request, number in zip(reversed(requests), reversed(written), strict=True)
        if number in standing
    }
    for counter, request in blocked.items():
        taken = sequences[counter]
        free = await _find_free(unit, request, taken[0], len(taken))
        await numbers.skip(unit.tx, counter[0], series, counter[1], free[-1] - taken[-1])
        sequences[counter] = free
    return [number for _, number in (_write_all(requests, sequences) if blocked else written)]


async def preview(work: Work, format_: Format, on: date) -> str:
    """The number that the next document of the series and date would get; not reserved."""
    request = NumberRequest(work.workspace_id, format_, on)
    last = await numbers.last(work.tx, work.workspace_id, format_.series, request.counter[1])
    (sequence,) = await _find_free(work, request, last + 1, 1)
    return format_.write(on, sequence)


async def follow_formats(work: Work, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Let each series whose format changed go on after the highest number that documents have in it."""
    for series, text in after.items():
        if before.get(series) != text:
            reached = await numbers.reached(work.tx, work.workspace_id, Format(series, text))
            await numbers.go_on_after(work.tx, work.workspace_id, series, reached)


async def require_free(work: Work, number: str | None) -> None:
    """Raise NumberTaken where a credit note or quote has the number that a caller chose for an invoice.

    Among invoices the index `invoice_number_is_unique` sees to it.
    """
    if number and await numbers.stands_elsewhere(work.tx, work.workspace_id, number):
        raise NumberTaken(field="number")


async def _find_free(unit: Unit, request: NumberRequest, first: int, count: int) -> list[int]:
    """The first `count` sequences from `first` on whose numbers stand nowhere."""
    size = count
    while True:
        written = {request.write(first + offset): first + offset for offset in range(size)}
        standing = await numbers.standing(unit.tx, written)
        free = [sequence for number, sequence in written.items() if number not in standing]
        if len(free) >= count:
            return free[:count]
        size *= 2


def _write_all(
    requests: Sequence[NumberRequest], sequences: Mapping[CounterKey, Sequence[int]]
) -> list[tuple[UUID, str]]:
    left = {counter: iter(taken) for counter, taken in sequences.items()}
    return [request.write(next(left[request.counter])) for request in requests]

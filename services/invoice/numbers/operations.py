"""Numbers for documents: the next of their series that stand on no document yet."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.invoice.business.domain.business import Business
from services.invoice.numbers import repository as numbers
from services.invoice.numbers.domain import Format, NumberTaken
from shared.postgres.pool import Connection

Place = tuple[UUID, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document that wants the next number of its workspace's series."""

    workspace_id: UUID
    form: Format
    on: date

    @property
    def place(self) -> Place:
        """The counter that it takes from."""
        return self.workspace_id, self.form.counter_year(self.on)


async def take(tx: Connection, series: str, wanted: Sequence[Wanted]) -> list[str]:
    """A number for each, in this order; locks their series until the transaction ends.

    Numbers that stand on documents already, whoever wrote them, are passed over.
    """
    if not wanted:
        return []
    counts = Counter(one.place for one in wanted)
    taken: dict[Place, Sequence[int]] = {**await numbers.take(tx, series, counts)}
    found = _written(wanted, taken)
    standing = await numbers.standing(tx, _keys(wanted, found))
    if not standing:
        return found
    for place in {one.place for one, text in zip(wanted, found, strict=True) if _key(one, text) in standing}:
        first = next(one for one in wanted if one.place == place)
        free = await _free(tx, first, taken[place][0], len(taken[place]))
        await numbers.skip(tx, place[0], series, place[1], free[-1] - taken[place][-1])
        taken[place] = free
    return _written(wanted, taken)


async def preview(tx: Connection, business: Business, series: str, on: date) -> str:
    """The number that the next document of the series and date would get; not reserved."""
    one = Wanted(business.workspace_id, business.format(series), on)
    last = await numbers.last(tx, one.workspace_id, series, one.place[1])
    (following,) = await _free(tx, one, last + 1, 1)
    return one.form.write(on, following)


async def follow_formats(tx: Connection, before: Business, after: Business) -> None:
    """Let each series whose format changed go on after the highest number that documents have in it."""
    for series, text in after.number_formats.items():
        if before.number_formats.get(series) != text:
            reached = await numbers.reached(tx, after.workspace_id, after.format(series))
            await numbers.go_on_after(tx, after.workspace_id, series, reached)


async def require_free(tx: Connection, workspace_id: UUID, number: str | None) -> None:
    """Raise NumberTaken where a credit note or quote has the number that a caller chose for an invoice.

    Among invoices the index `invoice_number_is_unique` sees to it.
    """
    if number and await numbers.stands_elsewhere(tx, workspace_id, number):
        raise NumberTaken(field="number")


async def _free(tx: Connection, one: Wanted, first: int, count: int) -> list[int]:
    """The first `count` sequences from `first` on whose numbers stand nowhere."""
    size = count
    while True:
        written = {one.form.write(one.on, first + n): first + n for n in range(size)}
        standing = await numbers.standing(tx, ((one.workspace_id, text) for text in written))
        free = [n for text, n in written.items() if (one.workspace_id, text) not in standing]
        if len(free) >= count:
            return free[:count]
        size *= 2


def _written(wanted: Sequence[Wanted], taken: dict[Place, Sequence[int]]) -> list[str]:
    left = {place: iter(sequences) for place, sequences in taken.items()}
    return [one.form.write(one.on, next(left[one.place])) for one in wanted]


def _keys(wanted: Sequence[Wanted], found: Sequence[str]) -> list[tuple[UUID, str]]:
    return [_key(one, text) for one, text in zip(wanted, found, strict=True)]


def _key(one: Wanted, text: str) -> tuple[UUID, str]:
    return one.workspace_id, text

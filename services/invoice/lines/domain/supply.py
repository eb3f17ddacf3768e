"""When what a document bills was supplied: a date, or a period of whole days, on the document and its lines.

Directive 2006/112/EC art. 226(7) wants the date where it is another than that of issue; EN 16931 has BT-72
for the date, BG-14 for the document's period and BG-26 for a line's.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from shared.events.invoice import ContactOnInvoice, Seller
from shared.kernel.errors import Invalid

GERMANY = "DE"


class Supplied(Protocol):
    """A row of a document."""

    @property
    def type(self) -> str: ...
    @property
    def tax_category(self) -> str | None: ...
    @property
    def supply_start(self) -> date | None: ...
    @property
    def supply_end(self) -> date | None: ...


class Supply(NamedTuple):
    """The date of supply, or the first and the last day of its period, or neither."""

    on: date | None
    start: date | None
    end: date | None


class Issued(Protocol):
    """A document that is being issued."""

    @property
    def lines(self) -> Sequence[Supplied]: ...
    @property
    def issue_date(self) -> date | None: ...
    @property
    def supply_date(self) -> date | None: ...
    @property
    def supply_start(self) -> date | None: ...
    @property
    def supply_end(self) -> date | None: ...


def require_period(start: date | None, end: date | None, place: str = "") -> None:
    """Raise Invalid, naming the field below `place`, for one end without the other or ends out of order."""
    if (start is None) != (end is None):
        missing = "supply_start" if start is None else "supply_end"
        raise Invalid("A period of supply has a first and a last day.", field=f"{place}{missing}")
    if start and end and end < start:
        raise Invalid("The period of supply ends before it starts.", field=f"{place}supply_end")


def require_within(start: date | None, end: date | None, lines: Sequence[Supplied]) -> None:
    """Raise Invalid for a line supplied outside the document's period (PEPPOL-EN16931-R110 and R111)."""
    if start is None or end is None:
        return
    for index, line in enumerate(lines):
        for field in ("supply_start", "supply_end"):
            day = getattr(line, field)
            if day and not start <= day <= end:
                message = (
                    "The line was supplied outside the document's period of supply (PEPPOL-EN16931-R110)."
                )
                raise Invalid(message, field=f"lines.{index}.{field}")


def days_of(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last day of a period: its end is the first instant that it does not hold."""
    first = start.astimezone(zone).date()
    last = (end.astimezone(zone) - timedelta(microseconds=1)).date()
    return first, max(first, last)


def cover(lines: Sequence[Supplied], days: tuple[date, date]) -> tuple[date, date]:
    """The first and the last day of these and of all lines: no line lies outside (PEPPOL-EN16931-R110)."""
    starts = [line.supply_start for line in lines if line.supply_start]
    ends = [line.supply_end for line in lines if line.supply_end]
    return min([days[0], *starts]), max([days[1], *ends])


def supply_at_issue(document: Issued, seller: Seller | None, buyer: ContactOnInvoice) -> Supply:
    """When the document says that it was supplied, once it is issued: as its caller gave it.

    Without a date or a period: the period that its lines cover, where each has one; else the date of issue
    where one must stand there, on supplies within the Union (BR-IC-11) and within Germany (§ 14(4) no. 6
    UStG). That is what leaving it out means by art. 226(7) of the directive.
    """
    stated = Supply(document.supply_date, document.supply_start, document.supply_end)
    if stated.on or stated.start:
        return stated
    items = [line for line in document.lines if line.type == "item"]
    starts = [line.supply_start for line in items if line.supply_start]
    ends = [line.supply_end for line in items if line.supply_end]
    if items and len(starts) == len(ends) == len(items):
        return Supply(None, min(starts), max(ends))
    is_german = seller is not None and (seller.country, buyer.country) == (GERMANY, GERMANY)
    is_told = is_german or any(line.tax_category == "K" for line in items)
    return Supply(document.issue_date, None, None) if is_told else stated

"""A workspace's clock: real time for live ones, an offset that only moves forward for sandboxes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from shared.kernel.errors import Invalid


class ClockMovesBackwards(Invalid):
    """A sandbox clock only moves forward."""

    code = "clock_moves_backwards"


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells a workspace's "now" (an aware UTC instant) and "today" (the date in its zone)."""

    offset: timedelta = timedelta(0)
    zone: str = "Europe/Amsterdam"

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def today(self) -> date:
        return self.now().astimezone(ZoneInfo(self.zone)).date()

    def advanced_to(self, target: datetime) -> Self:
        """The clock whose now is `target`; raises ClockMovesBackwards when that lies in its past."""
        ahead = target - self.now()
        if ahead < timedelta(0):
            raise ClockMovesBackwards(field="to")
        return type(self)(self.offset + ahead, self.zone)

"""Work that a process takes over for a while by a lease: when it is lost, and when it is tried again."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal


class LeaseLost(Exception):
    """Another worker has taken the work over: what this one found out must not be written."""


def delay_after(delays: Sequence[timedelta], count: int) -> timedelta | None:
    """The delay after so many steps; None once they are used up."""
    return delays[count] if count < len(delays) else None


def parse_delays(text: str) -> tuple[timedelta, ...]:
    """Read comma-separated seconds, `86400*5` for five times a day; raises ValueError."""
    delays: list[timedelta] = []
    for part in text.split(","):
        seconds, _, times = part.partition("*")
        try:
            delays += [timedelta(milliseconds=int(Decimal(seconds.strip()) * 1000))] * int(times or 1)
        except ArithmeticError as error:
            raise ValueError(f"{part.strip()} is not a number of seconds") from error
    return tuple(delays)

"""What is measured: a work is prepared once and then done again and again, so many units a round."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.bench.platform import Platform


@dataclass(frozen=True, slots=True)
class Done:
    """What one round came to besides its cost; `figures` are this work's own, by their names."""

    units: int
    failures: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    """A platform, and a sink beside it."""

    platform: Platform
    sink_url: str


Round = Callable[[int], Awaitable[Done]]
Prepare = Callable[[Scene], Awaitable[Round]]


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound of one figure: at most, unless it is a rate."""

    figure: str
    value: float
    is_least: bool = False

    def is_met(self, value: float) -> bool:
        """Whether this value is within the bound."""
        return value >= self.value if self.is_least else value <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.is_least else '≤'} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Work:
    """One row of the table."""

    name: str
    title: str
    unit: str
    prepare: Prepare
    count: int
    warm_up: int
    goals: tuple[Goal, ...] = ()

"""Rest is exact: whatever the interleaving, when it is declared no event is under way anywhere."""

from dataclasses import dataclass, field
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.clocks import domain as rules
from services.gateway.clocks.domain import Report, Round
from shared.kernel.ids import new_id
from tests.unit.gateway.test_clock_advance import LATER, NOW

NAMES = ("invoice", "payment", "subscription_renewal")


@dataclass
class Service:
    """Makes events, hears those of the others, and answers the gateway's question like a real one."""

    published: dict[UUID, int] = field(default_factory=dict)
    heard: set[UUID] = field(default_factory=set)

    def make(self, depth: int) -> None:
        self.published[new_id()] = depth

    def report(self, last: Round) -> Report:
        for event_id in last.heard:
            self.published.pop(event_id, None)
        unheard = frozenset(event_id for event_id, _ in last.published if event_id not in self.heard)
        return Report(LATER, tuple((event_id, "a") for event_id in self.published), unheard)


@dataclass
class Platform:
    services: dict[str, Service] = field(default_factory=lambda: {name: Service() for name in NAMES})
    made: dict[UUID, int] = field(default_factory=dict)

    def make(self, name: str, depth: int) -> None:
        self.services[name].make(depth)
        self.made |= self.services[name].published

    def under_way(self, name: str) -> list[UUID]:
        return sorted(self.made.keys() - self.services[name].heard)

    def deliver(self, name: str, nth: int) -> None:
        """Hear one of the events on their way; hearing it may make another one."""
        waiting = self.under_way(name)
        if waiting:
            event_id = waiting[nth % len(waiting)]
            self.services[name].heard.add(event_id)
            if self.made[event_id]:
                self.make(name, self.made[event_id] - 1)


DELIVERIES = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 9)), max_size=3)
# The services of one round answer one after another, and events arrive in between.
ROUND = st.tuples(st.permutations(NAMES), st.tuples(DELIVERIES, DELIVERIES, DELIVERIES))


@given(depth=st.integers(0, 2), rounds=st.lists(ROUND, min_size=3, max_size=20))
def test_rest_is_declared_only_when_every_event_was_heard_by_all(
    depth: int, rounds: list[tuple[list[str], tuple[list[tuple[str, int]], ...]]]
) -> None:
    platform = Platform()
    platform.make("invoice", depth)
    last = Round()
    for order, deliveries in rounds:
        answers = {}
        for name, arriving in zip(order, deliveries, strict=True):
            for hearer, nth in arriving:
                platform.deliver(hearer, nth)
            answers[name] = platform.services[name].report(last)
        last = rules.next_round(last, answers, NOW)
        if last.is_at_rest:
            assert [platform.under_way(one) for one in NAMES] == [[], [], []]


def test_rest_is_reached_once_everything_is_heard() -> None:
    platform = Platform()
    platform.make("invoice", 2)
    last = Round()
    for _ in range(40):
        for name in NAMES:
            platform.deliver(name, 0)
        last = rules.next_round(
            last, {name: one.report(last) for name, one in platform.services.items()}, NOW
        )

    assert last.is_at_rest
    assert len(platform.made) > 3

"""What a transaction makes due reaches the worker only once it has committed."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.webhook_delivery.deliveries.operations.handoff import Handoff, LeasedDelivery
from shared.messaging.work import begin
from tests.unit.webhook_delivery.builders import a_delivery


class Transactions:
    """Stands for a database: all that matters is whether a transaction ends well."""

    writers = ()

    @asynccontextmanager
    async def transaction(self, *settings: Any) -> AsyncIterator[object]:
        yield object()


DATABASE: Any = Transactions()


class Received:
    """Stands for the deliverer."""

    def __init__(self) -> None:
        self.shards: set[int] = set()
        self.leased: list[LeasedDelivery] = []

    def receive(self, shards: Collection[int], leased: Sequence[LeasedDelivery]) -> None:
        self.shards.update(shards)
        self.leased.extend(leased)


async def test_what_was_handed_over_arrives_at_the_commit_once() -> None:
    made, fresh = Received(), LeasedDelivery(a_delivery(), 1)
    handoff = Handoff(receive=made.receive)

    async with begin(DATABASE) as unit:
        handoff.hand_over(unit, [3])
        handoff.hand_over(unit, [5], [fresh])
        assert (made.shards, made.leased) == (set(), [])

    assert (made.shards, made.leased) == ({3, 5}, [fresh])


async def test_nobody_gets_what_a_rolled_back_transaction_handed_over() -> None:
    made = Received()
    handoff = Handoff(receive=made.receive)

    with pytest.raises(ArithmeticError):
        async with begin(DATABASE) as unit:
            handoff.hand_over(unit, [1], [LeasedDelivery(a_delivery(), 1)])
            raise ArithmeticError
    async with begin(DATABASE):
        pass

    assert (made.shards, made.leased) == (set(), [])


def test_without_a_worker_nothing_is_handed_over() -> None:
    assert Handoff().offer_lease() is None

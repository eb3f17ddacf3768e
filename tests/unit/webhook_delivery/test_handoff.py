"""What a transaction makes due reaches the worker only once it has committed."""

from typing import Any

from services.webhook_delivery.deliveries.operations.handoff import HandoffBuffer, LeasedDelivery
from tests.unit.webhook_delivery.builders import a_delivery


class Transaction:
    """Stands for a connection: all that matters is who it is."""


def a_transaction() -> Any:
    return Transaction()


def test_what_was_noted_is_taken_once() -> None:
    handoff, tx, fresh = HandoffBuffer(), a_transaction(), LeasedDelivery(a_delivery(), 1)

    handoff.hand_over(tx, [3])
    handoff.hand_over(tx, [5], [fresh])
    made = handoff.take(tx)

    assert made is not None
    assert (made.shards, made.leased) == ({3, 5}, [fresh])
    assert handoff.take(tx) is None


def test_nobody_gets_what_a_rolled_back_transaction_noted() -> None:
    handoff, rolled_back = HandoffBuffer(), a_transaction()
    handoff.hand_over(rolled_back, [1], [LeasedDelivery(a_delivery(), 1)])
    del rolled_back

    others = [a_transaction() for _ in range(100)]

    assert [handoff.take(other) for other in others] == [None] * 100


def test_without_a_worker_nothing_is_handed_over() -> None:
    assert HandoffBuffer().offer_lease() is None

"""What a transaction makes due reaches the worker only once it has committed."""

from typing import Any

from services.webhook_delivery.messages.operations.desk import Desk, Fresh
from tests.unit.webhook_delivery.builders import a_delivery


class Transaction:
    """Stands for a connection: all that matters is who it is."""


def a_transaction() -> Any:
    return Transaction()


def test_what_was_noted_is_taken_once() -> None:
    desk, tx, fresh = Desk(), a_transaction(), Fresh(a_delivery(), 1)

    desk.note(tx, [3])
    desk.note(tx, [5], [fresh])
    made = desk.taken(tx)

    assert made is not None
    assert (made.shards, made.fresh) == ({3, 5}, [fresh])
    assert desk.taken(tx) is None


def test_nobody_gets_what_a_rolled_back_transaction_noted() -> None:
    desk, rolled_back = Desk(), a_transaction()
    desk.note(rolled_back, [1], [Fresh(a_delivery(), 1)])
    del rolled_back

    others = [a_transaction() for _ in range(100)]

    assert [desk.taken(other) for other in others] == [None] * 100


def test_without_a_worker_nothing_is_handed_over() -> None:
    assert Desk().share() is None

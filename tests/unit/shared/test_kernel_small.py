"""Ids, status tables and versions."""

from enum import StrEnum
from itertools import pairwise
from uuid import RFC_4122

import pytest

from shared.kernel.errors import IllegalMove, PreconditionFailed
from shared.kernel.ids import new_id
from shared.kernel.moves import require_move
from shared.kernel.versions import require_version


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    GONE = "gone"


MOVES = {
    Door.OPEN: frozenset({Door.SHUT, Door.GONE}),
    Door.SHUT: frozenset({Door.OPEN}),
    Door.GONE: frozenset(),
}


def test_ids_are_of_version_7_and_sort_by_their_time() -> None:
    made = [new_id() for _ in range(2000)]

    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}
    assert all(earlier < later for earlier, later in pairwise(made))


@pytest.mark.parametrize("now", Door)
@pytest.mark.parametrize("to", Door)
def test_a_status_moves_as_its_table_says(now: Door, to: Door) -> None:
    if to in MOVES[now]:
        require_move(MOVES, now, to)
    else:
        with pytest.raises(IllegalMove, match=f"The status is {now}: {to} cannot follow"):
            require_move(MOVES, now, to)


def test_a_refused_move_tells_what_is_allowed() -> None:
    with pytest.raises(IllegalMove) as caught:
        require_move(MOVES, Door.OPEN, Door.OPEN)

    assert caught.value.facts == {"status_now": "open", "allowed": ["gone", "shut"]}
    assert caught.value.errors[0].pointer == "/status"


def test_a_change_from_an_old_version_is_refused() -> None:
    require_version(3, None)
    require_version(3, 3)

    with pytest.raises(PreconditionFailed, match="at version 3, not 2"):
        require_version(3, 2)

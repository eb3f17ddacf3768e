"""State machines as tables: which status may follow which."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from shared.kernel.errors import IllegalMove

S = TypeVar("S", bound=StrEnum)


def require_move(moves: Mapping[S, frozenset[S]], now: S, to: S) -> None:
    """Raise IllegalMove, naming what is allowed, when the table has no arrow from `now` to `to`."""
    allowed = moves[now]
    if to not in allowed:
        raise IllegalMove(
            f"The status is {now.value}: {to.value} cannot follow.",
            field="status",
            status_now=now.value,
            allowed=sorted(status.value for status in allowed),
        )

"""Cursors of lists that are not in the order of ids: opaque text that holds the key of the last row shown."""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar, overload

from shared.kernel.errors import Invalid

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
NOT_OURS = "The cursor is not one of ours."


def encode(*parts: object) -> str:
    """A cursor that holds these values as text."""
    text = json.dumps([str(part) for part in parts], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@overload
def decode(cursor: str, first: Callable[[str], A], /, *, field: str = "cursor") -> tuple[A]: ...


@overload
def decode(
    cursor: str, first: Callable[[str], A], second: Callable[[str], B], /, *, field: str = "cursor"
) -> tuple[A, B]: ...


@overload
def decode(
    cursor: str,
    first: Callable[[str], A],
    second: Callable[[str], B],
    third: Callable[[str], C],
    /,
    *,
    field: str = "cursor",
) -> tuple[A, B, C]: ...


def decode(cursor: str, *readers: Callable[[str], object], field: str = "cursor") -> tuple[object, ...]:
    """The values in a cursor, each read by its reader; raises Invalid for one that is not ours."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(read(str(part)) for read, part in zip(readers, parts, strict=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise Invalid(NOT_OURS, field=field) from error


def position(text: str) -> int:
    """A place in a feed, as Postgres can hold it; raises ValueError."""
    value = int(text)
    if not 0 <= value < 2**63:
        raise ValueError(text)
    return value


def instant(text: str) -> datetime:
    """A moment with its offset; raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or not 1900 <= moment.year < 2200:
        raise ValueError(text)
    return moment

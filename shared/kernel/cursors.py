"""Cursors of lists: opaque to whoever gets one, they hold the id of a row, or how many rows are skipped."""

import base64
import binascii
import json
from collections.abc import Mapping
from uuid import UUID

from shared.kernel.errors import Invalid
from shared.kernel.json import Json

MAX_OFFSET = 10_000
"""Of a list's `offset`: a page costs as much as all before it; by a cursor it costs the same everywhere."""
_MAX_SKIPPED = 10_000_000


def encode_cursor(after: UUID) -> str:
    """An opaque cursor for the rows after this id."""
    return _encode({"after": str(after)})


def encode_offset(offset: int) -> str:
    """A cursor for the rows after so many: for dialects, whose pages have numbers and no end."""
    return _encode({"skip": offset})


def decode_cursor(cursor: str) -> UUID:
    """The id in a cursor; raises Invalid for one that is not ours."""
    try:
        return UUID(str(_decode(cursor)["after"]))
    except (binascii.Error, ValueError, KeyError) as error:
        raise Invalid("The cursor is not one of ours.", field="cursor") from error


def decode_place(cursor: str) -> tuple[UUID | None, int]:
    """The id in a cursor, or the number of rows; raises Invalid for one that is not ours."""
    try:
        skipped = _decode(cursor)["skip"]
    except (binascii.Error, ValueError, KeyError):
        return decode_cursor(cursor), 0
    if type(skipped) is int and 0 <= skipped <= _MAX_SKIPPED:
        return None, skipped
    raise Invalid("The cursor is not one of ours.", field="cursor")


def _encode(place: dict[str, str | int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _decode(cursor: str) -> Mapping[str, Json]:
    place: Json = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return place if isinstance(place, Mapping) else {}

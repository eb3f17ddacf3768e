"""Cursors of lists that are not in the order of ids: opaque text that holds the key of the last row shown."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from shared.kernel.errors import Invalid

NOT_OURS = "The cursor is not one of ours."


def encode(*parts: Any) -> str:
    """A cursor that holds these values as text."""
    text = json.dumps([str(part) for part in parts], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, *readers: Callable[[str], Any], field: str = "cursor") -> tuple[Any, ...]:
    """The values in a cursor, each read by its reader; raises Invalid for one that is not ours."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(read(part) for read, part in zip(readers, parts, strict=True))
    except (binascii.Error, ValueError, TypeError, AttributeError, LookupError) as error:
        raise Invalid(NOT_OURS, field=field) from error

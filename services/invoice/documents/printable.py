"""Text that can be set: PDF/A refuses a document with a glyph that no font of ours has."""

import unicodedata
from typing import Any

_DROPPED = {"Cc", "Cs", "Co", "Cn"}
_PICTURES_FROM = 0x1F000
_PICTURES = range(0x2600, 0x27C0)
_MARKS = {"\ufffd", "\ufe0e", "\ufe0f", "\u20e3"}


def printable(value: Any) -> Any:
    """The same value with what cannot be set left out of its texts: control characters and emoji."""
    if isinstance(value, str):
        return "".join(c for c in value if c == "\n" or _can_be_set(c))
    if isinstance(value, list):
        return [printable(item) for item in value]
    if isinstance(value, dict):
        return {name: printable(item) for name, item in value.items()}
    return value


def _can_be_set(character: str) -> bool:
    return (
        character not in _MARKS
        and ord(character) < _PICTURES_FROM
        and ord(character) not in _PICTURES
        and unicodedata.category(character) not in _DROPPED
    )

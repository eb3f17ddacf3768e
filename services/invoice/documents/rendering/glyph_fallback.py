"""Text that can be set: PDF/A refuses a document with a glyph that no font of ours has.

Nothing is left out unseen: what no font has is printed as a box. Control characters, which have no look, go.
"""

import re
import unicodedata
from collections.abc import Sequence

from shared.kernel.json import Json

Fonts = Sequence[frozenset[int]]
MISSING = "□"
"""Stands where a character has no glyph."""
_MARKS = {"Mn", "Me", "Mc"}
# Joiners, variation selectors, directions and tags: they steer how others look.
_UNSEEN = re.compile(
    r"[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_SPACES = {"\t": " ", "\u2028": "\n", "\u2029": "\n", "\r": ""}


def replace_missing_glyphs(value: Json, fonts: Fonts) -> Json:
    """The same value with its texts as these fonts can set them."""
    if isinstance(value, str):
        return _replace_in_text(value, fonts)
    if isinstance(value, list):
        return [replace_missing_glyphs(item, fonts) for item in value]
    if isinstance(value, dict):
        return {name: replace_missing_glyphs(item, fonts) for name, item in value.items()}
    return value


def _replace_in_text(text: str, fonts: Fonts) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(_settable(cluster, fonts) for cluster in _clusters(unicodedata.normalize("NFC", text)))


def _clusters(text: str) -> list[str]:
    """Characters with the marks that stand on them: a font must have all of one."""
    clusters: list[str] = []
    for character in text:
        if clusters and clusters[-1] != "\n" and unicodedata.category(character) in _MARKS:
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _settable(cluster: str, fonts: Fonts) -> str:
    if cluster in _SPACES:
        return _SPACES[cluster]
    if cluster == "\n":
        return cluster
    if unicodedata.category(cluster[0]) in ("Cc", "Cs"):
        return "".join(_settable(mark, fonts) for mark in cluster[1:])
    seen = {ord(character) for character in _UNSEEN.sub("", cluster)}
    if any(seen <= font for font in fonts):
        return cluster
    base = cluster[:1]
    if unicodedata.category(base) in _MARKS or not any(ord(base) in font for font in fonts):
        return MISSING
    # A mark that no font can put onto this character stands as a box behind it.
    return base + MISSING * sum(not _UNSEEN.match(mark) for mark in cluster[1:])

"""Which characters a text of ours may hold: those that every document, message and table can carry."""

import re
import unicodedata

# The complement of Char in XML 1.0 (5th edition, 2.2), lone surrogates and NUL among it: PDF, UBL, CII and
# Postgres each refuse a part of these.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FAULT = "holds a character that cannot be stored or printed"


def holds_forbidden(text: str) -> bool:
    """Whether the text holds a character that XML 1.0 cannot carry, such as a control character."""
    return _FORBIDDEN.search(text) is not None


def strip_forbidden(text: str) -> str:
    """The text without the characters that cannot be stored or printed."""
    return _FORBIDDEN.sub("", text)


def normalize(text: str) -> str:
    """The text in composed form (Unicode NFC), so that what looks the same is the same."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)

"""The text of an API key: `blg_live_` or `blg_test_`, 30 random base62 characters, 6 of their CRC-32.

The checksum lets typing errors and guesses be refused without asking the database; what is stored
is an HMAC-SHA256, so that neither the table nor a backup of it can be used as a key.
"""

import hmac
import re
import secrets
import string
import zlib

from shared.events.workspace import Mode

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_LENGTH = 30
CHECKSUM_LENGTH = 6
_PREFIXES: dict[Mode, str] = {"live": "blg_live_", "sandbox": "blg_test_"}
_FORM = re.compile(rf"blg_(?:live|test)_[0-9A-Za-z]{{{RANDOM_LENGTH + CHECKSUM_LENGTH}}}")


def make(mode: Mode) -> str:
    """A new key with 178 random bits."""
    body = _PREFIXES[mode] + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return body + checksum(body)


def is_well_formed(text: str) -> bool:
    """Whether the text could be a key of ours: its form and its checksum fit."""
    return bool(_FORM.fullmatch(text)) and checksum(text[:-CHECKSUM_LENGTH]) == text[-CHECKSUM_LENGTH:]


def checksum(body: str) -> str:
    """The CRC-32 of the text before it, as six base62 digits."""
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        value, digit = divmod(value, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def digest(text: str, pepper: str) -> bytes:
    """The 32 bytes under which a key is stored and found."""
    return hmac.digest(pepper.encode(), text.encode(), "sha256")

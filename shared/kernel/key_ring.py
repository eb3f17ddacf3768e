"""Encryption at rest: AES-256-GCM in an envelope of version, key id, nonce and ciphertext.

What is encrypted is bound to its place (workspace, table, row, column): copied elsewhere it cannot be read.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kernel.errors import Unavailable

VERSION = 1
NONCE_BYTES = 12
KEY_BYTES = 32


class SecretUnreadable(Unavailable):
    """A stored secret cannot be decrypted: its key is not among ENCRYPTION_KEYS, or it was moved."""

    code = "secret_unreadable"


def place(workspace_id: UUID, table: str, row: object, column: str) -> bytes:
    """The name of a value's place, which is authenticated with it."""
    return f"{workspace_id}|{table}|{row}|{column}".encode()


def is_envelope(text: bytes) -> bool:
    """Whether this may be encrypted by a key ring; no JSON begins so."""
    return text[:1] == bytes((VERSION,))


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by id; the newest encrypts, all decrypt."""

    ciphers: Mapping[str, AESGCM]
    newest: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `id:base64 of 32 bytes, …`, oldest first; raises ValueError, which never holds a key."""
        ciphers: dict[str, AESGCM] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            key_id, colon, encoded = entry.partition(":")
            if not colon or not 1 <= len(key_id.encode()) <= 255 or key_id in ciphers:
                raise ValueError("each encryption key needs an id of its own before a colon")
            ciphers[key_id] = AESGCM(_key(key_id, encoded))
        if not ciphers:
            raise ValueError("at least one encryption key is needed")
        return cls(ciphers, list(ciphers)[-1])

    @property
    def start(self) -> bytes:
        """What every envelope of the newest key begins with."""
        key_id = self.newest.encode()
        return bytes((VERSION, len(key_id))) + key_id

    def encrypt(self, value: bytes, about: bytes) -> bytes:
        """The envelope of `value` for the place `about`."""
        start, nonce = self.start, secrets.token_bytes(NONCE_BYTES)
        return start + nonce + self.ciphers[self.newest].encrypt(nonce, value, start + about)

    def decrypt(self, envelope: bytes, about: bytes) -> bytes:
        """The value in the envelope; raises SecretUnreadable."""
        try:
            end = 2 + envelope[1]
            cipher = self.ciphers[envelope[2:end].decode()]
            nonce, sealed = envelope[end : end + NONCE_BYTES], envelope[end + NONCE_BYTES :]
            return cipher.decrypt(nonce, sealed, envelope[:end] + about)
        except (InvalidTag, LookupError, ValueError) as error:
            raise SecretUnreadable from error


def _key(key_id: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError(f"encryption key {key_id} is not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"encryption key {key_id} has {len(key)} bytes, not {KEY_BYTES}")
    return key

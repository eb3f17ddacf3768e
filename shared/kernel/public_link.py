"""The token in an invoice's public address: it names the invoice, and nobody else can make one.

Its bytes are the key's id with its length, workspace, invoice, a nonce, and HMAC-SHA256 of all that, cut to
128 bits; written in base64url. Each token has a nonce of its own, so that a new one ends the old.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

_PURPOSE = b"billing public link 1\x00"
_NONCE_BYTES = 4
_MAC_BYTES = 16
_BODY_BYTES = 32 + _NONCE_BYTES
MAX_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Target:
    """What a token opens: one invoice of one workspace."""

    workspace_id: UUID
    invoice_id: UUID


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """Signing keys by id; the newest signs, all verify."""

    keys: Mapping[bytes, bytes] = field(repr=False)
    newest: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `id:base64 of at least 32 bytes, …`, oldest first; raises ValueError, which holds no key."""
        keys: dict[bytes, bytes] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            key_id, colon, encoded = entry.partition(":")
            name = key_id.encode()
            if not colon or not 1 <= len(name) <= 20 or name in keys:
                raise ValueError("each key of public links needs an id of its own before a colon")
            keys[name] = _key(key_id, encoded)
        if not keys:
            raise ValueError("at least one key of public links is needed")
        return cls(keys, list(keys)[-1])

    def make(self, workspace_id: UUID, invoice_id: UUID) -> str:
        """A new token for this invoice; each call makes another one."""
        start = bytes([len(self.newest)]) + self.newest
        body = start + workspace_id.bytes + invoice_id.bytes + secrets.token_bytes(_NONCE_BYTES)
        signed = body + self._mac(self.newest, body)
        return base64.urlsafe_b64encode(signed).decode().rstrip("=")

    def read(self, token: str) -> Target | None:
        """What the token opens; None for one that was not made with a key of ours, byte for byte."""
        signed = _decode(token)
        body, mac = signed[:-_MAC_BYTES], signed[-_MAC_BYTES:]
        key_id = body[1 : 1 + body[0]] if body else b""
        if key_id not in self.keys or len(body) != 1 + len(key_id) + _BODY_BYTES:
            return None
        if not hmac.compare_digest(mac, self._mac(key_id, body)):
            return None
        start = 1 + len(key_id)
        ids = body[start : start + 32]
        return Target(UUID(bytes=ids[:16]), UUID(bytes=ids[16:]))

    def _mac(self, key_id: bytes, body: bytes) -> bytes:
        return hmac.digest(self.keys[key_id], _PURPOSE + body, hashlib.sha256)[:_MAC_BYTES]


def _decode(token: str) -> bytes:
    """The token's bytes; none where it is not written as we write it."""
    if len(token) > MAX_LENGTH or not token.isascii():
        return b""
    try:
        content = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return b""
    # One invoice, one address: other spellings of the same bytes are none.
    return content if base64.urlsafe_b64encode(content).decode().rstrip("=") == token else b""


def _key(key_id: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError(f"the key {key_id} of public links is not base64") from error
    if len(key) < 32:
        raise ValueError(f"the key {key_id} of public links has {len(key)} bytes, not at least 32")
    return key

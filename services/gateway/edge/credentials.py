"""What a request shows of itself: an API key, or a JWT with the slug of the workspace that it wants."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.errors import Unauthorized

Headers = Mapping[bytes, bytes]
"""A request's headers by their lower-case names."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret and the slug beside it, neither verified yet."""

    text: str
    is_key: bool
    slug: str | None


def read(headers: Headers) -> Credential:
    """The credential in the headers; X-API-Key counts before Authorization. Raises Unauthorized for none."""
    given = headers.get(b"x-tenant-slug")
    slug = given.decode("latin-1").strip() if given else None
    key = headers.get(b"x-api-key")
    if key is not None:
        return Credential(_text(key), True, slug)
    text = bearer(headers)
    return Credential(text, text.startswith("blg_"), slug)


def bearer(headers: Headers) -> str:
    """The token of `Authorization: Bearer …`; raises Unauthorized when there is none."""
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() != b"bearer":
        raise Unauthorized
    return _text(token)


def require_same(given: str, expected: str) -> None:
    """Raise Unauthorized unless both are the same; the time taken tells nothing about where they differ."""
    ours, theirs = (hashlib.sha256(text.encode()).digest() for text in (expected, given))
    if not hmac.compare_digest(ours, theirs):
        raise Unauthorized


def _text(value: bytes) -> str:
    text = value.decode("latin-1").strip()
    if not text or not text.isascii():
        raise Unauthorized
    return text

"""Sessions of the console: a random token in a cookie, and what that token alone can open.

Of the token only a digest is stored, and what is stored beside it is sealed with a key made of the token:
neither the table nor a backup of it can be used to sign in.
"""

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import asdict, dataclass
from typing import Literal, Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kernel.key_ring import KeyRing

LIFETIME_SECONDS = 8 * 60 * 60
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_KEY_ID = "session"


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is signed in, and the slug of the workspace that is open."""

    credential: str
    workspace_slug: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What a page shows, once; `secret` is the text of a new API key."""

    text: str
    kind: Literal["good", "bad"] = "good"
    secret: str | None = None

    def dump(self) -> str:
        """As text, to be sealed."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> Self:
        """What `dump` wrote."""
        return cls(**json.loads(text))


def new_token() -> str:
    """A token of 256 random bits."""
    return secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Whether the text has a token's form."""
    return bool(_TOKEN.fullmatch(text))


def digest(token: str) -> bytes:
    """The 32 bytes under which the session is found."""
    return hashlib.sha256(token.encode()).digest()


def form_token(token: str, workspace_slug: str | None) -> str:
    """What a form must send back: proof that our page made it, for the workspace that is open."""
    return hmac.new(token.encode(), f"form|{workspace_slug or ''}".encode(), "sha256").hexdigest()


def is_form_token(given: str, token: str, workspace_slug: str | None) -> bool:
    """Whether it is that; the time taken tells nothing about where they differ."""
    return hmac.compare_digest(given.encode(), form_token(token, workspace_slug).encode())


def seal(token: str, column: str, text: str) -> bytes:
    """The text, readable with the token alone and in its own column alone."""
    return _ring(token).encrypt(text.encode(), column.encode())


def unseal(token: str, column: str, sealed: bytes) -> str:
    """The text again; raises SecretUnreadable."""
    return _ring(token).decrypt(sealed, column.encode()).decode()


def _ring(token: str) -> KeyRing:
    key = hmac.digest(token.encode(), b"what a session holds", "sha256")
    return KeyRing({_KEY_ID: AESGCM(key)}, _KEY_ID)

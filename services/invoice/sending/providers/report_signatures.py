"""Whether a report is its provider's: signatures of Twilio and Mailgun, secrets of the others."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any


def is_signed_by_twilio(url: str, form: Iterable[tuple[str, str]], signature: str, auth_token: str) -> bool:
    """X-Twilio-Signature: base64 of the HMAC-SHA1 of the URL and the sorted parameters with their values."""
    text = url + "".join(name + value for name, value in sorted(set(form)))
    expected = hmac.new(auth_token.encode(), text.encode("utf-8", "replace"), hashlib.sha1).digest()
    return hmac.compare_digest(base64.b64encode(expected), signature.encode("utf-8", "replace"))


def is_signed_by_mailgun(signature: Any, signing_key: str) -> bool:
    """The body's own signature: hex of the HMAC-SHA256 of its timestamp and token."""
    if not isinstance(signature, Mapping):
        return False
    parts = [signature.get(name) for name in ("timestamp", "token", "signature")]
    if not all(isinstance(part, str) and part for part in parts):
        return False
    timestamp, token, actual = (str(part).encode("utf-8", "replace") for part in parts)
    expected = hmac.new(signing_key.encode(), timestamp + token, hashlib.sha256).hexdigest().encode()
    return hmac.compare_digest(expected, actual)


def has_secret(authorization: str, secret: str) -> bool:
    """Whether a header has the secret: as a bearer token, or as the password of Basic (RFC 7617)."""
    scheme, _, credential = authorization.partition(" ")
    actual = credential.strip().encode("utf-8", "replace")
    if scheme.lower() == "basic":
        try:
            actual = base64.b64decode(actual, validate=True).partition(b":")[2]
        except binascii.Error:
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(actual, secret.encode())

"""Signatures of webhooks, by Standard Webhooks 1.0: HMAC-SHA256 over id, timestamp and body."""

import base64
import hmac
from collections.abc import Iterable


def sign(key: bytes, webhook_id: str, timestamp: int, body: bytes) -> str:
    """One entry of the signature header; `timestamp` in whole seconds since 1970."""
    content = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()


def header(keys: Iterable[bytes], webhook_id: str, timestamp: int, body: bytes) -> str:
    """`webhook-signature`: an entry for each live key, one space between them.

    The reference libraries raise on an entry that has not exactly one comma, so nothing else may stand here.
    """
    return " ".join(sign(key, webhook_id, timestamp, body) for key in keys)

"""Webhooks (Standard Webhooks): is a request from the platform, and what does it say."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, cast

from billing_sdk import _models, errors

if TYPE_CHECKING:
    from billing_sdk._generated.models import AnyEvent

TOLERANCE_SECONDS = 300
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_PREFIX = "whsec_"
_VERSION = "v1"


class Webhook:
    """Verifies what arrives at an endpoint, by its secret; by several while one takes another's place."""

    __slots__ = ("_keys",)

    def __init__(self, secrets: str | Sequence[str]) -> None:
        given = [secrets] if isinstance(secrets, str) else list(secrets)
        if not given:
            raise ValueError("a webhook needs a secret")
        self._keys = [_key(secret) for secret in given]

    def verify(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        tolerance: float = TOLERANCE_SECONDS,
        now: float | None = None,
    ) -> AnyEvent:
        """The event of a request; raises MissingHeader, WrongTimestamp or WrongSignature.

        `body` is what came over the wire, not what a framework has read of it: other whitespace or another order
        of fields would be another signature.
        """
        if not isinstance(body, bytes | bytearray):
            raise TypeError("body must be the raw bytes of the request, not what was parsed of them")
        known = {str(name).lower(): value for name, value in headers.items()}
        identity, timestamp, signatures = (_header(known, name) for name in (ID, TIMESTAMP, SIGNATURE))
        _require_recent(timestamp, tolerance, time.time() if now is None else now)
        signed = f"{identity}.{timestamp}.".encode() + body
        sent = [one for one in signatures.split() if one.startswith(f"{_VERSION},")]
        expected = [_signature(key, signed) for key in self._keys]
        # Every pair is compared, so that time tells nothing.
        found = [hmac.compare_digest(one.encode(), other.encode()) for one in sent for other in expected]
        if not any(found):
            raise errors.WrongSignature("none of the signatures is by a secret that is known here")
        return event(bytes(body))

    def sign(self, body: bytes, id: str, at: datetime | int | None = None) -> dict[str, str]:
        """The headers that the platform would send with this body: for tests of one's own endpoint."""
        seconds = int(at.timestamp()) if isinstance(at, datetime) else int(time.time() if at is None else at)
        signed = f"{id}.{seconds}.".encode() + body
        signatures = " ".join(_signature(key, signed) for key in self._keys)
        return {ID: id, TIMESTAMP: str(seconds), SIGNATURE: signatures}

    def __repr__(self) -> str:
        return f"<Webhook with {len(self._keys)} secrets>"


def event(body: bytes) -> AnyEvent:
    """The event that a body says, without asking who sent it; `UnknownEvent` for a type of later."""
    from billing_sdk._generated import models

    data = _models.decode(body)
    if not isinstance(data, dict) or not isinstance(data.get("type"), str):
        raise errors.BadReply("the body is no event")
    kind = models.EVENTS.get(data["type"], models.UnknownEvent)
    return cast("AnyEvent", kind(data))


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a secret is whsec_ and Base64") from None
    if not key:
        raise ValueError("a secret is whsec_ and Base64")
    return key


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        error = errors.MissingHeader(f"there is no header {name}")
        raise error
    return value


def _require_recent(timestamp: str, tolerance: float, now: float) -> None:
    if not timestamp.isascii() or not timestamp.isdigit():
        raise errors.WrongTimestamp(f"{TIMESTAMP} is no number of seconds")
    age = now - int(timestamp)
    if abs(age) > tolerance:
        when = f"{age:.0f} s ago" if age > 0 else f"{-age:.0f} s in the future"
        raise errors.WrongTimestamp(f"it was signed {when}; {tolerance:.0f} s are tolerated")


def _signature(key: bytes, signed: bytes) -> str:
    return f"{_VERSION},{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"

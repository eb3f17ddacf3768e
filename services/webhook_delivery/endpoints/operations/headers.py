"""The values of endpoints' own headers, which are secrets: encrypted for their row, read to be sent."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import structlog
from pydantic_core import from_json, to_json

from services.webhook_delivery.endpoints.domain import custom_headers
from services.webhook_delivery.endpoints.domain.endpoint import Endpoint
from services.webhook_delivery.endpoints.repository import endpoints
from shared.kernel.key_ring import KeyRing, SecretUnreadable, place
from shared.messaging.work import Unit

SEALED_AT_ONCE = 100
log = structlog.get_logger()


def open_headers(endpoint: Endpoint, ring: KeyRing) -> dict[str, str]:
    """The headers with their values; raises SecretUnreadable.

    A value that stands in the open counts: it was just given, or is of before values were encrypted.
    """
    if custom_headers.HIDDEN not in endpoint.headers.values():
        return dict(endpoint.headers)
    stored = _decrypted(endpoint, ring)
    try:
        return {
            name: stored[name] if value == custom_headers.HIDDEN else value
            for name, value in endpoint.headers.items()
        }
    except KeyError as error:
        raise SecretUnreadable from error


def readable_headers(endpoint: Endpoint, ring: KeyRing) -> dict[str, str] | None:
    """The headers with their values, or None where they cannot be read, which is logged."""
    try:
        return open_headers(endpoint, ring)
    except SecretUnreadable as error:
        log.error("headers.unreadable", endpoint_id=str(endpoint.id), error=repr(error))
        return None


def seal(endpoint: Endpoint, ring: KeyRing) -> Endpoint:
    """The endpoint with every value encrypted by the newest key; raises SecretUnreadable."""
    headers = open_headers(endpoint, ring)
    encrypted = ring.encrypt(to_json(headers), _place(endpoint)) if headers else None
    return replace(endpoint, headers=custom_headers.hide_values(headers), headers_encrypted=encrypted)


async def seal_stored(unit: Unit, after: UUID, ring: KeyRing) -> UUID | None:
    """Encrypt the next headers that are not, or are by an older key; returns the last endpoint looked at.

    One whose headers cannot be read stays as it is: its key may come back.
    """
    unsealed = await endpoints.to_seal(unit.tx, after, ring.start, custom_headers.HIDDEN, SEALED_AT_ONCE)
    for endpoint in unsealed:
        if readable_headers(endpoint, ring) is not None:
            await endpoints.seal(unit.tx, seal(endpoint, ring))
    return unsealed[-1].id if unsealed else None


def _decrypted(endpoint: Endpoint, ring: KeyRing) -> Mapping[str, str]:
    stored: Mapping[str, str] = from_json(ring.decrypt(endpoint.headers_encrypted or b"", _place(endpoint)))
    return stored


def _place(endpoint: Endpoint) -> bytes:
    return place(endpoint.workspace_id, "endpoint", endpoint.id, "headers_encrypted")

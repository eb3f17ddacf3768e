"""Reading and changing the secrets of endpoints."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from services.webhook_delivery.deliveries.domain.request import Target
from services.webhook_delivery.endpoints.domain import endpoint as endpoint_rules
from services.webhook_delivery.endpoints.operations.headers import readable_headers
from services.webhook_delivery.endpoints.repository import endpoints
from services.webhook_delivery.secrets import domain as secret_rules
from services.webhook_delivery.secrets import repository as secrets
from services.webhook_delivery.secrets.domain import Secret
from services.webhook_delivery.secrets.repository import EncryptedSecret
from shared.kernel.key_ring import KeyRing, SecretUnreadable, place
from shared.postgres.pool import Connection

Key = tuple[UUID, UUID]
"""The workspace's id and the endpoint's."""
log = structlog.get_logger()


async def load_targets(tx: Connection, keys: Sequence[Key], ring: KeyRing) -> dict[UUID, Target]:
    """The endpoints with what signs for them and their headers, by id; what is unreadable is left out.

    One workspace's broken secret must not keep the deliveries of all others.
    """
    found = await endpoints.these(tx, keys)
    readable: dict[UUID, list[Secret]] = {}
    for row in await secrets.of_endpoints(tx, keys):
        try:
            readable.setdefault(row.endpoint_id, []).append(_decrypted(row, ring))
        except SecretUnreadable as error:
            log.error("secret.unreadable", endpoint_id=str(row.endpoint_id), error=repr(error))
    return {
        endpoint.id: Target(endpoint, readable.get(endpoint.id, ()), readable_headers(endpoint, ring))
        for endpoint in found
    }


async def load_secrets(tx: Connection, workspace_id: UUID, endpoint_id: UUID, ring: KeyRing) -> list[Secret]:
    """Every stored secret of the endpoint; raises SecretUnreadable."""
    return [_decrypted(row, ring) for row in await secrets.of_endpoints(tx, [(workspace_id, endpoint_id)])]


async def store_secrets(
    tx: Connection, workspace_id: UUID, endpoint_id: UUID, kept: Sequence[Secret], ring: KeyRing
) -> None:
    """Make these the endpoint's secrets, all of them encrypted with the newest key."""
    await secrets.delete(tx, workspace_id, endpoint_id)
    rows = [
        EncryptedSecret(
            workspace_id,
            one.id,
            endpoint_id,
            ring.encrypt(one.key, _place(workspace_id, one.id)),
            one.created_at,
            one.expires_at,
        )
        for one in kept
    ]
    await secrets.insert(tx, rows)


async def get_secrets(
    tx: Connection, workspace_id: UUID, endpoint_id: UUID, ring: KeyRing, now: datetime
) -> Sequence[Secret]:
    """The endpoint's live secrets, the current one first; raises NotFound."""
    await endpoints.get(tx, workspace_id, endpoint_id)
    return secret_rules.select_live(await load_secrets(tx, workspace_id, endpoint_id, ring), now)


async def rotate_secret(
    tx: Connection, workspace_id: UUID, endpoint_id: UUID, newest: Secret, overlap: timedelta, ring: KeyRing
) -> list[Secret]:
    """Sign with `newest` from now on, and with the others until the overlap is over."""
    endpoint = await endpoints.lock(tx, workspace_id, endpoint_id)
    stored = await load_secrets(tx, workspace_id, endpoint_id, ring)
    kept = secret_rules.rotate(stored, newest, overlap)
    await store_secrets(tx, workspace_id, endpoint_id, kept, ring)
    await endpoints.save(tx, endpoint_rules.note_new_secrets(endpoint, newest.created_at))
    await endpoints.touch(tx, [workspace_id])
    return kept


def _decrypted(row: EncryptedSecret, ring: KeyRing) -> Secret:
    key = ring.decrypt(row.key_encrypted, _place(row.workspace_id, row.id))
    return Secret(row.id, key, row.created_at, row.expires_at)


def _place(workspace_id: UUID, secret_id: UUID) -> bytes:
    return place(workspace_id, "endpoint_secret", secret_id, "key_encrypted")

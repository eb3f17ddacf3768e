"""Reading and changing the secrets of endpoints."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from services.webhook_delivery.common.domain.real_time import real_now
from services.webhook_delivery.endpoints.domain import endpoint as endpoint_rules
from services.webhook_delivery.endpoints.domain import secret as secret_rules
from services.webhook_delivery.endpoints.domain.secret import Secret
from services.webhook_delivery.endpoints.domain.target import Target
from services.webhook_delivery.endpoints.operations.headers import readable_headers
from services.webhook_delivery.endpoints.repository import endpoints, secrets
from services.webhook_delivery.endpoints.repository.secrets import EncryptedSecret
from shared.kernel.key_ring import KeyRing, SecretUnreadable, place
from shared.messaging.work import Work
from shared.postgres.pool import Connection

Key = tuple[UUID, UUID]
"""The workspace's id and the endpoint's."""
log = structlog.get_logger()


async def load_targets(tx: Connection, keys: Sequence[Key], ring: KeyRing) -> dict[UUID, Target]:
    """The endpoints with what signs for them and their headers, by id; what is unreadable is left out.

    One workspace's broken secret must not keep the deliveries of all others.
    """
    present = await endpoints.these(tx, keys)
    readable: dict[UUID, list[Secret]] = {}
    for row in await secrets.of_endpoints(tx, keys):
        try:
            readable.setdefault(row.endpoint_id, []).append(_decrypt(row, ring))
        except SecretUnreadable as error:
            log.error("secret.unreadable", endpoint_id=str(row.endpoint_id), error=repr(error))
    return {
        endpoint.id: Target(endpoint, readable.get(endpoint.id, ()), readable_headers(endpoint, ring))
        for endpoint in present
    }


async def load_secrets(work: Work, endpoint_id: UUID, ring: KeyRing) -> list[Secret]:
    """Every stored secret of the endpoint; raises SecretUnreadable."""
    rows = await secrets.of_endpoints(work.tx, [(work.workspace_id, endpoint_id)])
    return [_decrypt(row, ring) for row in rows]


async def store_secrets(work: Work, endpoint_id: UUID, kept: Sequence[Secret], ring: KeyRing) -> None:
    """Make these the endpoint's secrets, all of them encrypted with the newest key."""
    workspace_id = work.workspace_id
    await secrets.delete(work.tx, workspace_id, endpoint_id)
    rows = [
        EncryptedSecret(
            workspace_id,
            secret.id,
            endpoint_id,
            ring.encrypt(secret.key, _place(workspace_id, secret.id)),
            secret.created_at,
            secret.expires_at,
        )
        for secret in kept
    ]
    await secrets.insert(work.tx, rows)


async def get_secrets(work: Work, endpoint_id: UUID, ring: KeyRing) -> Sequence[Secret]:
    """The endpoint's live secrets, the current one first; raises NotFound."""
    await endpoints.get(work.tx, work.workspace_id, endpoint_id)
    return secret_rules.select_live(await load_secrets(work, endpoint_id, ring), real_now())


async def rotate_secret(
    work: Work, endpoint_id: UUID, newest: Secret, overlap: timedelta, ring: KeyRing
) -> list[Secret]:
    """Sign with `newest` from now on, and with the others until the overlap is over."""
    endpoint = await endpoints.lock(work.tx, work.workspace_id, endpoint_id)
    kept = secret_rules.rotate(await load_secrets(work, endpoint_id, ring), newest, overlap)
    await store_secrets(work, endpoint_id, kept, ring)
    await endpoints.save(work.tx, endpoint_rules.note_new_secrets(endpoint, newest.created_at))
    await endpoints.touch(work.tx, [work.workspace_id])
    return kept


def _decrypt(row: EncryptedSecret, ring: KeyRing) -> Secret:
    key = ring.decrypt(row.key_encrypted, _place(row.workspace_id, row.id))
    return Secret(row.id, key, row.created_at, row.expires_at)


def _place(workspace_id: UUID, secret_id: UUID) -> bytes:
    return place(workspace_id, "endpoint_secret", secret_id, "key_encrypted")

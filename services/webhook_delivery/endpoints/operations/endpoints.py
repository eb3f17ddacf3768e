"""State changes of endpoints. Each tells whoever keeps a copy of the workspace's endpoints to read anew."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import State
from services.webhook_delivery.deliveries.repository import queue
from services.webhook_delivery.endpoints.domain import endpoint as endpoint_rules
from services.webhook_delivery.endpoints.domain.endpoint import Endpoint
from services.webhook_delivery.endpoints.operations.headers import seal
from services.webhook_delivery.endpoints.repository import endpoints
from services.webhook_delivery.events.domain import HasScope, require_scopes
from services.webhook_delivery.secrets import domain as secret_rules
from services.webhook_delivery.secrets import repository as secrets
from services.webhook_delivery.secrets.domain import Secret
from services.webhook_delivery.secrets.operations import store_secrets
from shared.kernel.addresses import Egress
from shared.kernel.key_ring import KeyRing
from shared.postgres.pool import Connection

# What one transaction puts aside; a worker does the rest.
PUT_ASIDE_BATCH = 1_000


async def create_endpoint(
    tx: Connection,
    workspace_id: UUID,
    values: Mapping[str, Any],
    egress: Egress,
    ring: KeyRing,
    may: HasScope,
    now: datetime,
) -> tuple[Endpoint, Secret]:
    """A new endpoint and its first secret; raises Invalid, TooManyEndpoints, and Forbidden.

    It hears what whoever makes it may read, whoever reads there: nobody gains scopes by an address.
    """
    endpoint = seal(endpoint_rules.create(workspace_id, values, egress, now), ring)
    require_scopes(endpoint.event_types, may)
    # The feed's row lock makes creations queue up, so that none slips past the limit.
    await endpoints.touch(tx, [workspace_id])
    if await endpoints.count(tx, workspace_id) >= endpoint_rules.MAX_PER_WORKSPACE:
        raise endpoint_rules.TooManyEndpoints(
            f"A workspace may have {endpoint_rules.MAX_PER_WORKSPACE} webhook endpoints."
        )
    secret = secret_rules.generate(now)
    await endpoints.insert(tx, endpoint)
    await store_secrets(tx, workspace_id, endpoint.id, [secret], ring)
    return endpoint, secret


async def update_endpoint(
    tx: Connection,
    workspace_id: UUID,
    endpoint_id: UUID,
    values: Mapping[str, Any],
    egress: Egress,
    ring: KeyRing,
    may: HasScope,
    now: datetime,
) -> Endpoint:
    """Change its settings; raises NotFound, Invalid, and SecretUnreadable for headers that were to stay.

    Raises Forbidden for what is heard anew, at another address all of it, and may not be read.
    """
    endpoint = await endpoints.lock(tx, workspace_id, endpoint_id)
    changed = endpoint_rules.change(endpoint, values, egress, now)
    heard = endpoint.event_types if changed.url == endpoint.url else ()
    require_scopes([one for one in changed.event_types if one not in heard], may)
    return await _save(tx, seal(changed, ring) if "headers" in values else changed)


async def enable_endpoint(tx: Connection, workspace_id: UUID, endpoint_id: UUID, now: datetime) -> Endpoint:
    """Deliver again from the next message on; what was held stays held. Raises NotFound and IllegalMove."""
    endpoint = await endpoints.lock(tx, workspace_id, endpoint_id)
    return await _save(tx, endpoint_rules.enable(endpoint, now))


async def pause_endpoint(tx: Connection, workspace_id: UUID, endpoint_id: UUID, now: datetime) -> Endpoint:
    """Deliver nothing for a while and hold what comes; raises NotFound and IllegalMove."""
    endpoint = await endpoints.lock(tx, workspace_id, endpoint_id)
    paused = await _save(tx, endpoint_rules.pause(endpoint, now))
    await put_aside(tx, paused)
    return paused


async def disable_endpoint(
    tx: Connection, workspace_id: UUID, endpoint_id: UUID, reason: str, now: datetime
) -> Endpoint:
    """Deliver no more and hold what comes; raises NotFound and IllegalMove."""
    endpoint = await endpoints.lock(tx, workspace_id, endpoint_id)
    disabled = await _save(tx, endpoint_rules.disable(endpoint, reason, now))
    await put_aside(tx, disabled)
    return disabled


async def delete_endpoint(tx: Connection, workspace_id: UUID, endpoint_id: UUID, now: datetime) -> None:
    """Cancel what waits and forget the secrets; the log stays. Raises NotFound."""
    endpoint = await endpoints.lock(tx, workspace_id, endpoint_id)
    deleted = await _save(tx, endpoint_rules.delete(endpoint, now))
    await secrets.delete(tx, workspace_id, endpoint_id)
    await put_aside(tx, deleted)


async def put_aside(tx: Connection, endpoint: Endpoint) -> bool:
    """End a batch of waiting deliveries of an endpoint that takes none; True when there may be more."""
    state = State.CANCELLED if endpoint.deleted_at else State.HELD
    count = await queue.put_aside(tx, endpoint.workspace_id, endpoint.id, state, PUT_ASIDE_BATCH)
    return count == PUT_ASIDE_BATCH


async def _save(tx: Connection, endpoint: Endpoint) -> Endpoint:
    await endpoints.save(tx, endpoint)
    # Before the queue is emptied: from here no new delivery can be made with the old state.
    await endpoints.touch(tx, [endpoint.workspace_id])
    return endpoint

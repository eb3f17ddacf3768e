"""State changes of endpoints. Each tells whoever keeps a copy of the workspace's endpoints to read anew."""

from uuid import UUID

from services.webhook_delivery.common.domain.real_time import real_now
from services.webhook_delivery.deliveries.domain.delivery import State
from services.webhook_delivery.deliveries.repository import queue
from services.webhook_delivery.endpoints.domain import endpoint as endpoint_rules
from services.webhook_delivery.endpoints.domain import secret as secret_rules
from services.webhook_delivery.endpoints.domain.endpoint import Endpoint, EndpointEdit, EndpointSettings
from services.webhook_delivery.endpoints.domain.secret import Secret
from services.webhook_delivery.endpoints.operations.headers import seal
from services.webhook_delivery.endpoints.operations.secrets import store_secrets
from services.webhook_delivery.endpoints.repository import endpoints, secrets
from services.webhook_delivery.event_types.domain.scopes import HasScope, require_scopes
from shared.kernel.addresses import Egress
from shared.kernel.key_ring import KeyRing
from shared.kernel.unset import UNSET
from shared.messaging.work import Unit, Work

# What one transaction puts aside; a worker does the rest.
PUT_ASIDE_BATCH = 1_000


async def create_endpoint(
    work: Work, settings: EndpointSettings, *, egress: Egress, ring: KeyRing, may: HasScope
) -> tuple[Endpoint, Secret]:
    """A new endpoint and its first secret; raises Invalid, TooManyEndpoints, and Forbidden.

    It hears what whoever makes it may read, whoever reads there: nobody gains scopes by an address.
    """
    now = real_now()
    endpoint = seal(endpoint_rules.create(work.workspace_id, settings, egress, now), ring)
    require_scopes(endpoint.event_types, may)
    # The feed's row lock makes creations queue up, so that none slips past the limit.
    await endpoints.touch(work.tx, [work.workspace_id])
    if await endpoints.count(work.tx, work.workspace_id) >= endpoint_rules.MAX_PER_WORKSPACE:
        raise endpoint_rules.TooManyEndpoints(
            f"A workspace may have {endpoint_rules.MAX_PER_WORKSPACE} webhook endpoints."
        )
    secret = secret_rules.generate(now)
    await endpoints.insert(work.tx, endpoint)
    await store_secrets(work, endpoint.id, [secret], ring)
    return endpoint, secret


async def update_endpoint(
    work: Work, endpoint_id: UUID, edit: EndpointEdit, *, egress: Egress, ring: KeyRing, may: HasScope
) -> Endpoint:
    """Change its settings; raises NotFound, Invalid, and SecretUnreadable for headers that were to stay.

    Raises Forbidden for what is heard anew, at another address all of it, and may not be read.
    """
    endpoint = await endpoints.lock(work.tx, work.workspace_id, endpoint_id)
    changed = endpoint_rules.change(endpoint, edit, egress, real_now())
    heard = endpoint.event_types if changed.url == endpoint.url else ()
    require_scopes([pattern for pattern in changed.event_types if pattern not in heard], may)
    return await _save(work, changed if edit.headers is UNSET else seal(changed, ring))


async def enable_endpoint(work: Work, endpoint_id: UUID) -> Endpoint:
    """Deliver again from the next message on; what was held stays held. Raises NotFound and IllegalMove."""
    endpoint = await endpoints.lock(work.tx, work.workspace_id, endpoint_id)
    return await _save(work, endpoint_rules.enable(endpoint, real_now()))


async def pause_endpoint(work: Work, endpoint_id: UUID) -> Endpoint:
    """Deliver nothing for a while and hold what comes; raises NotFound and IllegalMove."""
    endpoint = await endpoints.lock(work.tx, work.workspace_id, endpoint_id)
    paused = await _save(work, endpoint_rules.pause(endpoint, real_now()))
    await put_aside(work, paused)
    return paused


async def disable_endpoint(work: Work, endpoint_id: UUID, reason: str) -> Endpoint:
    """Deliver no more and hold what comes; raises NotFound and IllegalMove."""
    endpoint = await endpoints.lock(work.tx, work.workspace_id, endpoint_id)
    disabled = await _save(work, endpoint_rules.disable(endpoint, reason, real_now()))
    await put_aside(work, disabled)
    return disabled


async def delete_endpoint(work: Work, endpoint_id: UUID) -> None:
    """Cancel what waits and forget the secrets; the log stays. Raises NotFound."""
    endpoint = await endpoints.lock(work.tx, work.workspace_id, endpoint_id)
    deleted = await _save(work, endpoint_rules.delete(endpoint, real_now()))
    await secrets.delete(work.tx, work.workspace_id, endpoint_id)
    await put_aside(work, deleted)


async def put_aside(unit: Unit, endpoint: Endpoint) -> bool:
    """End a batch of waiting deliveries of an endpoint that takes none; True when there may be more."""
    state = State.CANCELLED if endpoint.deleted_at else State.HELD
    count = await queue.put_aside(unit.tx, endpoint.workspace_id, endpoint.id, state, PUT_ASIDE_BATCH)
    return count == PUT_ASIDE_BATCH


async def _save(work: Work, endpoint: Endpoint) -> Endpoint:
    await endpoints.save(work.tx, endpoint)
    # Before the queue is emptied: from here no new delivery can be made with the old state.
    await endpoints.touch(work.tx, [work.workspace_id])
    return endpoint

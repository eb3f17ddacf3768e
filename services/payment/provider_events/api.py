"""HTTP in: webhooks of payment providers. Their signature is the credential; each is a hint and no more."""

from typing import Annotated, Literal
from uuid import UUID

import structlog
from fastapi import APIRouter, Request, Response, status
from fastapi import Path as PathParameter

from services.payment.common.api import WithTools
from services.payment.metrics import PROVIDER_EVENTS
from services.payment.provider_connections import repository as provider_connections
from services.payment.provider_events.operations import take_in
from services.payment.providers.provider import Provider, ProviderEvent, SignatureInvalid
from shared.kernel.errors import NotFound
from shared.postgres.transaction import Database

# Not in the description: the gateway describes its own route of this path.
router = APIRouter(prefix="/providers", include_in_schema=False)
log = structlog.get_logger()
MODES = ("live", "test")
Name = Annotated[Literal["stripe"], PathParameter(description="The provider.")]


@router.post("/{name}/{workspace_id}/webhooks", status_code=status.HTTP_204_NO_CONTENT)
async def receive(name: Name, workspace_id: UUID, request: Request, tools: WithTools) -> Response:
    """Take a provider's webhook in, once; what it is about is read again at the provider."""
    database: Database = request.app.state.database
    raw = await request.body()
    async with database.transaction(workspace_id) as tx:
        by_mode = [await provider_connections.of_mode(tx, workspace_id, name, mode) for mode in MODES]
        connections = [connection for connection in by_mode if connection]
        if not connections:
            raise NotFound
        for connection in connections:
            provider = await tools.providers.open(connection)
            event = _verify(provider, raw, request)
            if event:
                count = await take_in(tx, workspace_id, name, connection.mode, [event])
                PROVIDER_EVENTS.labels("new" if count else "repeated").inc()
                # Never the body: whatever it holds stays with the provider.
                log.info("provider_event.received", type=event.type, event_id=event.id, is_new=bool(count))
                return Response(status_code=status.HTTP_204_NO_CONTENT)
    PROVIDER_EVENTS.labels("refused").inc()
    raise SignatureInvalid


def _verify(provider: Provider, raw: bytes, request: Request) -> ProviderEvent | None:
    try:
        return provider.parse_webhook(raw, request.headers)
    except SignatureInvalid:
        return None

"""Webhooks of providers, passed on raw: a signature, where there is one, is over these very bytes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response, status

from services.gateway import metrics
from services.gateway.edge.gateway import Gateway
from shared.kernel.errors import Unavailable

router = APIRouter(prefix="/providers", tags=["provider webhooks"])
SIGNATURES = ("stripe-signature", "content-type")
_SERVICE_OF = {"storecove": "invoice"}
"""Who hears a provider that is not one of payments."""
Name = Annotated[str, Path(pattern="^[a-z0-9_]{1,40}$", description="The provider, such as `stripe`.")]


@router.post("/{name}/{workspace_id}/webhooks", status_code=status.HTTP_204_NO_CONTENT)
async def receive(name: Name, workspace_id: UUID, request: Request) -> Response:
    """Take in a webhook of a provider; one of payments is signed with the connection's webhook secret."""
    gateway: Gateway = request.app.state.gateway
    content = await request.body()
    headers = {name: request.headers[name] for name in SIGNATURES if name in request.headers}
    path = f"/providers/{name}/{workspace_id}/webhooks"
    service = _SERVICE_OF.get(name, "payment")
    try:
        answer = await gateway.upstreams[service].ask("POST", path, headers, content)
    except Unavailable:
        metrics.UPSTREAM_FAILURES.labels(service).inc()
        raise
    kind = answer.headers.get("Content-Type") or answer.headers.get("content-type")
    return Response(answer.body, answer.status, media_type=kind)

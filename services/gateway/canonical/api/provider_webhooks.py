"""Webhooks of providers, passed on raw: a signature, where there is one, is over these very bytes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response, status

from services.gateway import metrics
from services.gateway.edge.gateway import Gateway
from shared.kernel.errors import Unavailable

router = APIRouter(prefix="/providers", tags=["provider webhooks"])
SIGNATURES = ("stripe-signature", "x-twilio-signature", "content-type")
_SERVICE_OF = dict.fromkeys(("storecove", "postmark", "ses", "mailgun"), "invoice")
"""Who hears a provider that is not one of payments."""
_PASSWORDS = frozenset({"mail", "postmark", "ses"})
"""Whose secret comes as a password; of all others it is not passed on."""
Name = Annotated[str, Path(pattern="^[a-z0-9_]{1,40}$", description="The provider, such as `stripe`.")]
OfDelivery = Annotated[UUID | None, Query(description="As in the URL that Twilio was given.")]


@router.post("/{name}/{workspace_id}/webhooks", status_code=status.HTTP_204_NO_CONTENT)
async def receive(name: Name, workspace_id: UUID, request: Request) -> Response:
    """Take in a webhook of a provider; one of payments is signed with the connection's webhook secret.

    `postmark`, `ses` and `mailgun` tell what became of mails, by the secret of that channel setting.
    """
    service = _SERVICE_OF.get(name, "payment")
    return await _passed_on(request, service, name, f"/providers/{name}/{workspace_id}/webhooks")


@router.post("/mail/{workspace_id}/bounces", status_code=status.HTTP_204_NO_CONTENT)
async def receive_mail(workspace_id: UUID, request: Request) -> Response:
    """Take in a bounce mail (RFC 3464): `message/rfc822`, or its parts as `multipart/report`.

    The secret of the channel setting `mail` is the bearer token, or the password of Basic authentication.
    """
    return await _passed_on(request, "invoice", "mail", f"/providers/mail/{workspace_id}/bounces")


@router.post("/twilio/{workspace_id}/status", status_code=status.HTTP_204_NO_CONTENT)
async def receive_twilio(workspace_id: UUID, request: Request, delivery: OfDelivery = None) -> Response:
    """Take in what became of a text message, signed by Twilio with the account's auth token."""
    query = f"?delivery={delivery}" if delivery else ""
    return await _passed_on(request, "invoice", "twilio", f"/providers/twilio/{workspace_id}/status{query}")


async def _passed_on(request: Request, service: str, provider: str, path: str) -> Response:
    gateway: Gateway = request.app.state.gateway
    content = await request.body()
    names = (*SIGNATURES, "authorization") if provider in _PASSWORDS else SIGNATURES
    headers = {name: request.headers[name] for name in names if name in request.headers}
    try:
        answer = await gateway.upstreams[service].ask("POST", path, headers, content)
    except Unavailable:
        metrics.UPSTREAM_FAILURES.labels(service).inc()
        raise
    told = {name.lower(): value for name, value in answer.headers.items()}
    asked = {"www-authenticate": told["www-authenticate"]} if "www-authenticate" in told else None
    return Response(answer.body, answer.status, asked, media_type=told.get("content-type"))

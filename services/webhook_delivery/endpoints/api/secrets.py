"""The secrets that verify an endpoint's deliveries: show, rotate, bring one's own."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.webhook_delivery.common.api.dependencies import Toolbox
from services.webhook_delivery.common.domain.real_time import real_now
from services.webhook_delivery.endpoints.domain import secret as rules
from services.webhook_delivery.endpoints.domain.secret import Secret
from services.webhook_delivery.endpoints.operations import secrets
from shared.events.fields import Instant
from shared.http.internal_auth import require
from shared.http.sealed import SealedRoute
from shared.http.work import Work

# Whoever can read a secret can forge deliveries, so reading takes the right to write.
WRITE = [require("webhooks:write")]
router = APIRouter(prefix="/v1", route_class=SealedRoute, tags=["webhook endpoints"])
ROUTERS = (router,)
_DAY_SECONDS = 86_400

Overlap = Annotated[
    int,
    Field(
        ge=0,
        le=rules.MAX_OVERLAP.days * _DAY_SECONDS,
        strict=True,
        description="For so long the old secrets sign too; 0 revokes them at once.",
    ),
]
DEFAULT_OVERLAP_SECONDS = rules.DEFAULT_OVERLAP.days * _DAY_SECONDS


class Rotation(BaseModel):
    """A change to a new random secret."""

    model_config = ConfigDict(extra="forbid")

    overlap_seconds: Overlap = DEFAULT_OVERLAP_SECONDS


class GivenSecret(Rotation):
    """A change to a secret that the receiver knows already."""

    secret: Annotated[str, Field(max_length=200, description="whsec_ and base64 of 24 to 64 bytes.")]


class OldSecret(BaseModel):
    """A secret that signs until it expires."""

    secret: str
    expires_at: Instant | None


class SecretReply(BaseModel):
    """The current secret, and older ones that still sign."""

    secret: str
    created_at: Instant
    previous: list[OldSecret]


@router.get("/webhook-endpoints/{endpoint_id}/secret", dependencies=WRITE)
async def show(endpoint_id: UUID, work: Work, tools: Toolbox) -> SecretReply:
    """The secrets that sign now."""
    return _reply(await secrets.get_secrets(work, endpoint_id, tools.ring))


@router.post(
    "/webhook-endpoints/{endpoint_id}/secret",
    dependencies=WRITE,
    operation_id="webhook_endpoints.secret.replace",
    summary="Replace the secret of a webhook endpoint by one's own",
)
async def replace(endpoint_id: UUID, body: GivenSecret, work: Work, tools: Toolbox) -> SecretReply:
    """Sign with a secret of the receiver's."""
    newest, overlap = rules.parse_secret(body.secret, real_now()), timedelta(seconds=body.overlap_seconds)
    kept = await secrets.rotate_secret(work, endpoint_id, newest, overlap, tools.ring)
    return _reply(kept)


@router.post("/webhook-endpoints/{endpoint_id}/secret/rotate", dependencies=WRITE)
async def rotate(endpoint_id: UUID, work: Work, tools: Toolbox, body: Rotation | None = None) -> SecretReply:
    """Sign with a new random secret; at most three sign at once."""
    overlap = timedelta(seconds=(body or Rotation()).overlap_seconds)
    newest = rules.generate(real_now())
    kept = await secrets.rotate_secret(work, endpoint_id, newest, overlap, tools.ring)
    return _reply(kept)


def _reply(secrets: Sequence[Secret]) -> SecretReply:
    current, *others = secrets
    previous = [OldSecret(secret=old.text, expires_at=old.expires_at) for old in others]
    return SecretReply(secret=current.text, created_at=current.created_at, previous=previous)

"""HTTP in: a workspace's API keys."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status
from pydantic import BaseModel, Field, StringConstraints

from services.gateway.common.api.shown_once import ShownOnce
from services.gateway.edge.authentication import Caller
from services.gateway.edge.entry import authenticated
from services.gateway.edge.gateway import Gateway
from services.gateway.keys import operations
from services.gateway.keys import repository as api_keys
from services.gateway.keys.domain.api_key import ApiKey
from shared.events.fields import Instant
from shared.http.fields import Body, Moment, Name, Whole
from shared.http.idempotency import Route
from shared.http.internal_auth import Principal, Who, require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.errors import Forbidden

router = APIRouter(
    prefix="/v1/api-keys", route_class=Route, tags=["api-keys"], dependencies=[Depends(authenticated)]
)
READ, WRITE = require("api-keys:read"), require("api-keys:write")
Scope = Annotated[str, StringConstraints(pattern=r"^(\*|\*:(read|write)|[a-z][a-z-]{0,40}:(read|write|\*))$")]


class NewApiKey(Body):
    """A key to create; without scopes it gets those of whoever creates it."""

    name: Name
    scopes: list[Scope] | None = Field(
        None, min_length=1, max_length=100, examples=[["invoices:read", "payments:write"]]
    )
    expires_at: Moment | None = Field(
        None,
        description="A key that expires makes none that lives longer; without it, it ends with its maker.",
    )


class Rotation(Body):
    """How a key is to be replaced."""

    grace_seconds: Whole = Field(
        86_400, ge=0, le=2_592_000, description="So long the old key still opens what it did; 0: ends now."
    )
    expires_at: Moment | None = Field(
        None, description="Of the new key; without it, it lives as long as the old one was made for."
    )


class ApiKeyData(BaseModel):
    """A key without its secret."""

    id: UUID
    name: str
    prefix: str = Field(description="Its first twelve characters.")
    last4: str = Field(description="Its last four characters.")
    scopes: list[str]
    created_by: str
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None = Field(description="Right to within half a minute.")
    revoked_at: Instant | None
    replaces_id: UUID | None = Field(None, description="The key whose place this one takes.")


class CreatedApiKey(ApiKeyData):
    """A new key; the secret is null when the request was repeated, because it is shown once."""

    key: str | None


@router.post("", status_code=status.HTTP_201_CREATED, response_model=CreatedApiKey, dependencies=[WRITE])
async def create(
    body: NewApiKey, request: Request, work: Work, caller: Annotated[Caller, Depends(authenticated)]
) -> ShownOnce:
    """Create a key of this workspace, which is shown only here."""
    gateway: Gateway = request.app.state.gateway
    scopes = body.scopes or sorted(caller.principal.scopes)
    _require_all(caller.principal, scopes)
    key, text = await operations.create_api_key(
        work.tx,
        caller.workspace,
        body.name,
        scopes,
        expires_at=body.expires_at,
        created_by=caller.principal.actor,
        pepper=gateway.pepper,
        maker_expires_at=caller.expires_at,
    )
    shown = _to_reply(key).model_dump(mode="json")
    return ShownOnce({**shown, "key": text}, kept={**shown, "key": None})


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced, work: Work, who: Who, revoked: Annotated[bool | None, Query()] = None
) -> Page[ApiKeyData]:
    """List keys, newest first."""
    wanted = api_keys.Filter(is_revoked=revoked)
    keys = await api_keys.page(work.tx, who.workspace_id, wanted, part.window())
    return part.page(keys, _to_reply)


@router.get("/{key_id}", dependencies=[READ])
async def get(key_id: UUID, work: Work, who: Who) -> ApiKeyData:
    """Get a key, without its secret."""
    return _to_reply(await api_keys.get(work.tx, who.workspace_id, key_id))


@router.post(
    "/{key_id}/rotate",
    status_code=status.HTTP_201_CREATED,
    response_model=CreatedApiKey,
    dependencies=[WRITE],
)
async def rotate(
    key_id: UUID,
    body: Rotation,
    request: Request,
    work: Work,
    caller: Annotated[Caller, Depends(authenticated)],
) -> ShownOnce:
    """Replace a key: the new one, shown only here, has its name and scopes, and both open for a while."""
    gateway: Gateway = request.app.state.gateway
    old = await api_keys.get(work.tx, caller.workspace.id, key_id)
    _require_all(caller.principal, old.scopes)
    key, text = await operations.rotate_api_key(
        work.tx,
        caller.workspace,
        key_id,
        grace=timedelta(seconds=body.grace_seconds),
        expires_at=body.expires_at,
        created_by=caller.principal.actor,
        pepper=gateway.pepper,
        maker_expires_at=caller.expires_at,
    )
    gateway.authenticator.forget(caller.workspace.id)
    shown = _to_reply(key).model_dump(mode="json")
    return ShownOnce({**shown, "key": text}, kept={**shown, "key": None})


@router.delete("/{key_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def revoke(key_id: UUID, request: Request, work: Work, who: Who) -> Response:
    """Revoke a key, with the scopes that it has: within 30 seconds it opens nothing anywhere."""
    _require_all(who, (await api_keys.get(work.tx, who.workspace_id, key_id)).scopes)
    await operations.revoke_api_key(work.tx, who.workspace_id, key_id)
    request.app.state.gateway.authenticator.forget(who.workspace_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def _require_all(principal: Principal, scopes: Sequence[str]) -> None:
    lacking = next((scope for scope in scopes if not principal.may(scope)), None)
    if lacking:
        raise Forbidden(
            "Who makes, replaces or revokes a key needs every scope of it.", field="scopes", scope=lacking
        )


def _to_reply(key: ApiKey) -> ApiKeyData:
    return ApiKeyData(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        last4=key.last4,
        scopes=list(key.scopes),
        created_by=key.created_by,
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
        replaces_id=key.replaces_id,
    )

"""HTTP in: a workspace's credentials at payment providers. Secrets go in and never come out."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response, status
from pydantic import Field, StringConstraints

from services.payment.common.api import WithTools
from services.payment.provider_connections import domain as rules
from services.payment.provider_connections import repository as provider_connections
from services.payment.provider_connections.domain import Connection, ConnectionEdit
from shared.events.event import Snapshot
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, ShortText, optional
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.unset import edit_of
from shared.kernel.versions import require_version

router = APIRouter(prefix="/v1/provider-connections", route_class=Route, tags=["provider connections"])
READ, WRITE = require("payments:read"), require("payments:write")
Key = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_]{8,300}$")]


class NewConnection(Body):
    """Credentials of an account at a provider: `sk_…` or better a restricted key `rk_…`."""

    provider: Literal["stripe"] = "stripe"
    mode: Literal["live", "test"]
    secret_key: Key = Field(json_schema_extra={"writeOnly": True})
    publishable_key: Key | None = None
    webhook_secret: Key | None = Field(
        None,
        description="What the provider signs its webhooks to /providers/stripe/{workspace id}/webhooks with.",
        json_schema_extra={"writeOnly": True},
    )
    description: ShortText | None = None


class ConnectionChanges(Body):
    """What can be changed; a key that is given replaces the one before."""

    secret_key: Key = optional()
    publishable_key: Key | None = None
    webhook_secret: Key | None = None
    description: ShortText | None = None


class ConnectionReply(Snapshot):
    """A connection as it may be shown."""

    provider: str
    mode: str
    description: str | None
    publishable_key: str | None
    secret_key_last4: str
    has_webhook_secret: bool
    webhook_path: str = Field(description="Where the provider's webhooks go, on the gateway.")


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def create(body: NewConnection, response: Response, work: Work, tools: WithTools) -> ConnectionReply:
    """Connect an account; one for each provider and mode. Secrets are encrypted and never shown again."""
    now = work.clock.now()
    edit = edit_of(ConnectionEdit, body, but={"provider", "mode"})
    connection = rules.edit_connection(
        rules.connect(work.workspace_id, body.provider, body.mode, now), edit, now, tools.providers.ring
    )
    await provider_connections.insert(work.tx, connection)
    etag.tag(response, connection.version)
    return _reply(connection)


@router.get("", dependencies=[READ])
async def list_(part: Sliced, work: Work) -> Page[ConnectionReply]:
    """List connections, newest first."""
    connections = await provider_connections.find(work.tx, work.workspace_id, part.window())
    return part.page(connections, _reply)


@router.get("/{connection_id}", dependencies=[READ])
async def get(connection_id: UUID, response: Response, work: Work) -> ConnectionReply:
    """Get a connection."""
    connection = await provider_connections.get(work.tx, work.workspace_id, connection_id)
    etag.tag(response, connection.version)
    return _reply(connection)


@router.patch("/{connection_id}", dependencies=[WRITE])
async def change(
    connection_id: UUID,
    body: ConnectionChanges,
    response: Response,
    work: Work,
    tools: WithTools,
    if_match: IfMatch,
) -> ConnectionReply:
    """Change a connection, its keys for instance when they were rolled."""
    connection = await provider_connections.lock(work.tx, work.workspace_id, connection_id)
    require_version(connection.version, if_match)
    if body.model_fields_set:
        edit = edit_of(ConnectionEdit, body)
        connection = rules.edit_connection(connection, edit, work.clock.now(), tools.providers.ring)
        await provider_connections.save(work.tx, connection)
    etag.tag(response, connection.version)
    return _reply(connection)


@router.delete("/{connection_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def delete(connection_id: UUID, work: Work) -> None:
    """Forget the credentials; methods kept there can no longer be collected from."""
    await provider_connections.delete(work.tx, work.workspace_id, connection_id)


def _reply(connection: Connection) -> ConnectionReply:
    return ConnectionReply(
        id=connection.id,
        version=connection.version,
        created_at=connection.created_at,
        updated_at=connection.updated_at,
        provider=connection.provider,
        mode=connection.mode,
        description=connection.description,
        publishable_key=connection.publishable_key,
        secret_key_last4=connection.secret_key_last4,
        has_webhook_secret=connection.webhook_secret_encrypted is not None,
        webhook_path=f"/providers/{connection.provider}/{connection.workspace_id}/webhooks",
    )

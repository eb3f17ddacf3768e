"""Webhook endpoints: create, list, get, change, enable, disable, delete."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, computed_field

from services.webhook_delivery.common.api.dependencies import Toolbox
from services.webhook_delivery.endpoints.domain import custom_headers, endpoint_url
from services.webhook_delivery.endpoints.domain import endpoint as rules
from services.webhook_delivery.endpoints.domain.endpoint import (
    DisabledReason,
    Endpoint,
    EndpointEdit,
    EndpointSettings,
    EndpointStatus,
    Health,
    Ordering,
)
from services.webhook_delivery.endpoints.operations import endpoints as operations
from services.webhook_delivery.endpoints.repository import endpoints as repository
from services.webhook_delivery.event_types.domain import event_filter
from shared.events.fields import Instant
from shared.events.registry import TOPICS
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.pagination import Page, Sliced
from shared.http.sealed import SealedRoute
from shared.http.work import Work
from shared.kernel.unset import edit_of

READ, WRITE = [require("webhooks:read")], [require("webhooks:write")]
router = APIRouter(prefix="/v1", route_class=Route, tags=["webhook endpoints"])
sealed = APIRouter(prefix="/v1", route_class=SealedRoute, tags=["webhook endpoints"])
ROUTERS = (sealed, router)

Url = Annotated[str, Field(max_length=endpoint_url.MAX_LENGTH, examples=["https://example.com/webhooks"])]
EventTypes = Annotated[
    list[str],
    Field(
        min_length=1,
        max_length=event_filter.MAX_PATTERNS,
        description="Exact types, whole leading segments such as invoice.*, or *. Of the platform's types "
        "the credential needs the scope that reads their resource, such as invoices:read; "
        "for * it needs *:read.",
        examples=[["invoice.paid", "payment.*"]],
    ),
]
Description = Annotated[str | None, Field(max_length=4_000)]
Headers = Annotated[
    dict[str, str],
    Field(
        description="Sent with every delivery. Their values are secrets: stored encrypted, never shown. "
        "A change replaces all of them; the value (hidden) keeps the one that a header has.",
        examples=[{"Authorization": "Bearer of-your-own"}],
    ),
]
HiddenHeaders = Annotated[
    dict[str, str],
    # Whatever the table holds: rows of before are encrypted only later.
    BeforeValidator(custom_headers.hide_values),
    Field(description="The names; each value is (hidden).", examples=[{"Authorization": "(hidden)"}]),
]
Timeout = Annotated[int, Field(ge=1, le=rules.MAX_TIMEOUT_SECONDS, strict=True)]
Concurrency = Annotated[
    int,
    Field(ge=1, le=rules.MAX_CONCURRENCY, strict=True, description="Requests under way at once, at most."),
]
RateLimit = Annotated[
    int | None,
    Field(ge=1, le=rules.MAX_RATE_LIMIT, strict=True, description="Deliveries a second; null is unlimited."),
]
OrderingField = Annotated[
    Ordering,
    Field(
        description="fifo sends one delivery after the other, in the order in which messages were accepted; "
        "one that fails holds the others back until it has arrived or was given up."
    ),
]


class NewEndpoint(BaseModel):
    """Where events are to be sent, and which."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    event_types: EventTypes
    description: Description = None
    headers: Headers = {}
    timeout_seconds: Timeout = rules.DEFAULT_TIMEOUT_SECONDS
    max_concurrency: Concurrency = rules.DEFAULT_CONCURRENCY
    rate_limit: RateLimit = None
    ordering: OrderingField = Ordering.NONE


class EndpointChange(BaseModel):
    """Any of an endpoint's settings; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    # The defaults are never used, only what was sent is; made by a factory, the schema does not show them.
    url: Url = Field(default_factory=str)
    event_types: EventTypes = Field(default_factory=list)
    description: Description = None
    headers: Headers = Field(default_factory=dict)
    timeout_seconds: Timeout = Field(default_factory=int)
    max_concurrency: Concurrency = Field(default_factory=int)
    rate_limit: RateLimit = None
    ordering: OrderingField = Field(default_factory=lambda: Ordering.NONE)


class Disabling(BaseModel):
    """Why nothing is to be sent any more."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=200)] = DisabledReason.MANUAL.value


class EndpointReply(BaseModel):
    """An endpoint as it is now; while it is paused or disabled, its deliveries are held."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    url: str
    event_types: list[str]
    description: str | None
    headers: HiddenHeaders
    timeout_seconds: int
    max_concurrency: int
    rate_limit: int | None
    ordering: Ordering
    status: EndpointStatus
    disabled_reason: str | None
    disabled_at: Instant | None
    paused_until: Instant | None = Field(description="The receiver asked to be left alone until then.")
    failing_since: Instant | None = Field(description="The first failure with no success since.")
    failure_count: int = Field(description="Failed attempts since then.")
    health: Health = Field(description="The last notice: sound, failing (a day), warned (half of five days).")
    disables_at: Instant | None = Field(
        description="When it is disabled, after ten failures, if nothing arrives."
    )
    created_at: Instant
    updated_at: Instant

    @computed_field(description="Event types that no event of the platform has, such as mistyped ones.")  # type: ignore[prop-decorator]
    @property
    def warnings(self) -> list[str]:
        return event_filter.warnings(self.event_types, TOPICS)


class CreatedEndpoint(EndpointReply):
    """A new endpoint with its secret."""

    secret: str = Field(description="Verifies signatures, by Standard Webhooks.")


@sealed.post("/webhook-endpoints", status_code=201, dependencies=WRITE)
async def create(body: NewEndpoint, who: Who, work: Work, tools: Toolbox) -> CreatedEndpoint:
    """Create an endpoint; the reply holds its secret.

    It takes the scopes that read what it hears: an endpoint tells no more than its maker may read.
    """
    settings = edit_of(EndpointSettings, body)
    endpoint, secret = await operations.create_endpoint(
        work, settings, egress=tools.egress, ring=tools.ring, may=who.may
    )
    return CreatedEndpoint(**_reply(endpoint).model_dump(), secret=secret.text)


@router.get("/webhook-endpoints", dependencies=READ)
async def page(
    work: Work, part: Sliced, status: Annotated[EndpointStatus | None, Query()] = None
) -> Page[EndpointReply]:
    """The workspace's endpoints, newest first."""
    wanted = repository.EndpointFilter(status=status)
    rows = await repository.find_page(work.tx, work.workspace_id, wanted, part.window())
    return part.page(rows, _reply)


@router.get("/webhook-endpoints/{endpoint_id}", dependencies=READ)
async def get(endpoint_id: UUID, work: Work) -> EndpointReply:
    """One endpoint."""
    return _reply(await repository.get(work.tx, work.workspace_id, endpoint_id))


@router.patch("/webhook-endpoints/{endpoint_id}", dependencies=WRITE)
async def change(
    endpoint_id: UUID, body: EndpointChange, who: Who, work: Work, tools: Toolbox
) -> EndpointReply:
    """Change settings; what waits already is sent with the new ones.

    What it hears anew, and at another address all of it, takes the scopes that read it.
    """
    edit = edit_of(EndpointEdit, body)
    changed = await operations.update_endpoint(
        work, endpoint_id, edit, egress=tools.egress, ring=tools.ring, may=who.may
    )
    return _reply(changed)


@router.post("/webhook-endpoints/{endpoint_id}/enable", dependencies=WRITE)
async def enable(endpoint_id: UUID, work: Work) -> EndpointReply:
    """Deliver again; what was held meanwhile stays held."""
    return _reply(await operations.enable_endpoint(work, endpoint_id))


@router.post("/webhook-endpoints/{endpoint_id}/pause", dependencies=WRITE)
async def pause(endpoint_id: UUID, work: Work) -> EndpointReply:
    """Deliver nothing for a while; what waits and what comes is held until it is recovered."""
    return _reply(await operations.pause_endpoint(work, endpoint_id))


@router.post("/webhook-endpoints/{endpoint_id}/disable", dependencies=WRITE)
async def disable(endpoint_id: UUID, work: Work, body: Disabling | None = None) -> EndpointReply:
    """Deliver no more; what waits and what comes is held."""
    return _reply(await operations.disable_endpoint(work, endpoint_id, (body or Disabling()).reason))


@router.delete("/webhook-endpoints/{endpoint_id}", status_code=204, dependencies=WRITE)
async def delete(endpoint_id: UUID, work: Work) -> None:
    """Cancel what waits, forget the secrets, keep the log."""
    await operations.delete_endpoint(work, endpoint_id)


def _reply(endpoint: Endpoint) -> EndpointReply:
    return EndpointReply.model_validate(endpoint)

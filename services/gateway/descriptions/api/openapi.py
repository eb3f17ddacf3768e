"""`/openapi.json`: the descriptions of the services, merged with that of the gateway's own routes."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from services.gateway.canonical.api.routes import SERVICE_OF, resource_of
from services.gateway.descriptions.api import docs
from services.gateway.descriptions.domain import component_names, tags
from services.gateway.edge.gateway import Gateway
from services.gateway.upstream import Upstreams
from shared.http.internal_auth import InternalTokens, Principal
from shared.kernel.errors import BillingError
from shared.kernel.json import JsonMapping, JsonObject

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)
TITLE = "Billing API"
DESCRIPTION = (
    "Invoices, payments, subscriptions and webhooks. Send an API key as `X-API-Key` or as a Bearer token, "
    "or a user's JWT as a Bearer token with the workspace's slug in `x-tenant-slug`.\n\n"
    "Amounts named `…_minor` are whole minor units of the currency beside them."
)
SECURITY_SCHEMES: Mapping[str, Any] = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, a user's JWT, or the platform's admin token for workspaces.",
    },
    "TenantSlug": {
        "type": "apiKey",
        "in": "header",
        "name": "x-tenant-slug",
        "description": "The workspace that a user's JWT is to open.",
    },
}
SECURITY: list[dict[str, list[str]]] = [{"ApiKey": []}, {"Bearer": []}, {"Bearer": [], "TenantSlug": []}]
PREFER: JsonObject = {
    "name": "Prefer",
    "in": "header",
    "description": "`wait=N`: answer once the invoices show the payment, after N seconds (10) at the latest.",
    "schema": {"type": "string", "examples": ["wait=5"]},
}
# Of no workspace and with no scope: it opens nothing else.
_READER = Principal(UUID(int=0), "gateway:openapi", frozenset())


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The public API in OpenAPI 3.1."""
    gateway: Gateway = request.app.state.gateway
    return docs.json_reply(await request.app.state.descriptions.merged(request.app, gateway.upstreams))


@dataclass(slots=True)
class Descriptions:
    """Keeps each service's description for a while; the last known one while it does not answer."""

    cache_seconds: float
    tokens: InternalTokens
    _known: dict[str, dict[str, Any]] = field(default_factory=dict)
    _asked_at: float = float("-inf")

    async def merged(self, app: FastAPI, upstreams: Upstreams) -> JsonObject:
        """The whole public API; `x-unavailable` names services that have not been reached yet."""
        services = sorted(set(SERVICE_OF.values()))
        if time.monotonic() - self._asked_at > self.cache_seconds:
            found = await asyncio.gather(
                *(_described(upstreams, service, self.tokens) for service in services)
            )
            self._known |= {name: one for name, one in zip(services, found, strict=True) if one}
            if all(found):
                self._asked_at = time.monotonic()
        described = {name: self._known.get(name, {}) for name in services}
        # Reading all the code takes a moment, in which others are answered.
        whole = merge({"gateway": await run_in_threadpool(app.openapi), **described})
        if unavailable := [name for name in services if name not in self._known]:
            whole["x-unavailable"] = unavailable
        return whole


async def _described(upstreams: Upstreams, service: str, tokens: InternalTokens) -> JsonObject | None:
    headers = {"authorization": f"Bearer {tokens.sign(_READER)}"}
    try:
        answer = await upstreams[service].ask("GET", "/openapi.json", headers)
        return json.loads(answer.body) if answer.is_success else None
    except (BillingError, ValueError) as error:
        log.warning("openapi.service_not_described", upstream=service, error=repr(error))
        return None


def merge(descriptions: Mapping[str, JsonMapping]) -> JsonObject:
    """One description of what each service contributes to the public API.

    Schemas that two services name alike but fill otherwise get the service's name before theirs.
    """
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    webhooks: dict[str, Any] = {}
    # Problems are the same everywhere.
    responses: dict[str, Any] = {}
    problems: dict[str, Any] = {}
    found = {name: _schemas_of(descriptions[name]) for name in _in_order(descriptions)}
    short = component_names.short_names(sorted(set().union(*found.values())))
    for service, described in found.items():
        description = descriptions[service]
        responses |= description.get("components", {}).get("responses", {})
        problems |= description.get("x-problems", {})
        own = component_names.renamed(described, short)
        apart = component_names.tell_apart(service, own, schemas)
        schemas |= component_names.renamed(own, apart)
        names = {name: apart[short[name]] for name in described}
        webhooks |= component_names.rename(description.get("webhooks", {}), names)
        for path, operations in description.get("paths", {}).items():
            if _is_public(path, service):
                paths[path] = component_names.rename(operations, names)
    if waiting := paths.get("/v1/payments", {}).get("post"):
        waiting.setdefault("parameters", []).append(PREFER)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "description": DESCRIPTION, "version": "1"},
        "servers": [{"url": "/"}],
        "security": SECURITY,
        "tags": tags.described(paths, webhooks),
        "paths": dict(sorted(paths.items())),
        "webhooks": dict(sorted(webhooks.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": responses,
            "securitySchemes": dict(SECURITY_SCHEMES),
        },
        "x-problems": dict(sorted(problems.items())),
    }


def _in_order(descriptions: Mapping[str, JsonMapping]) -> list[str]:
    """The gateway first, then the others: what is named alike is told apart in one order everywhere."""
    return sorted(descriptions, key=lambda service: (service != "gateway", service))


def _schemas_of(description: JsonMapping) -> JsonMapping:
    schemas: JsonMapping = description.get("components", {}).get("schemas", {})
    return schemas


def _is_public(path: str, service: str) -> bool:
    segments = path.split("/")
    resource = resource_of(path)
    return (
        segments[1] == "v1" and len(segments) > 2 and (resource.service if resource else "gateway") == service
    )

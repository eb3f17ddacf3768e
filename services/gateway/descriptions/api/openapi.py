"""`/openapi.json`: the descriptions of the services, merged with that of the gateway's own routes."""

import asyncio
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response

from services.gateway.canonical.api.routes import SERVICE_OF, resource_of
from services.gateway.descriptions.api import docs
from services.gateway.edge.gateway import Gateway
from services.gateway.upstream import Upstreams
from shared.http.internal_auth import InternalTokens, Principal
from shared.kernel.errors import BillingError
from shared.kernel.json import Json, JsonMapping, JsonObject

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
# Of no workspace and with no scope: it opens nothing else.
_READER = Principal(UUID(int=0), "gateway:openapi", frozenset())
_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')


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
        whole = merge({"gateway": app.openapi(), **described})
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
    # Problems are the same everywhere.
    problems: dict[str, Any] = {}
    for service, description in descriptions.items():
        problems |= description.get("components", {}).get("responses", {})
        own = description.get("components", {}).get("schemas", {})
        names = _new_names(service, own, schemas)
        schemas |= {names[name]: _renamed(schema, names) for name, schema in own.items()}
        for path, operations in description.get("paths", {}).items():
            if _is_public(path, service):
                paths[path] = _renamed(operations, names)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "description": DESCRIPTION, "version": "1"},
        "servers": [{"url": "/"}],
        "security": SECURITY,
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": problems,
            "securitySchemes": dict(SECURITY_SCHEMES),
        },
    }


def _is_public(path: str, service: str) -> bool:
    segments = path.split("/")
    resource = resource_of(path)
    return (
        segments[1] == "v1" and len(segments) > 2 and (resource.service if resource else "gateway") == service
    )


def _new_names(service: str, own: JsonMapping, taken: JsonMapping) -> dict[str, str]:
    other = {name for name, schema in own.items() if name in taken and taken[name] != schema}
    while True:
        # A schema also differs where one that it names does.
        named = {name for name in set(own) - other if name in taken and _references(own[name]) & other}
        if not named:
            break
        other |= named
    prefix = "".join(part.title() for part in service.split("_"))
    return {name: f"{prefix}{name}" if name in other else name for name in own}


def _references(schema: Json) -> set[str]:
    return set(_REFERENCE.findall(json.dumps(schema)))


def _renamed(value: Json, names: Mapping[str, str]) -> Json:
    def rename(found: re.Match[str]) -> str:
        return f'"#/components/schemas/{names.get(found[1], found[1])}"'

    return json.loads(_REFERENCE.sub(rename, json.dumps(value)))

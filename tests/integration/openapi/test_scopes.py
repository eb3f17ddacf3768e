"""Every route of every service and dialect asks for its scope: without it 403, with it alone no longer."""

import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from services.gateway.dialects.common.dialect import Dialect
from services.gateway.keys.domain.scopes import KNOWN
from shared.kernel.ids import new_id
from tests.integration.openapi.conftest import SERVICES, Platform

GOLDEN = Path(__file__).parents[2] / "contract" / "dialects"
# Opened otherwise: health, signatures of providers, public links, the admin token, sessions of people.
OPEN = re.compile(
    r"/(livez|readyz|openapi\.json|docs.*|providers/.*|internal/(public|checkouts)/.*|i/.*|console.*)?"
)
# The admin token alone opens them at the gateway, and its word for no workspace at a service.
OPERATORS = re.compile(
    r"/v1/(workspaces|dead-letters|event-lanes)(/.*)?|/internal/(dead-letters|lanes)(/.*)?"
)
# Each of its parts asks for the scope of its own.
PORTAL = "/v1/client-portal/{external_id:path}"
GATHERED = frozenset({PORTAL, "/v1/explain/{name:path}"})
PORTAL_SCOPES = [f"{name}:read" for name in ("contacts", "invoices", "quotes", "subscriptions", "payments")]


@dataclass(frozen=True)
class Asked:
    """A route and the one scope that it asks for."""

    method: str
    path: str
    scope: str

    @property
    def example(self) -> str:
        """A path of it, of things that nobody has."""
        return re.sub(r"\{(\w+)(:\w+)?\}", str(new_id()), self.path)

    @property
    def pattern(self) -> re.Pattern[str]:
        """Matches its paths."""
        return re.compile(re.sub(r"\{\w+(:\w+)?\}", "[^/]+", self.path))


@pytest.mark.parametrize("package", SERVICES)
async def test_a_route_of_a_service_asks_for_its_scope(
    package: str, start_service: Any, a_principal: Any
) -> None:
    url = {"INVOICE_URL": "http://127.0.0.1:9"} if package != "invoice" else {}
    make = importlib.import_module(f"services.{package}.main").make
    service = await start_service(make, package, role="api", **url)

    async def status(asked: Asked, scopes: frozenset[str]) -> int:
        async with service.client(a_principal(scopes=scopes)) as client:
            return await _status(client, asked.method, asked.example)

    every = frozenset({"*"})
    operators = list(_operators(service.app))
    assert {kept.path.split("/")[2] for kept in operators} >= {"dead-letters", "lanes"}
    for kept in operators:
        assert await status(kept, every) in (403, 422), kept
    routes = list(_asked(service.app))
    assert len(routes) > 20
    for asked in routes:
        assert await status(asked, KNOWN - {asked.scope}) == 403, asked
        assert await status(asked, frozenset({asked.scope})) not in (401, 403, 405, 500), asked


async def test_the_gateway_and_its_dialects_ask_for_the_scopes_of_what_they_do(start_platform: Any) -> None:
    platform: Platform = await start_platform()
    faults: list[str] = []

    async def check(method: str, path: str, scopes: list[str], body: Any = None) -> None:
        first, needed = scopes[0], frozenset(scopes)
        without = await platform.key_for(KNOWN - {first})
        alone = await platform.key_for(needed)
        async with platform.client(without) as denied, platform.client(alone) as allowed:
            refused = await _status(denied, method, path, body)
            let_in = await _status(allowed, method, path, body)
        if refused != 403 or let_in in (401, 403, 405, 500):
            faults.append(f"{method} {path} ({first}): {refused} without it, {let_in} with {set(needed)}")

    own = list(_asked(platform.gateway.app))
    for asked in own:
        await check(asked.method, asked.example, [asked.scope])
    canonical = [asked for service in platform.services.values() for asked in _asked(service.app)]
    for dialect, prefix in platform.gateway.app.state.dialects:
        for request, scopes in _of_dialect(dialect, canonical):
            await check(request["method"], prefix + request["path"], scopes, request.get("body"))
    for sample in canonical[::10]:
        if sample.path.startswith("/v1/"):
            await check(sample.method, sample.example, [sample.scope])

    key = await platform.key_for(frozenset({"*"}))
    assert {kept.path.split("/")[2] for kept in _operators(platform.gateway.app)} == {
        *("workspaces", "dead-letters", "event-lanes")
    }
    async with platform.client(key) as owner:
        faults += [
            f"{kept.method} {kept.path} is open to a workspace's owner"
            for kept in _operators(platform.gateway.app)
            if await _status(owner, kept.method, kept.example, {}) not in (403, 422)
        ]
    assert len(own) >= 9
    assert faults == []


def _asked(app: FastAPI) -> Iterator[Asked]:
    """The routes of an app that a scope opens; fails where one asks for none, or for several."""
    for route in iter_route_contexts(app.routes):
        path = str(route.path)
        if OPEN.fullmatch(path) or OPERATORS.fullmatch(path) or path in GATHERED:
            continue
        dependant = getattr(route, "dependant", None)
        if dependant is None:
            continue
        scopes = set(_scopes(dependant))
        assert len(scopes) == 1, f"{route.methods} {path} asks for {scopes or 'no scope'}"
        for method in route.methods or ():
            yield Asked(method, path, *scopes)


def _operators(app: FastAPI) -> list[Asked]:
    """The routes of an app that are for the platform's operators."""
    return [
        Asked(method, str(route.path), "")
        for route in iter_route_contexts(app.routes)
        if OPERATORS.fullmatch(str(route.path))
        for method in route.methods or ()
    ]


def _scopes(dependant: Any) -> Iterator[str]:
    for one in dependant.dependencies:
        if scope := getattr(one.call, "scope", None):
            yield scope
        yield from _scopes(one)


def _of_dialect(dialect: Dialect, canonical: list[Asked]) -> Iterator[tuple[Any, list[str]]]:
    """Each operation's request, and the scopes of what it asks of our API, by its golden file."""
    for operation in dialect.operations:
        found = (GOLDEN / dialect.name).glob(f"{operation.name}.*")
        golden = json.loads(min(found, key=lambda path: len(path.name)).read_text())
        scopes = [scope for step in golden["asks"] for scope in _scopes_of(canonical, step["ours"])]
        assert scopes, operation.name
        yield golden["request"], scopes


def _scopes_of(canonical: list[Asked], ours: Any) -> list[str]:
    path = ours["target"].partition("?")[0]
    if path.startswith("/v1/client-portal/"):
        return PORTAL_SCOPES
    found = [one for one in canonical if one.method == ours["method"] and one.pattern.fullmatch(path)]
    return [min(found, key=lambda one: one.path.count("{")).scope]


async def _status(client: httpx.AsyncClient, method: str, path: str, body: Any = None) -> int:
    sent = {} if body is None and method in ("POST", "PATCH", "PUT") else body
    return (await client.request(method, path, json=sent)).status_code

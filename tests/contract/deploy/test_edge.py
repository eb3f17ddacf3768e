"""What the outside reaches: every public route of the gateway, and neither its health nor its metrics."""

import os
from collections.abc import Iterable, Iterator
from typing import Any
from unittest import mock

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from deploy.checks.matrix import Objects
from deploy.checks.policies.objects import services
from services.gateway import main
from services.gateway.canonical.api.routes import SERVICE_OF, Forwarded
from services.gateway.dialects.api import DialectRoute
from tests.contract.deploy.containers import environment

NOT_PUBLIC = {"/livez", "/readyz"}
EXACT = {"Exact"}
PREFIX = {"Prefix", "PathPrefix"}
LetIn = set[tuple[str, str]]
"""Paths with the type of their match."""


@pytest.fixture(scope="module")
def gateway(shipped: dict[str, Objects]) -> FastAPI:
    pod = next(one.pod for one in services(shipped["production"]) if one.service == "gateway")
    with mock.patch.dict(os.environ, environment(pod["containers"][0]), clear=True):
        app, _ = main.make("api")
    return app


@pytest.fixture(scope="module")
def routes(gateway: FastAPI) -> set[str]:
    dialects = [prefix for _, prefix in gateway.state.dialects]
    return {
        *paths_of(gateway.router.routes),
        *(f"/v1/{resource}" for resource in SERVICE_OF),
        *(f"{prefix}/docs" for prefix in dialects),
    }


def paths_of(routes: Iterable[BaseRoute]) -> Iterator[str]:
    """The path of every route, also of those that were included; raises where one does not say its own."""
    for route in iter_route_contexts(list(routes)):
        if not isinstance(route.original_route, Forwarded | DialectRoute):
            assert route.path, f"{route.original_route} has no path to look at"
            yield route.path


def let_in(objects: Objects) -> LetIn:
    found: LetIn = set()
    for one in objects:
        if one["kind"] == "HTTPRoute":
            matches = [match["path"] for rule in one["spec"]["rules"] for match in rule["matches"]]
            found |= {(match["value"], match["type"]) for match in matches}
        if one["kind"] == "Ingress":
            paths = [path for rule in one["spec"]["rules"] for path in rule["http"]["paths"]]
            found |= {(path["path"], path["pathType"]) for path in paths}
    return found


def reaches(path: str, one: tuple[str, str]) -> bool:
    value, kind = one
    assert kind in EXACT | PREFIX
    return path == value or (kind in PREFIX and path.startswith(value.rstrip("/") + "/"))


@pytest.mark.parametrize("name", ["production", "small"])
def test_every_public_route_is_let_in_and_nothing_else(
    shipped: dict[str, Any], routes: set[str], name: str
) -> None:
    open_to_all = let_in(shipped[name])

    missing = {path for path in routes if not any(reaches(path, one) for one in open_to_all)}
    useless = {one for one in open_to_all if not any(reaches(path, one) for path in routes)}

    assert missing - NOT_PUBLIC == set(), "add them to publicPaths of the chart's values"
    assert missing >= NOT_PUBLIC
    assert useless == set()


def test_every_router_of_the_gateway_is_looked_at(routes: set[str]) -> None:
    own = {path for module in main.ROUTED for path in paths_of(module.router.routes)}

    assert all(list(paths_of(module.router.routes)) for module in main.ROUTED)
    assert own <= routes
    assert routes >= {"/", "/v1/invoices", "/i/{token}", "/console", "/paydock/api/docs", "/docs", "/livez"}


def test_a_route_of_an_included_router_is_seen() -> None:
    inner, app = APIRouter(prefix="/inner"), FastAPI(openapi_url=None)
    inner.get("/planted")(lambda: None)
    outer = APIRouter(prefix="/outer")
    outer.include_router(inner)
    app.include_router(outer)

    assert set(paths_of(app.router.routes)) == {"/outer/inner/planted"}


def test_an_exact_path_opens_nothing_below_it() -> None:
    assert reaches("/", ("/", "Exact"))
    assert not reaches("/livez", ("/", "Exact"))
    assert reaches("/livez", ("/", "Prefix"))
    assert not reaches("/income", ("/i", "PathPrefix"))

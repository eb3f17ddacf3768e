"""What the outside reaches: every public route of the gateway, and neither its health nor its metrics."""

import os
from typing import Any
from unittest import mock

import pytest

from deploy.checks.matrix import Objects
from deploy.checks.policies.objects import services
from services.gateway import main
from tests.contract.deploy.containers import environment

NOT_PUBLIC = {"/livez", "/readyz"}


@pytest.fixture(scope="module")
def routes(shipped: dict[str, Objects]) -> set[str]:
    gateway = next(one for one in services(shipped["production"]) if one.service == "gateway")
    with mock.patch.dict(os.environ, environment(gateway.pod["containers"][0]), clear=True):
        app, _ = main.make("api")
    paths = {getattr(route, "path", None) or getattr(route, "prefix", None) for route in app.router.routes}
    return {path for path in paths if path}


def prefixes(objects: Objects) -> list[str]:
    found: list[str] = []
    for one in objects:
        if one["kind"] == "HTTPRoute":
            found += [match["path"]["value"] for rule in one["spec"]["rules"] for match in rule["matches"]]
        if one["kind"] == "Ingress":
            found += [path["path"] for rule in one["spec"]["rules"] for path in rule["http"]["paths"]]
    return found


def is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")


@pytest.mark.parametrize("name", ["production", "small"])
def test_every_public_route_is_let_in_and_nothing_else(
    shipped: dict[str, Any], routes: set[str], name: str
) -> None:
    let_in = prefixes(shipped[name])

    missing = {path for path in routes if not any(is_below(path, prefix) for prefix in let_in)}

    assert missing - NOT_PUBLIC == set(), "add them to publicPaths of the chart's values"
    assert missing >= NOT_PUBLIC

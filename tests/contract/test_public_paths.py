"""Whatever a service offers below /v1 is reached through the gateway, and belongs to that service alone."""

import json
from pathlib import Path

import pytest

from deploy.schemas.services import app_of
from services.gateway.canonical.api.routes import SERVICE_OF, resource_of
from shared.postgres.roles import SERVICES

GATEWAY = Path(__file__).parents[2] / "schemas" / "api" / "gateway.json"


@pytest.mark.parametrize("name", [one for one in SERVICES if one != "gateway"])
def test_every_public_path_of_a_service_leads_to_it(name: str) -> None:
    paths = [path for path in app_of(name).openapi()["paths"] if path.startswith("/v1/")]
    offered = {path.split("/")[2] for path in paths} - {"sandbox"}

    assert offered
    assert {SERVICE_OF.get(resource) for resource in offered} == {name}
    # Every service has a share in the sandbox; a path there leads to whoever offers it.
    leads = {resource_of(path) for path in paths}
    assert {resource.service if resource else None for resource in leads} == {name}


def test_the_gateway_describes_them_all_and_some_of_its_own() -> None:
    paths = [path for path in json.loads(GATEWAY.read_text())["paths"] if path.startswith("/v1/")]

    assert {path.split("/")[2] for path in paths} > SERVICE_OF.keys()

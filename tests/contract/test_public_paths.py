"""Whatever a service offers below /v1 is reached through the gateway, and belongs to that service alone."""

import json
from pathlib import Path

import pytest

from services.gateway.canonical.api.routes import SERVICE_OF, resource_of
from shared.postgres.roles import SERVICES

FOLDER = Path(__file__).parents[2] / "schemas" / "api"


@pytest.mark.parametrize("name", SERVICES)
def test_every_public_path_of_a_service_leads_to_it(name: str) -> None:
    path = FOLDER / f"{name}.json"
    paths = [name for name in json.loads(path.read_text())["paths"] if name.startswith("/v1/")]
    offered = {name.split("/")[2] for name in paths} - {"sandbox"}

    assert offered
    if path.stem == "gateway":
        # Merged from all of them, and some of its own.
        assert offered > SERVICE_OF.keys()
    else:
        assert {SERVICE_OF.get(name) for name in offered} == {path.stem}
        # Every service has a share in the sandbox; a path there leads to whoever offers it.
        leads = {resource_of(name) for name in paths}
        assert {resource.service if resource else None for resource in leads} == {path.stem}

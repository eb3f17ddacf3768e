"""With the chart's environment and nothing else, each service starts."""

import importlib
import os
import re
from unittest import mock

import pytest
from fastapi.routing import iter_route_contexts

from deploy.checks.matrix import Objects, kept
from deploy.checks.policies.objects import Workload, services
from deploy.kubernetes.settings import settings_class
from shared.messaging.settings import KafkaSettings
from shared.postgres.roles import SERVICES
from tests.contract.deploy.containers import environment

WORKLOADS = [(name, one) for name, objects in kept().items() for one in services(objects)]


@pytest.mark.parametrize("name, one", WORKLOADS, ids=[f"{name}-{one.name}" for name, one in WORKLOADS])
def test_the_settings_are_complete(name: str, one: Workload) -> None:
    (container,) = one.pod["containers"]

    with mock.patch.dict(os.environ, environment(container), clear=True):
        settings = settings_class(one.service.replace("-", "_"))()
        kafka = KafkaSettings() if one.role != "api" else None

    assert settings.host == "0.0.0.0"
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"http": settings.port, "metrics": settings.metrics_port}
    assert kafka is None or kafka.is_encrypted == (name == "production")
    assert settings.postgres_api_dsn.startswith("postgresql://")


def test_every_worker_is_made_from_its_environment(production: Objects) -> None:
    workers = [one for one in services(production) if one.role == "worker"]
    assert {one.service.replace("-", "_") for one in workers} == set(SERVICES)
    for one in workers:
        (container,) = one.pod["containers"]
        main = importlib.import_module(f"services.{one.service.replace('-', '_')}.main")

        with mock.patch.dict(os.environ, environment(container), clear=True):
            app, _ = main.make(one.role)

        paths = {route.path for route in iter_route_contexts(app.routes)}
        assert "/readyz" in paths
        # What it does is done by the clock and by events alone.
        assert not {path for path in paths if path and path.startswith("/v1/")}


def test_urls_lead_to_services_that_are_there(shipped: dict[str, Objects]) -> None:
    leading = set()
    for objects in shipped.values():
        known = {one["metadata"]["name"] for one in objects if one["kind"] == "Service"}
        for one in services(objects):
            for variable in one.pod["containers"][0]["env"]:
                if found := re.match(r"http://([a-z-]+)\.billing\.svc", variable.get("value", "")):
                    assert found[1] in known
                    leading.add(variable["name"])
    assert leading >= {f"{service.upper()}_URL" for service in SERVICES if service != "gateway"}

"""What each service says of itself: its routes as OpenAPI, and the events it hears."""

import contextlib
import importlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from fastapi import FastAPI

from deploy.local.credentials import Credentials
from deploy.local.services import Servers, environment
from services.gateway.dialects.common import openapi as dialects
from shared.postgres.roles import SERVICES
from shared.runtime.service import Service, build

# Nothing is connected to: the app is made and never started.
_SERVERS = Servers("postgresql://postgres@127.0.0.1:1/billing", "127.0.0.1:1")
_PORTS = dict.fromkeys(SERVICES, 1)
_NO_SECRETS = Credentials(
    postgres_password="",
    postgres_role_password="",
    internal_token_secret="-" * 64,
    encryption_keys=f"k1:{'A' * 43}=",
    public_link_keys=f"k1:{'A' * 43}=",
    admin_token="-" * 64,
    api_key_pepper="-" * 64,
    jwt_secret="-" * 64,
)


@dataclass(frozen=True, slots=True)
class Described:
    """One service: the event types it hears, its OpenAPI document, and those of the dialects it speaks."""

    heard: frozenset[str]
    openapi: dict[str, Any]
    dialects: dict[str, dict[str, Any]] = field(default_factory=dict)


def describe() -> dict[str, Described]:
    """Every service by its package."""
    return {package: _described(package) for package in SERVICES}


def heard() -> dict[str, frozenset[str]]:
    """The event types that each service hears, by its package."""
    return {package: _heard(_made(package)[0]) for package in SERVICES}


def subscribed() -> dict[str, frozenset[str]]:
    """The topics that each service's consumer reads, by its package."""
    return {package: frozenset(_made(package)[0].handlers.subscribed) for package in SERVICES}


def app_of(package: str) -> FastAPI:
    """The service's app, which is never started."""
    return _made(package)[1]


def _described(package: str) -> Described:
    service, app = _made(package)
    spoken = getattr(app.state, "dialects", ())
    return Described(
        _heard(service),
        app.openapi(),
        {dialect.name: dialects.describe(dialect, prefix) for dialect, prefix in spoken},
    )


def _heard(service: Service) -> frozenset[str]:
    return frozenset(service.handlers.topics)


def _made(package: str) -> tuple[Service, FastAPI]:
    main = importlib.import_module(f"services.{package}.main")
    with (
        _environment(environment(package, _PORTS, _NO_SECRETS, _SERVERS)),
        mock.patch.object(main, "build", side_effect=build) as spy,
    ):
        app, _ = main.make("all")
    service: Service = spy.call_args.args[0]
    return service, app


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

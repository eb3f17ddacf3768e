"""The services and the gateway in front of them, in the test's own process."""

import importlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx
import pytest

from services.gateway import main as gateway_main
from services.payment import main as payment_main
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.conftest import StartService

ADMIN = "an admin token for tests only"
SERVICES = ("invoice", "payment", "subscription_renewal", "webhook_delivery")


@dataclass
class Platform:
    """The gateway, the services behind it, and one workspace with a key that opens everything."""

    gateway: RunningService
    services: dict[str, RunningService]
    key: str = ""
    _keys: dict[frozenset[str], str] = field(default_factory=dict)

    def client(self, key: str | None = None) -> httpx.AsyncClient:
        """A client that signs in with a key."""
        return self.gateway.client(None, **{"x-api-key": key or self.key})

    async def key_for(self, scopes: frozenset[str]) -> str:
        """A key with these scopes; the same one each time."""
        if scopes not in self._keys:
            async with self.client() as owner:
                reply = await owner.post("/v1/api-keys", json={"name": "One", "scopes": sorted(scopes)})
            assert reply.status_code == 201, reply.text
            self._keys[scopes] = reply.json()["key"]
        return self._keys[scopes]


@pytest.fixture
def start_platform(start_service: StartService) -> Callable[..., Awaitable[Platform]]:
    """Starts all five; nobody relays events between them."""

    async def start() -> Platform:
        services: dict[str, RunningService] = {}
        nobody = {"INVOICE_URL": "http://127.0.0.1:9"}
        asked = await start_service(payment_main.make, "payment", role="api", **nobody)
        for package in SERVICES:
            make = importlib.import_module(f"services.{package}.main").make
            url = {"INVOICE_URL": services["invoice"].url} if services else {}
            url["PAYMENT_URL"] = asked.url
            services[package] = await start_service(make, package, role="api", **url)
        urls = {f"{name.upper()}_URL": service.url for name, service in services.items()}
        settings = {
            "ADMIN_TOKEN": ADMIN,
            "API_KEY_PEPPER": "a pepper for tests only, thirty-two characters",
            "JWT_SECRET": "a jwt secret for tests only, thirty-two characters",
            "KEY_REQUESTS_PER_SECOND": "100000",
            "KEY_REQUESTS_BURST": "100000",
            **urls,
        }
        platform = Platform(await start_service(gateway_main.make, "gateway", "api", **settings), services)
        async with platform.gateway.client(None, authorization=f"Bearer {ADMIN}") as admin:
            body = {"slug": f"t-{new_id().hex[-20:]}", "name": "Test", "mode": "sandbox"}
            reply = await admin.post("/v1/workspaces", json=body)
        assert reply.status_code == 201, reply.text
        platform.key = reply.json()["api_key"]["key"]
        return platform

    return start

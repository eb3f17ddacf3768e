"""A gateway on a real Postgres, in front of tiny servers."""

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from services.gateway import main
from services.gateway.upstream import Upstreams
from shared.http.client import ServiceClient
from shared.testing.service import RunningService
from tests.conftest import StartService
from tests.integration.gateway.upstreams import Upstream, serving

ADMIN = "an admin token for tests only"
PEPPER = "a pepper for tests only, thirty-two characters"
JWT_SECRET = "a jwt secret for tests only, thirty-two characters"
SERVICES = ("invoice", "payment", "subscription_renewal", "webhook_delivery")


@dataclass(frozen=True)
class Workspace:
    """A workspace and the text of its first key."""

    id: str
    slug: str
    key: str


@dataclass
class Gateway:
    """A running gateway and what stands behind it."""

    service: RunningService
    behind: dict[str, Upstream]

    def as_key(self, key: str, **headers: str) -> httpx.AsyncClient:
        """A client that signs in with a key."""
        return self.service.client(None, **{"x-api-key": key, **headers})

    def as_bearer(self, token: str, **headers: str) -> httpx.AsyncClient:
        """A client that sends a Bearer token."""
        return self.service.client(None, authorization=f"Bearer {token}", **headers)

    def take_away(self, service: str) -> None:
        """From now on nobody answers where this service did."""
        upstreams: Upstreams = self.service.app.state.gateway.upstreams
        upstreams._clients[service] = ServiceClient(service, "http://127.0.0.1:1", timeout_seconds=2)

    async def create_workspace(self, slug: str = "acme", mode: str = "sandbox", **more: str) -> Workspace:
        """A new workspace, made by the admin token."""
        async with self.as_bearer(ADMIN) as admin:
            body = {"slug": slug, "name": "Acme BV", "mode": mode, **more}
            reply = await admin.post("/v1/workspaces", json=body)
        assert reply.status_code == 201, reply.text
        made = reply.json()
        return Workspace(made["id"], made["slug"], made["api_key"]["key"])


StartGateway: TypeAlias = Callable[..., Awaitable[Gateway]]


@pytest.fixture(scope="session")
def schemas() -> list[str]:
    return ["gateway"]


@pytest.fixture
async def behind() -> AsyncIterator[dict[str, Upstream]]:
    """A small server in the place of each service."""
    async with contextlib.AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(serving(Upstream())) for name in SERVICES}


def settings_of(behind: dict[str, Upstream]) -> dict[str, str]:
    """The environment of a gateway in front of these, but for its databases."""
    return {
        "ADMIN_TOKEN": ADMIN,
        "API_KEY_PEPPER": PEPPER,
        "JWT_SECRET": JWT_SECRET,
        "KEY_USE_INTERVAL_SECONDS": "0.05",
        # Tests of refusals ask faster than anybody may.
        "FAILED_ATTEMPTS_PER_MINUTE": "100000",
        "ADDRESS_REQUESTS_PER_SECOND": "100000",
        **{f"{name.upper()}_URL": upstream.url for name, upstream in behind.items()},
    }


@pytest.fixture
def start_gateway(start_service: StartService, behind: dict[str, Upstream]) -> StartGateway:
    """Starts a gateway without relay: its events stay in its outbox, where a test can read them."""

    async def start(**env: str) -> Gateway:
        settings = {**settings_of(behind), **env}
        return Gateway(await start_service(main.make, "gateway", "api", **settings), behind)

    return start


@pytest.fixture
async def gateway(start_gateway: StartGateway) -> Gateway:
    """A gateway."""
    return await start_gateway()


@pytest.fixture
async def workspace(gateway: Gateway) -> Workspace:
    """A sandbox workspace."""
    return await gateway.create_workspace()


def a_token(*, secret: str = JWT_SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """A user's JWT; a claim given as None is left out."""
    whole = {
        "iss": "billing-local",
        "aud": "billing",
        "sub": "ada",
        "exp": int(time.time()) + 600,
        "workspaces": ["acme"],
        **claims,
    }
    given = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode({"alg": algorithm}, given, OctKey.import_key(secret), algorithms=[algorithm])

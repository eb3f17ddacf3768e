"""Fixtures that all tests share: real servers once a session, a fresh database once a test."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from shared.events.registry import JOURNAL, TOPICS
from shared.http.internal_auth import InternalTokens, Principal
from shared.kernel.ids import new_id
from shared.messaging import topics
from shared.messaging.settings import KafkaSettings
from shared.postgres import migrate
from shared.postgres.revisions import services_here
from shared.runtime.settings import Role
from shared.testing import containers
from shared.testing.service import RunningService, running, skip_to_end
from tests import shortcuts

settings.register_profile("soak", max_examples=5_000, deadline=None)
settings.register_profile("test", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))

shortcuts.take()

pytest_plugins = ["tests.browser"]

PASSWORD = "tests-only"
SECRET = "an internal token secret for tests only"
TEMPLATE = "billing_template"


# Journeys that need no platform, and last long.
APART = {"tests/journeys/test_collection_chaos.py"}


class ByPlace(LoadScopeScheduling):  # type: ignore[misc]
    """Where tests run side by side: the journeys share one platform, other tests stay with their file's."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "journeys" if path.startswith("tests/journeys/") and path not in APART else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByPlace:
    """Not by groups of xdist: pytest 9.2 does not take the names that it gives to tests in groups."""
    return ByPlace(config, log)


def pytest_collection_finish() -> None:
    """Every module is loaded and every test is made."""
    shortcuts.keep_collected()


def with_database(dsn: str, database: str, user: str | None = None) -> str:
    """The DSN with another database and, if given, another user."""
    parts = urlsplit(dsn)
    login = parts.netloc if user is None else f"{user}:{PASSWORD}@{parts.hostname}:{parts.port}"
    return urlunsplit((parts.scheme, login, f"/{database}", "", ""))


@dataclass(frozen=True, slots=True)
class Databases:
    """One database, as its administrator and as the roles of the services whose tables it has."""

    admin_dsn: str
    schemas: set[str]

    def api_dsn(self, service: str) -> str:
        self._require(service)
        return self._as(f"{service}_api")

    def worker_dsn(self, service: str) -> str:
        self._require(service)
        return self._as(f"{service}_worker")

    async def add(self, service: str) -> None:
        """Have this service's tables, too; takes a second, which naming it in `schemas` saves."""
        if service not in self.schemas:
            self.schemas.add(service)
            await migrate.migrate(self.admin_dsn, service)

    def _require(self, service: str) -> None:
        assert service in self.schemas, f"no tables of {service} here: name it in a fixture `schemas`"

    def auth_dsn(self) -> str:
        return self._as("gateway_auth")

    def _as(self, user: str) -> str:
        return with_database(self.admin_dsn, urlsplit(self.admin_dsn).path.strip("/"), user)


class StartService(Protocol):
    """Starts a service in this process, with what else its environment has."""

    async def __call__(
        self, make: Callable[[Role], tuple[FastAPI, object]], package: str, role: Role = "all", **env: str
    ) -> RunningService: ...


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """An administrator's DSN of a real Postgres that has every service's logins."""
    with containers.postgres_server() as dsn:
        _run_apart(_make_logins(dsn))
        yield dsn


@pytest.fixture(scope="session")
def kafka_servers() -> Iterator[str]:
    """The bootstrap servers of a real Kafka that has every topic."""
    with containers.kafka_server() as bootstrap_servers:
        kafka = KafkaSettings(bootstrap_servers=bootstrap_servers)
        _run_apart(topics.provision(kafka, partitions=3, replication_factor=1))
        yield bootstrap_servers


@pytest.fixture(scope="session")
def schemas() -> Sequence[str]:
    """Whose tables the databases have: every service's. A service's own tests name it alone.

    A database has 1,500 files with all of them, and a third of that with one.
    """
    return services_here()


@pytest.fixture(scope="session")
def templates() -> dict[str, str]:
    """The migrated databases of this server that were needed so far, by whose tables they have."""
    return {}


@pytest.fixture
async def databases(
    postgres_dsn: str, schemas: Sequence[str], templates: dict[str, str]
) -> AsyncIterator[Databases]:
    """A fresh database, cloned from a migrated template."""
    name, needed = f"test_{new_id().hex}", " ".join(schemas)
    admin = await asyncpg.connect(with_database(postgres_dsn, "postgres"))
    if needed not in templates:
        templates[needed] = f"{TEMPLATE}_{len(templates)}"
        await _make_template(postgres_dsn, admin, templates[needed], schemas)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {templates[needed]} STRATEGY FILE_COPY")
    yield Databases(with_database(postgres_dsn, name), set(schemas))
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
def tokens() -> InternalTokens:
    """Signs what the gateway would sign."""
    return InternalTokens(SECRET)


@pytest.fixture
def a_principal() -> Callable[..., Principal]:
    """Builds a principal of a new workspace, with every scope unless told otherwise."""

    def build(workspace_id: UUID | None = None, **overrides: Any) -> Principal:
        return Principal(
            **{
                "workspace_id": workspace_id or new_id(),
                "actor": "test",
                "workspace_name": "Test BV",
                **overrides,
            }
        )

    return build


def environment_of(databases: Databases, package: str) -> dict[str, str]:
    """What every service reads, and some services more, of its environment; without Kafka."""
    return {
        "POSTGRES_API_DSN": databases.api_dsn(package),
        "POSTGRES_WORKER_DSN": databases.worker_dsn(package),
        "POSTGRES_AUTH_DSN": databases.auth_dsn(),
        "INTERNAL_TOKEN_SECRET": SECRET,
        "POSTGRES_POOL_MIN": "1",
        "POSTGRES_POOL_MAX": "20",
        "ENCRYPTION_KEYS": f"k1:{'A' * 43}=",
        "PAYMENT_URL": "http://127.0.0.1:9",
        "PUBLIC_BASE_URL": "https://pay.example.com",
        "PUBLIC_LINK_KEYS": f"k1:{'A' * 43}=",
    }


@pytest.fixture
async def start_service(
    databases: Databases, tokens: InternalTokens, request: pytest.FixtureRequest
) -> AsyncIterator[StartService]:
    """Starts services in this process: `await start_service(main.make, "invoice", role="api", **env)`."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(
            make: Callable[[Role], tuple[FastAPI, object]], package: str, role: Role = "all", **env: str
        ) -> RunningService:
            await databases.add(package)
            needed = environment_of(databases, package)
            if role != "api":
                needed["KAFKA_BOOTSTRAP_SERVERS"] = request.getfixturevalue("kafka_servers")
            with _environment({**needed, **env}):
                app, _ = make(role)
                if role != "api":
                    await skip_to_end(
                        needed["KAFKA_BOOTSTRAP_SERVERS"],
                        package.replace("_", "-"),
                        [*TOPICS, JOURNAL],
                    )
                return await stack.enter_async_context(running(app, tokens))

        yield start


def _run_apart(work: Coroutine[Any, Any, None]) -> None:
    # In a thread of its own: a fixture may be asked for while a test's loop runs.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


async def _make_logins(dsn: str) -> None:
    admin = await asyncpg.connect(with_database(dsn, "postgres"))
    await admin.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
    await admin.execute(f"CREATE DATABASE {TEMPLATE}")
    await admin.close()
    await migrate.make_roles(with_database(dsn, TEMPLATE), services_here(), PASSWORD)


async def _make_template(dsn: str, admin: asyncpg.Connection, name: str, schemas: Sequence[str]) -> None:
    await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    for service in schemas:
        await migrate.migrate(with_database(dsn, name), service)

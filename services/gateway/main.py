"""The gateway: the public API of the platform. `python -m services.gateway.main`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from joserfc.jwk import OctKey

from services.gateway.api import api_keys, canonical, dialects, docs, openapi, portal, sandbox, workspaces
from services.gateway.dialects.paydock.routes import PAYDOCK
from services.gateway.edge.authentication import Authenticator
from services.gateway.edge.gateway import Gateway
from services.gateway.edge.users import Issuer, Issuers
from services.gateway.repository.api_keys import note_use
from services.gateway.settings import Settings
from services.gateway.upstream import Upstreams
from shared.messaging.handlers import Handlers
from shared.postgres.pool import PoolLimits, create_pool
from shared.runtime.service import Parts, Service, build, run
from shared.runtime.settings import Role
from shared.runtime.worker import Worker

OF_FASTAPI = ("/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc")


def make(role: Role) -> tuple[FastAPI, Settings]:
    """The gateway's app for this role, and its settings."""
    settings = Settings()

    def resources(parts: Parts, app: FastAPI) -> Sequence[Callable[[], Awaitable[Any]]]:
        upstreams = Upstreams(
            settings.upstream_urls, settings.upstream_timeout_seconds, settings.upstream_max_connections
        )
        authenticator = make_authenticator(settings, parts)
        app.state.gateway = Gateway(authenticator, upstreams, settings.admin_token, settings.api_key_pepper)
        app.state.descriptions = openapi.Descriptions(settings.openapi_cache_seconds)
        return upstreams.close, authenticator.close, noting_use(authenticator, parts, settings)

    service = Service(
        name="gateway",
        title="Gateway",
        settings=settings,
        routers=[one.router for one in (workspaces, api_keys, sandbox, portal, openapi, docs)],
        handlers=Handlers(),
        resources=resources,
    )
    app = build(service, role)
    # First of all, since nearly every request is one of these; FastAPI's own pages would load from elsewhere.
    others = [route for route in app.router.routes if getattr(route, "path", "") not in OF_FASTAPI]
    ours = [canonical.Forwarded(), dialects.DialectRoute(PAYDOCK, settings.paydock_prefix)]
    app.router.routes[:] = [*ours, *others]
    return app, settings


def make_authenticator(settings: Settings, parts: Parts) -> Authenticator:
    """Knows keys, and users of the one issuer that is configured."""
    limits = PoolLimits(min_size=1, max_size=settings.postgres_auth_pool_max)
    issuers = []
    if settings.jwt_secret:
        key = OctKey.import_key(settings.jwt_secret)
        algorithms = (settings.jwt_algorithm,)
        issuers.append(Issuer(settings.jwt_issuer, settings.jwt_audience, algorithms, key))
    return Authenticator(
        open_pool=lambda: create_pool(settings.postgres_auth_dsn, "gateway-auth", limits),
        tokens=parts.tokens,
        issuers=Issuers(issuers),
        pepper=settings.api_key_pepper,
        cache_seconds=settings.credential_cache_seconds,
    )


def noting_use(
    authenticator: Authenticator, parts: Parts, settings: Settings
) -> Callable[[], Awaitable[Any]]:
    """Start storing when keys are used, in every role that answers requests; returns how to stop."""

    async def step() -> bool:
        used: dict[tuple[UUID, UUID], datetime] = dict(authenticator.used_at)
        authenticator.used_at.clear()
        if used:
            async with parts.worker.transaction() as tx:
                await note_use(tx, used)
        return False

    worker = Worker("note_key_use", step, settings.key_use_interval_seconds)
    task = asyncio.create_task(worker.run())

    async def stop() -> None:
        worker.stop()
        await task
        await step()

    return stop


if __name__ == "__main__":
    run(make, "gateway")

"""The gateway: the public API of the platform. `python -m services.gateway.main`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from joserfc.jwk import OctKey

from services.gateway.api import (
    api_keys,
    canonical,
    dialects,
    docs,
    openapi,
    portal,
    providers,
    sandbox,
    workspaces,
)
from services.gateway.dialects.dialect import Dialect
from services.gateway.dialects.facturering.routes import FACTURERING
from services.gateway.dialects.fastfaktura.routes import FASTFAKTURA
from services.gateway.dialects.paydock.routes import PAYDOCK
from services.gateway.dialects.workspace.routes import WORKSPACE
from services.gateway.edge.authentication import Authenticator
from services.gateway.edge.gateway import Gateway
from services.gateway.edge.users import Issuer, Issuers
from services.gateway.repository.api_keys import note_use
from services.gateway.settings import Settings
from services.gateway.upstream import Upstreams
from services.gateway.workers.advance_clocks import ClockMover
from services.gateway.workers.clock_reports import ClockReports
from shared.messaging.handlers import Handlers
from shared.postgres.pool import PoolLimits, create_pool
from shared.runtime import time_machine
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
        routers=[one.router for one in (workspaces, api_keys, sandbox, portal, providers, openapi, docs)],
        handlers=Handlers(),
        resources=resources,
        workers=lambda parts: [clock_mover(app.state.gateway, parts, settings)],
    )
    app = build(service, role)
    # First of all, since nearly every request is one of these; FastAPI's own pages would load from elsewhere.
    others = [route for route in app.router.routes if getattr(route, "path", "") not in OF_FASTAPI]
    spoken = [dialects.DialectRoute(dialect, prefix) for dialect, prefix in _dialects(settings)]
    app.router.routes[:] = [canonical.Forwarded(), *spoken, *others]
    return app, settings


def _dialects(settings: Settings) -> Sequence[tuple[Dialect, str]]:
    return (
        (PAYDOCK, settings.paydock_prefix),
        (WORKSPACE, settings.workspace_prefix),
        (FASTFAKTURA, settings.fastfaktura_prefix),
        (FACTURERING, settings.facturering_prefix),
    )


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
        sandbox_cache_seconds=settings.sandbox_cache_seconds,
    )


def clock_mover(gateway: Gateway, parts: Parts, settings: Settings) -> Worker:
    """Moves the clocks of sandboxes."""

    async def own(workspace_id: UUID, question: dict[str, Any]) -> dict[str, Any]:
        known = time_machine.Known.model_validate(question)
        async with parts.worker.transaction() as tx:
            report = await time_machine.report(tx, workspace_id, known, "gateway", ())
        return report.model_dump(mode="json")

    mover = ClockMover(
        parts.worker,
        ClockReports(gateway.upstreams, parts.tokens, own).ask,
        gateway.authenticator.forget,
        settings.clock_batch_size,
        settings.clock_lease_seconds,
        settings.clock_pause_ms / 1000,
    )
    return Worker("advance_clocks", mover.step, settings.clock_interval_seconds)


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

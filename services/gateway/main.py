"""The gateway: the public API of the platform. `python -m services.gateway.main`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from fastapi import FastAPI
from joserfc.jwk import OctKey
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from services.gateway.audit_log import api as audit_log
from services.gateway.canonical.api import provider_webhooks as providers
from services.gateway.canonical.api import routes as canonical
from services.gateway.clocks import api as sandbox
from services.gateway.clocks.workers.advance import ClockMover
from services.gateway.clocks.workers.reports import ClockReports
from services.gateway.console.api import api_keys as console_api_keys
from services.gateway.console.api import sign_in as console
from services.gateway.dead_letters import api as dead_letters
from services.gateway.descriptions.api import docs, openapi
from services.gateway.dialects import api as dialects
from services.gateway.dialects.common.dialect import Dialect
from services.gateway.dialects.facturering.routes import FACTURERING
from services.gateway.dialects.fastfaktura.routes import FASTFAKTURA
from services.gateway.dialects.paydock.routes import PAYDOCK
from services.gateway.dialects.workspace.routes import WORKSPACE
from services.gateway.edge import shedding
from services.gateway.edge.addresses import Addresses
from services.gateway.edge.attempts import Attempts
from services.gateway.edge.authentication import Authenticator
from services.gateway.edge.cors import Origins
from services.gateway.edge.entry import Edge, Entry
from services.gateway.edge.exchange import Exchange
from services.gateway.edge.gateway import Gateway
from services.gateway.edge.jwks import Jwks, require_usable
from services.gateway.edge.limits import Limits
from services.gateway.edge.protection import Protection
from services.gateway.edge.shedding import Shedder
from services.gateway.edge.token_bucket import Buckets
from services.gateway.edge.users import FindKey, Issuer, Issuers, fixed
from services.gateway.explanations.api import routes as explanations
from services.gateway.keys import api as api_keys
from services.gateway.keys.repository import note_use
from services.gateway.landing import api as landing
from services.gateway.memberships import api as memberships
from services.gateway.payer_pages import api as public_pages
from services.gateway.payer_pages.edge import LinkHolders
from services.gateway.portal import api as portal
from services.gateway.settings import IssuerSettings, Settings
from services.gateway.upstream import Upstreams
from services.gateway.workspaces import api as workspaces
from shared.environment import read_settings
from shared.kernel.json import JsonObject
from shared.kernel.public_link import LinkKeys
from shared.messaging.handlers import Handlers
from shared.postgres.pool import PoolLimits, create_pool
from shared.runtime import time_machine
from shared.runtime.service import Parts, Service, build, run
from shared.runtime.settings import Role
from shared.runtime.worker import Worker

EXAMPLES = Path(__file__).parent / "static" / "examples.json"

SHED_PAUSE_SECONDS = 0.05
# The console's last: it answers for every path below its own.
ROUTED = (
    workspaces,
    dead_letters,
    api_keys,
    audit_log,
    memberships,
    sandbox,
    portal,
    explanations,
    providers,
    public_pages,
    openapi,
    docs,
    landing,
    console_api_keys,
    console,
)


def make(role: Role) -> tuple[FastAPI, Settings]:
    """The gateway's app for this role, and its settings."""
    settings = read_settings(Settings)
    key_sets = make_key_sets(settings)

    def resources(parts: Parts, app: FastAPI) -> Sequence[Callable[[], Awaitable[object]]]:
        upstreams = Upstreams(
            settings.upstream_urls, settings.upstream_timeout_seconds, settings.upstream_max_connections
        )
        authenticator = make_authenticator(settings, parts, key_sets)
        edge = app.state.edge = make_edge(settings, authenticator)
        exchange = app.state.exchange = Exchange(parts.worker, edge.limits)
        app.state.gateway = Gateway(authenticator, upstreams, settings.admin_token, settings.api_key_pepper)
        app.state.visitors = make_visitors(settings, authenticator)
        app.state.descriptions = openapi.Descriptions(settings.openapi_cache_seconds, parts.tokens)
        return (
            upstreams.close,
            authenticator.close,
            *(keys.close for keys in key_sets),
            noting_use(authenticator, parts, settings),
            watching_edge(edge, exchange, settings),
        )

    service = Service(
        name="gateway",
        title="Gateway",
        settings=settings,
        routers=[one.router for one in ROUTED],
        examples=EXAMPLES,
        handlers=Handlers(),
        resources=resources,
        pruned={"console_session": ("expires_at", 0)},
        workers=lambda parts: [clock_mover(app.state.gateway, parts, settings)],
    )
    app = build(service, role)
    # Innermost: what it refuses has its request id already.
    app.user_middleware.append(Middleware(Entry))
    app.state.dialects = _dialects(settings)
    _put_in_order(app)
    return app, settings


def _put_in_order(app: FastAPI) -> None:
    app.add_exception_handler(HTTPException, landing.on_http_error)
    # First of all, since nearly every request is one of these.
    spoken = [dialects.DialectRoute(dialect, prefix) for dialect, prefix in app.state.dialects]
    app.router.routes[:] = [canonical.Forwarded(), *spoken, *app.router.routes]


def _dialects(settings: Settings) -> Sequence[tuple[Dialect, str]]:
    return (
        (PAYDOCK, settings.paydock_prefix),
        (WORKSPACE, settings.workspace_prefix),
        (FASTFAKTURA, settings.fastfaktura_prefix),
        (FACTURERING, settings.facturering_prefix),
    )


def make_visitors(settings: Settings, authenticator: Authenticator) -> LinkHolders:
    """Reads links to invoices, with the keys that sign them."""
    keys = LinkKeys.parse(settings.public_link_keys)
    return LinkHolders(authenticator, keys, settings.public_base_url.rstrip("/"))


def make_authenticator(settings: Settings, parts: Parts, key_sets: Sequence[Jwks] = ()) -> Authenticator:
    """Knows keys, and users of the issuers that are configured."""
    pool = PoolLimits(min_size=1, max_size=settings.postgres_auth_pool_max)
    by_url = {keys.url: keys for keys in key_sets}
    return Authenticator(
        open_pool=lambda: create_pool(settings.postgres_auth_dsn, "gateway-auth", pool),
        tokens=parts.tokens,
        issuers=Issuers([_issuer(one, by_url) for one in settings.issuers]),
        pepper=settings.api_key_pepper,
        cache_seconds=settings.credential_cache_seconds,
        sandbox_cache_seconds=settings.sandbox_cache_seconds,
        attempts=Attempts(settings.failed_attempts_per_minute),
        roles=settings.roles,
    )


def make_key_sets(settings: Settings) -> list[Jwks]:
    """The key sets of issuers that have one; raises UnusableAddress."""
    urls = {one.jwks_url for one in settings.issuers if one.jwks_url}
    return [Jwks(require_usable(url, settings.jwks_allow_loopback)) for url in sorted(urls)]


def _issuer(one: IssuerSettings, by_url: Mapping[str, Jwks]) -> Issuer:
    find: FindKey | None = by_url[one.jwks_url].find if one.jwks_url else None
    if one.secret:
        find = fixed(OctKey.import_key(one.secret.get_secret_value()))
    assert find is not None
    claim = tuple(name for name in one.workspaces_claim.split(".") if name)
    return Issuer(one.issuer, one.audience, one.algorithms, find, claim, one.default_role)


def make_edge(settings: Settings, authenticator: Authenticator) -> Edge:
    """What decides about each request."""
    by_address, by_provider = settings.address_requests_per_second, settings.provider_requests_per_second
    return Edge(
        authenticator=authenticator,
        limits=Limits(
            settings.key_requests_per_second,
            settings.key_requests_burst,
            settings.workspace_requests_in_flight,
        ),
        addresses=Addresses(settings.trusted_proxies),
        origins=Origins(authenticator.database, settings.origin_cache_seconds),
        by_address=Buckets(by_address, 2 * by_address),
        by_provider=Buckets(by_provider, 2 * by_provider),
        shedder=Shedder(settings.shed_target_seconds, settings.shed_interval_seconds),
        protection=Protection(settings.hsts_seconds),
        request_timeout_seconds=settings.request_timeout_seconds,
        guarded=("/v1/", *(f"{prefix}/" for _, prefix in _dialects(settings))),
    )


def watching_edge(edge: Edge, exchange: Exchange, settings: Settings) -> Callable[[], Awaitable[object]]:
    """Start measuring waits and sharing limits, in every role that answers requests; returns how to stop."""
    pace, rest = settings.limits_interval_seconds, settings.worker_rest_seconds
    worker = Worker("share_limits", exchange.step, pace, rest_seconds=rest, next_due_in=exchange.next_due_in)
    edge.limits.after_first_use = worker.nudge
    sharing = asyncio.create_task(worker.run())
    measuring = asyncio.create_task(shedding.watch(edge.shedder, SHED_PAUSE_SECONDS))

    async def stop() -> None:
        measuring.cancel()
        worker.stop()
        await sharing
        await exchange.leave()

    return stop


def clock_mover(gateway: Gateway, parts: Parts, settings: Settings) -> Worker:
    """Moves the clocks of sandboxes."""

    async def own(workspace_id: UUID, question: JsonObject) -> JsonObject:
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
) -> Callable[[], Awaitable[object]]:
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

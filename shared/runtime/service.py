"""Puts a service together and runs it: pools, relay, consumer, workers and HTTP, in the right order."""

import argparse
import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import asyncpg
import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from shared.environment import read_settings
from shared.events import fitting
from shared.http import audit_log, queries
from shared.http.app import create_app
from shared.http.gathered import GatheredPosts, HotPost
from shared.http.internal_auth import InternalTokens
from shared.messaging.broker import TopicSubscriber
from shared.messaging.consumer import Consumer
from shared.messaging.handlers import Handlers
from shared.messaging.relay import Relay
from shared.messaging.settings import KafkaSettings
from shared.messaging.work import Writer
from shared.postgres.pool import create_pool
from shared.postgres.transaction import Database
from shared.postgres.vitals import watch_pool
from shared.runtime import description, health, logging, operator, time_machine
from shared.runtime.auditing import SEAL_INTERVAL_SECONDS, WATCH_INTERVAL_SECONDS, Chains
from shared.runtime.bell import Bell
from shared.runtime.exposition import serve_metrics, while_watched
from shared.runtime.measuring import measuring
from shared.runtime.protocol import BoundedProtocol
from shared.runtime.pruning import pruning
from shared.runtime.settings import Role, ServiceSettings
from shared.runtime.startup import open_when_there
from shared.runtime.tracing import traced
from shared.runtime.worker import Worker

LETTERS_INTERVAL_SECONDS = 1.0
log = structlog.get_logger()


@dataclass(slots=True)
class Parts:
    """What is running of a service; handed to its workers and to the health routes."""

    api: Database
    worker: Database
    tokens: InternalTokens
    bell: Bell
    relay: Relay | None = None
    consumer: Consumer | None = None
    subscription: TopicSubscriber | None = None
    workers: list[Worker] = field(default_factory=list)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    is_stopping: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """What a service is made of. `workers` and `resources` are called once the pools are open."""

    name: str
    title: str
    settings: ServiceSettings
    routers: Sequence[APIRouter]
    handlers: Handlers
    workers: Callable[[Parts], Sequence[Worker]] = lambda parts: ()
    # Clients and the like: (parts, app) → what to await at the end.
    resources: Callable[[Parts, FastAPI], Sequence[Callable[[], Awaitable[Any]]]] = lambda parts, app: ()
    pruned: dict[str, tuple[str, int]] = field(default_factory=dict)
    # Hot routes among those of the routers.
    gathered: Sequence[HotPost] = ()
    # When the workspace has something due here next, for the time machine; in its own time.
    next_due_at: time_machine.NextDue = time_machine.nothing_due
    # What adds rows of its own to the events of a unit of work, in its transaction.
    writers: Sequence[Writer] = ()
    # What its OpenAPI document shows: `static/examples.json` of the service.
    examples: Path | None = None


def build(service: Service, role: Role) -> FastAPI:
    """The service's app; its lifespan starts and stops everything else."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _running(service, role, app):
            yield

    fitting.configure(service.settings.public_base_url)
    app = create_app(service.name, service.title, lifespan, service.examples)
    health.add_routes(app, service.name, role)
    if role != "worker":
        for router in service.routers:
            queries.require_held(router)
            app.include_router(router)
        if service.gathered and service.settings.gather_writes:
            app.user_middleware.append(Middleware(GatheredPosts, posts=service.gathered))
        # Whoever hears nothing has no part in it: the gateway, which asks the others.
        if service.handlers.topics:
            app.include_router(audit_log.router)
            app.include_router(time_machine.make_router(service.name, service.handlers, service.next_due_at))
            app.include_router(operator.router)
            app.include_router(description.router)
    return app


@contextlib.asynccontextmanager
async def _running(service: Service, role: Role, app: FastAPI) -> AsyncIterator[None]:
    settings = service.settings
    async with contextlib.AsyncExitStack() as stack:
        pools = [await _pool(stack, dsn, service) for dsn in _dsns(settings)]
        api, worker = (Database(pool, settings.postgres_acquire_timeout_seconds) for pool in pools)
        parts = Parts(
            api,
            worker,
            InternalTokens(settings.internal_token_secret),
            Bell(service.name, worker, has_others=lambda: parts.relay is None or not parts.relay.is_alone),
        )
        for name, database in (("api", api), ("worker", worker)):
            database.writers += service.writers
            database.after_events.append(parts.bell.ring)
            watch_pool(service.name, name, database.pool)
        if settings.metrics_port:
            stack.callback(serve_metrics(settings.host, settings.metrics_port))
        app.state.database, app.state.tokens, app.state.parts = api, parts.tokens, parts
        app.state.after_change = parts.bell.ring
        for post in service.gathered:
            post.open(api)
            stack.push_async_callback(post.close)
        for close in service.resources(parts, app):
            stack.push_async_callback(close)
        if role != "api":
            _add_workers(service, parts)
        _start(parts)
        # What lived through the start will live on: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        log.info("service.started", role=role, port=settings.port)
        try:
            yield
        finally:
            await _stop(parts, settings.graceful_timeout_seconds)
            log.info("service.stopped", role=role)


def _dsns(settings: ServiceSettings) -> tuple[str, str]:
    return settings.postgres_api_dsn, settings.postgres_worker_dsn


async def _pool(
    stack: contextlib.AsyncExitStack, dsn: str, service: Service
) -> "asyncpg.Pool[asyncpg.Record]":
    limits = service.settings.pool_limits
    pool = await open_when_there(lambda: create_pool(dsn, service.name, limits), dsn)
    stack.push_async_callback(pool.close)
    return pool


def _add_workers(service: Service, parts: Parts) -> None:
    kafka, settings = read_settings(KafkaSettings), service.settings
    parts.relay = Relay(parts.worker, kafka, service.name)
    for database in (parts.api, parts.worker):
        database.after_events.append(parts.relay.notify)
    if service.handlers.topics:
        parts.consumer = Consumer(service.name, parts.worker, service.handlers, kafka)
        parts.subscription = TopicSubscriber(service.name, service.handlers.subscribed, parts.consumer, kafka)
    pruned = {
        "inbox": ("received_at", settings.inbox_retention_days),
        "idempotency_key": ("created_at", settings.idempotency_retention_days),
        "sandbox_event": ("relayed_at", settings.sandbox_event_retention_days),
    }
    if parts.consumer:
        pruned["dead_letter"] = ("ended_at", settings.inbox_retention_days)
    chains = Chains(service.name, parts.worker)
    parts.workers = [
        *service.workers(parts),
        pruning(parts.worker, pruned | service.pruned, settings.pruning_interval_seconds),
        _watched(measuring(service.name, parts.worker, parts.subscription, settings.gauges_interval_seconds)),
        Worker("seal-audit-log", chains.seal, SEAL_INTERVAL_SECONDS),
        Worker("watch-audit-log", chains.watch, WATCH_INTERVAL_SECONDS),
    ]
    if parts.consumer:
        parts.workers.append(Worker("dead-letters", parts.consumer.try_letter, LETTERS_INTERVAL_SECONDS))
        parts.consumer.after_applying.append(partial(time_machine.hurry, parts.workers))
        parts.consumer.after_applying.append(lambda applied: parts.bell.ring() if applied else None)
    for worker in parts.workers:
        if not worker.never_rests and worker.interval_seconds < settings.worker_rest_seconds:
            worker.rest_seconds = settings.worker_rest_seconds
    parts.bell.sleepers += [worker.nudge for worker in parts.workers]
    parts.bell.far_sleepers.append(parts.relay.notify)


def _watched(worker: Worker) -> Worker:
    return replace(worker, step=while_watched(worker.step))


def _start(parts: Parts) -> None:
    parts.tasks["tell"] = asyncio.create_task(parts.bell.tell())
    if parts.relay:
        parts.tasks["listen"] = asyncio.create_task(parts.bell.listen())
        parts.tasks["relay"] = asyncio.create_task(parts.relay.run())
    for worker in parts.workers:
        parts.tasks[worker.name] = asyncio.create_task(worker.run())
    if parts.subscription:
        parts.tasks["subscription"] = asyncio.create_task(_subscribe(parts.subscription))


async def _subscribe(subscription: TopicSubscriber) -> None:
    """Join the group, again and again until Kafka answers: the API must not wait for it."""
    pause = 0.5
    while True:
        try:
            return await subscription.start()
        except Exception as error:
            log.warning("consumer.not_started", error=repr(error), pause_seconds=pause)
            with contextlib.suppress(Exception):
                await subscription.stop()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10.0)


async def _stop(parts: Parts, timeout_seconds: float) -> None:
    parts.is_stopping = True
    for name in ("subscription", "tell", "listen"):
        if task := parts.tasks.pop(name, None):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    if parts.subscription:
        with contextlib.suppress(Exception):
            await parts.subscription.stop()
    for worker in parts.workers:
        worker.stop()
    if parts.relay:
        parts.relay.stop()
    if parts.tasks:
        _, late = await asyncio.wait(parts.tasks.values(), timeout=timeout_seconds)
        for task in late:
            task.cancel()


class _Server(uvicorn.Server):
    """Leaves with 0 after SIGTERM; uvicorn would raise the signal again and end with 143.

    Before it leaves it says so for a while: not ready, and each answer closes its connection, so that callers
    and balancers have gone elsewhere by the time that it hangs up.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI, drain_seconds: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain_seconds = drain_seconds
        self._is_draining = False
        self._is_leaving = asyncio.Event()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to leave; told again, leave now; told before it has started, leave at once."""
        if not self.started:
            # It may be waiting for a database, and uvicorn would wait with it. Nothing was begun yet.
            log.info("service.stopped", reason="told to before it had started")
            os._exit(0)
        # Also those who wait for something to happen are told now, so that nothing is in their way.
        self._app.state.parts.is_stopping = True
        if self._is_draining or not self._drain_seconds:
            self._leave(sig, frame)
            return
        self._is_draining = True
        closing = (b"connection", b"close")
        self.config.encoded_headers.append(closing)
        self.server_state.default_headers = [*self.server_state.default_headers, closing]
        asyncio.get_running_loop().call_later(self._drain_seconds, self._leave, sig, frame)

    async def main_loop(self) -> None:
        """Until told to leave; uvicorn would look ten times a second, here the date alone needs a tick."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._is_leaving.wait()

    def _leave(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._is_leaving.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def run(make: Callable[[Role], tuple[FastAPI, ServiceSettings]], service: str) -> None:
    """A service's command line: `--role all|api|worker`."""
    parser = argparse.ArgumentParser(prog=f"python -m services.{service}.main")
    parser.add_argument("--role", choices=("all", "api", "worker"), default="all")
    app, settings = make(parser.parse_args().role)
    logging.configure(service, settings.log_level, settings.log_format)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=BoundedProtocol,
        access_log=False,
        log_config=None,
        server_header=False,
        # Who may say for whom a request comes is the gateway's own setting.
        proxy_headers=False,
        timeout_graceful_shutdown=settings.graceful_timeout_seconds,
    )
    gc.set_threshold(20_000, 50, 100)
    with (
        traced(service, settings.otel_exporter_otlp_endpoint),
        asyncio.Runner(loop_factory=config.get_loop_factory()) as runner,
    ):
        runner.run(_Server(config, app, settings.drain_seconds).serve())

"""Wiring of webhook delivery: settings → pools → consumer, deliverer and API."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from services.webhook_delivery.common.api.dependencies import Tools
from services.webhook_delivery.deliveries.api import endpoint_stats
from services.webhook_delivery.deliveries.api import routes as deliveries
from services.webhook_delivery.deliveries.api import send_test as endpoint_test
from services.webhook_delivery.deliveries.api import timeline as attempts_about
from services.webhook_delivery.deliveries.channels.http1 import Http1Transport
from services.webhook_delivery.deliveries.channels.sender import Transport
from services.webhook_delivery.deliveries.operations.handoff import Handoff
from services.webhook_delivery.deliveries.workers import upkeep
from services.webhook_delivery.deliveries.workers.deliverer import Deliverer, DelivererLimits
from services.webhook_delivery.deliveries.workers.dispatch_queue import QueueLimits
from services.webhook_delivery.deliveries.workers.outcome_writer import OutcomeWriter
from services.webhook_delivery.endpoints.api import routes as endpoints
from services.webhook_delivery.endpoints.api import secrets as endpoint_secrets
from services.webhook_delivery.endpoints.operations.subscriber_cache import SubscriberCache
from services.webhook_delivery.event_types.api import routes as event_types
from services.webhook_delivery.event_types.api import webhooks
from services.webhook_delivery.events import api as events
from services.webhook_delivery.events import repository as feed
from services.webhook_delivery.events.operations import Waiters
from services.webhook_delivery.jobs import api as endpoint_jobs
from services.webhook_delivery.jobs import workers as jobs
from services.webhook_delivery.messages import api as messages
from services.webhook_delivery.messages import consumers as every_event
from services.webhook_delivery.settings import Settings
from shared.environment import read_settings
from shared.kernel.addresses import Egress, networks
from shared.kernel.key_ring import KeyRing
from shared.messaging import workspaces
from shared.postgres.transaction import Database
from shared.runtime.exposition import while_watched
from shared.runtime.service import Parts, Service, build, run
from shared.runtime.settings import Role
from shared.runtime.worker import Worker

EXAMPLES = Path(__file__).parent / "static" / "examples.json"

NAME = "webhook_delivery"
MODULES = (
    attempts_about,
    endpoints,
    endpoint_secrets,
    endpoint_test,
    endpoint_jobs,
    endpoint_stats,
    messages,
    deliveries,
    events,
    event_types,
)
# One for each partition of the table: row ids are unique only within one.
DEDUP_TABLES = [f"message_dedup_{number}" for number in range(4)]
Closers = list[Callable[[], Awaitable[Any]]]


def make(role: Role) -> tuple[FastAPI, Settings]:
    """The service's app and its settings."""
    settings = read_settings(Settings)
    wiring = Wiring(settings, role)
    handlers = every_event.handlers(wiring.subscribers, wiring.handoff)
    handlers.include(workspaces.handlers)
    service = Service(
        name=NAME,
        title="Webhook delivery",
        settings=settings,
        routers=[router for module in MODULES for router in module.ROUTERS],
        examples=EXAMPLES,
        handlers=handlers,
        workers=wiring.workers,
        resources=wiring.resources,
        gathered=[messages.gathered(wiring.subscribers, wiring.handoff)],
        pruned={
            **dict.fromkeys(DEDUP_TABLES, ("day", settings.event_id_retention_days)),
            "job": ("created_at", settings.job_retention_days),
            "feed_resend": ("resent_at", settings.message_retention_days),
        },
    )
    app = build(service, role)
    webhooks.describe(app)
    return app, settings


@dataclass(slots=True)
class Wiring:
    """What is made once the pools are open, and what of it repeats its steps."""

    settings: Settings
    role: Role
    subscribers: SubscriberCache = field(init=False)
    handoff: Handoff = field(default_factory=Handoff)
    delivering: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.subscribers = SubscriberCache(self.settings.subscription_cache_workspaces)

    def resources(self, parts: Parts, app: FastAPI) -> Closers:
        """The tools of the API and, where there are workers, the deliverer; closed in reverse order."""
        egress = Egress(networks(self.settings.egress_allow_cidrs.split(",")), self.settings.allow_http)
        ring = KeyRing.parse(self.settings.encryption_keys)
        transport = Http1Transport(egress, self.settings.delivery_slots)
        app.state.key_ring = ring
        app.state.tools = Tools(ring, egress)
        app.state.subscribers, app.state.handoff, app.state.transport = (
            self.subscribers,
            self.handoff,
            transport,
        )
        waiters = app.state.waiters = Waiters(partial(feed_heads, parts.worker), lambda: parts.is_stopping)
        self.handoff.wake_readers = waiters.wake
        if self.role == "api":
            return [transport.close, waiters.close]
        return [transport.close, waiters.close, self._deliverer(parts, transport, ring).close]

    def workers(self, parts: Parts) -> Sequence[Worker]:
        """Everything that the clock sets going."""
        database, days = parts.worker, self.settings.partition_days_ahead
        kept_days = self.settings.partition_days
        sealing = upkeep.HeaderSealing(database, KeyRing.parse(self.settings.encryption_keys))
        return [
            Worker("partitions", partial(upkeep.make_partitions, database, days), 3_600),
            Worker("retention", partial(upkeep.drop_partitions, database, kept_days), 3_600),
            *self.delivering,
            Worker("header-sealing", sealing.step, self.settings.header_sealing_seconds),
            Worker("jobs", partial(jobs.step, database, self.handoff, self.settings.job_rest_seconds), 1),
            Worker("dead-queues", partial(upkeep.empty_dead_queues, database), 5),
            Worker("delivery-counts", while_watched(partial(upkeep.count_due, database)), 15),
        ]

    def _deliverer(self, parts: Parts, transport: Transport, ring: KeyRing) -> Deliverer:
        settings, limits = self.settings, limits_of(self.settings)
        wait_seconds = settings.outcome_flush_wait_ms / 1000
        writer = OutcomeWriter(parts.worker, self.handoff, settings.outcome_flush_rows, wait_seconds)
        deliverer = Deliverer(parts.worker, transport, ring, writer, handoff=self.handoff, limits=limits)
        deliver = Worker("deliver", deliverer.step, limits.poll_seconds, next_due_in=deliverer.next_due_in)
        outcomes = Worker("outcomes", writer.step, 1)
        lines = Worker("delivery-lines", partial(upkeep.promote_heads, parts.worker, self.handoff), 1)
        # Whatever is written of a delivery may let the next one of its line go.
        writer.after_write = lines.nudge
        deliverer.wake_step, writer.wake_step = deliver.wake, outcomes.wake
        self.delivering += [
            Worker("delivery-shards", deliverer.keep_shards, limits.shard_seconds / 4, never_rests=True),
            deliver,
            outcomes,
            Worker("delivery-leases", deliverer.renew, limits.lease_seconds / 3, never_rests=True),
            Worker("delivery-targets", deliverer.refresh, 1),
            lines,
        ]
        return deliverer


async def feed_heads(database: Database, workspace_ids: list[UUID]) -> dict[UUID, int]:
    """Where the feeds of these workspaces stand."""
    async with database.transaction() as tx:
        return await feed.heads(tx, workspace_ids)


def limits_of(settings: Settings) -> DelivererLimits:
    """The limits of the deliverer."""
    return DelivererLimits(
        room=QueueLimits(
            settings.delivery_slots, settings.delivery_queue, settings.delivery_queue_per_endpoint
        ),
        claim_batch=settings.delivery_claim_batch,
        poll_seconds=settings.delivery_poll_seconds,
        lease_seconds=settings.delivery_lease_seconds,
        shard_seconds=settings.delivery_shard_seconds,
        drain_seconds=settings.delivery_drain_seconds,
    )


if __name__ == "__main__":
    run(make, NAME)

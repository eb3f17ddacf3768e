"""Helpers for collection: a sandbox workspace with a method, invoices to collect, a worker to step."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from services.payment.collections.consumers import dunning
from services.payment.collections.consumers import invoice as charged_invoice
from services.payment.collections.domain.collection import Delays
from services.payment.collections.workers import Collector, Limits
from services.payment.contacts import consumers as contact
from services.payment.payment_methods.workers import PaymentMethods
from services.payment.provider_events.workers import ProviderEvents
from services.payment.receivables.consumers import invoice
from services.payment.refunds.workers import RefundSender
from shared.events.event import Event
from shared.events.invoice import InvoiceData, InvoiceIssued
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.messaging.handlers import Handlers
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.unit.payment.builders import an_invoice

AT_ONCE = Delays.parse("0,0,0", "0,0,0", "0,0,0,0", "3600")
Json = dict[str, Any]


@dataclass
class Till:
    """The service, who asks, and workers of which a test takes the steps."""

    service: RunningService
    who: Principal
    client: httpx.AsyncClient
    delays: Delays = AT_ONCE
    contact_id: UUID = field(default_factory=new_id)

    @property
    def providers(self) -> Any:
        return self.service.app.state.tools.providers

    @property
    def engine(self) -> Any:
        """The sandbox provider's engine of the workspace."""
        return self.providers.sandbox_of(self.who.workspace_id).engine

    async def hear(self, *events: Event) -> None:
        """Apply events as the consumer does."""
        handlers = Handlers()
        for heard in (invoice, charged_invoice, contact, dunning):
            handlers.include(heard.handlers)
        async with begin(self.service.parts.worker) as unit:
            await handlers.apply(unit, list(events))

    async def keep_card(self, card: str = "success", **body: Any) -> Json:
        """A payment method of the contact made from a test card."""
        fields = {"contact_id": str(self.contact_id), "test_card": card, **body}
        reply = await self.client.post("/v1/payment-methods/setup-intents", json=fields)
        assert reply.status_code == 201, reply.text
        made: Json = (
            await self.client.get(f"/v1/payment-methods/{reply.json()['payment_method_id']}")
        ).json()
        return made

    async def issue(self, **overrides: Any) -> InvoiceData:
        """An invoice of the contact that is charged automatically."""
        fields = {"contact_id": self.contact_id, "collection_method": "charge_automatically", **overrides}
        issued = an_invoice(**fields)
        await self.hear(InvoiceIssued.of(self.who.workspace_id, issued))
        return issued

    def collector(self, delays: Delays | None = None, **options: Any) -> Collector:
        """A worker's collector of its own."""
        limits = Limits(**options)
        return Collector(self.service.parts.worker, self.providers, delays or self.delays, limits)

    async def collect(self, steps: int = 20, collector: Collector | None = None) -> None:
        """Take steps until nothing is due."""
        collector = collector or self.collector()
        for _ in range(steps):
            has_more = await collector.step()
            await collector.close()
            if not has_more:
                return
            await asyncio.sleep(0.002)

    def refunds(self) -> RefundSender:
        """A worker's sender of refunds."""
        return RefundSender(self.service.parts.worker, self.providers, self.delays)

    def events(self) -> ProviderEvents:
        """A worker's reader of hints."""
        return ProviderEvents(self.service.parts.worker, self.providers)

    def methods(self) -> PaymentMethods:
        """A worker's keeper of methods."""
        return PaymentMethods(self.service.parts.worker, self.providers)

    async def payments(self, **filters: Any) -> list[Json]:
        """The workspace's payments, oldest first."""
        reply = await self.client.get("/v1/payments", params=filters)
        assert reply.status_code == 200, reply.text
        found: list[Json] = reply.json()["data"]
        return found[::-1]

    async def charges(self) -> list[int]:
        """What the provider charged."""
        return [charge["amount"] for charge in await self.engine.find("charge")]

    async def recorded(self) -> list[tuple[str, int]]:
        """Type and sequence of the payments' events, in order."""
        async with self.service.parts.worker.transaction() as tx:
            rows = await tx.fetch(
                "SELECT type, aggregate_seq FROM outbox WHERE aggregatetype = 'payment' ORDER BY position"
            )
        return [(row["type"], row["aggregate_seq"]) for row in rows]

"""A running subscription-renewal service with a contact and a product that it has heard of."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

import httpx
import pytest

from services.subscription_renewal import main
from services.subscription_renewal.copies.consumers import business, contact, product
from services.subscription_renewal.runs.domain.run import Bounds
from services.subscription_renewal.subscriptions.domain.cycle import Limits
from services.subscription_renewal.subscriptions.operations.renewing import Pace
from services.subscription_renewal.subscriptions.workers import renew_due
from shared.events.business import BusinessData, BusinessUpdated
from shared.events.contact import ContactCreated, ContactData
from shared.events.event import Event
from shared.events.product import ProductCreated, ProductData
from shared.events.workspace import WorkspaceClockAdvanced, WorkspaceCreated, WorkspaceData
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.conftest import StartService

NOBODY = "http://127.0.0.1:9"
NOW = datetime(2026, 4, 11, 9, 0, tzinfo=UTC)
Json: TypeAlias = dict[str, Any]
PACE = Pace(batch_size=100, limits=Limits(), bounds=Bounds())
Renew: TypeAlias = Callable[..., Awaitable[int]]


@pytest.fixture(scope="session")
def schemas() -> list[str]:
    return ["subscription_renewal"]


@pytest.fixture
def who(a_principal: Callable[..., Principal]) -> Principal:
    """Who asks, in a new workspace."""
    return a_principal()


@pytest.fixture
async def service(start_service: StartService) -> RunningService:
    """The service's API; the owner of contacts cannot be reached, and no worker runs by itself."""
    return await start_service(main.make, "subscription_renewal", role="api", INVOICE_URL=NOBODY)


@pytest.fixture
async def client(service: RunningService, who: Principal) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks for `who`."""
    async with service.client(who) as open_client:
        yield open_client


@pytest.fixture
async def contact_id(service: RunningService, who: Principal) -> UUID:
    """A contact that the service has heard of."""
    return await a_contact(service, who.workspace_id)


@pytest.fixture
def renew(service: RunningService) -> Renew:
    """Lets the worker do all that is due at an instant of real time; returns how many batches it took."""

    async def run(now: datetime, pace: Pace = PACE) -> int:
        count = 0
        while await renew_due(service.parts.worker, pace, now):
            count += 1
        return count

    return run


async def hear(service: RunningService, *events: Event) -> None:
    """Apply events as the consumer does, in one transaction of the worker."""
    handlers = Handlers()
    for heard in (workspaces, business, contact, product):
        handlers.include(heard.handlers)
    async with begin(service.parts.worker) as unit:
        await handlers.apply(unit, list(events))


async def a_contact(service: RunningService, workspace_id: UUID, **fields: Any) -> UUID:
    """A contact that the service has heard of."""
    given: Json = {"id": new_id(), "version": 1, "created_at": NOW, "updated_at": NOW, "name": "Jansen BV"}
    data = ContactData(**given | fields)
    await hear(service, ContactCreated.of(workspace_id, data))
    await a_business(service, workspace_id)
    return data.id


async def a_business(service: RunningService, workspace_id: UUID, **fields: Any) -> None:
    """The workspace's profile, heard of; by default it is the one that everybody begins with."""
    given: Json = {
        "id": workspace_id,
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
        "name": "",
        "currency": "EUR",
        "payment_terms_days": 30,
        "rounding_level": "total",
        "rounding_mode": "half_up",
        "number_formats": {},
    }
    await hear(service, BusinessUpdated.of(workspace_id, BusinessData(**given | fields)))


async def a_product(service: RunningService, workspace_id: UUID, **fields: Any) -> ProductData:
    """A product that the service has heard of."""
    given: Json = {
        "id": new_id(),
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
        "name": "Licentie",
        "unit_price": Decimal(89),
        "currency": "EUR",
        "tax_rate": Decimal(21),
        "tax_behavior": "inclusive",
    }
    data = ProductData(**given | fields)
    await hear(service, ProductCreated.of(workspace_id, data))
    return data


async def a_sandbox(service: RunningService, who: Principal, ahead: timedelta) -> Principal:
    """The workspace of `who` as a sandbox whose clock is so far ahead."""
    data = WorkspaceData(
        id=who.workspace_id,
        version=int(ahead.total_seconds()) + 1,
        created_at=NOW,
        updated_at=NOW,
        slug=who.workspace_id.hex,
        name="Sandbox",
        mode="sandbox",
        zone="Europe/Amsterdam",
        currency="EUR",
        clock_offset_ms=int(ahead.total_seconds() * 1000),
    )
    event = WorkspaceClockAdvanced if ahead else WorkspaceCreated
    await hear(service, event.of(who.workspace_id, data))
    return replace(who, mode="sandbox", clock_offset_ms=data.clock_offset_ms)


async def subscribed(client: httpx.AsyncClient, contact_id: UUID, **fields: Any) -> Json:
    """A subscription, created: monthly, 10.00 EUR, from now on."""
    lines = [{"description": "Plan", "unit_price": "10"}]
    body = {"contact_id": str(contact_id), "interval": "month", "lines": lines, "timezone": "UTC", **fields}
    if "product_id" in fields:
        del body["lines"]
    reply = await client.post("/v1/subscriptions", json=body)
    assert reply.status_code == 201, reply.text
    found: Json = reply.json()
    return found


async def fetched(client: httpx.AsyncClient, subscription_id: str) -> Json:
    """The subscription as it is now."""
    found: Json = (await client.get(f"/v1/subscriptions/{subscription_id}")).json()
    return found


async def periods(client: httpx.AsyncClient, subscription_id: str) -> list[Json]:
    """What was billed of it, oldest first."""
    reply = await client.get(f"/v1/subscriptions/{subscription_id}/periods")
    assert reply.status_code == 200, reply.text
    return list(reversed(reply.json()["data"]))


async def events_of(service: RunningService, workspace_id: UUID) -> list[tuple[str, int]]:
    """What waits in the outbox for this workspace: type and sequence, in order."""
    async with service.parts.worker.transaction() as tx:
        rows = await tx.fetch(
            "SELECT type, aggregate_seq FROM outbox WHERE headers->>'ce_workspaceid' = $1 ORDER BY position",
            str(workspace_id),
        )
    return [(row["type"], row["aggregate_seq"]) for row in rows]

"""A running payment service, invoices for it to hear of, and a stand-in for a broken owner of invoices."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias
from uuid import UUID

import httpx
import pytest
from aiohttp import web

from services.payment import main
from services.payment.contacts import consumers as contact
from services.payment.ledger.operations import prove
from services.payment.receivables.consumers import credit_note, invoice
from services.payment.released_credits import consumers as subscription
from shared.events.contact import ContactCreated, ContactData
from shared.events.event import Event
from shared.events.invoice import InvoiceData, InvoiceIssued
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.messaging.handlers import Handlers
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.unit.payment.builders import NOW, an_invoice

NOBODY = "http://127.0.0.1:9"
Json: TypeAlias = dict[str, Any]
Issue: TypeAlias = Callable[..., Awaitable[InvoiceData]]


@pytest.fixture(scope="session")
def schemas() -> list[str]:
    return ["payment"]


@pytest.fixture
def who(a_principal: Callable[..., Principal]) -> Principal:
    """Who asks, in a new workspace."""
    return a_principal()


@pytest.fixture
async def service(start_service: Any) -> AsyncIterator[RunningService]:
    """The payment service; the owner of invoices cannot be reached. At the end its money is proved."""
    running: RunningService = await start_service(main.make, "payment", role="api", INVOICE_URL=NOBODY)
    yield running
    assert await unproved(running) == []


@pytest.fixture
async def client(service: RunningService, who: Principal) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks for `who`."""
    async with service.client(who) as open_client:
        yield open_client


@pytest.fixture
def issue(service: RunningService, who: Principal) -> Issue:
    """Lets the service hear of an issued invoice: `await issue(total_minor=100)`."""

    async def heard(**overrides: Any) -> InvoiceData:
        data = an_invoice(**overrides)
        await hear(service, InvoiceIssued.of(who.workspace_id, data))
        return data

    return heard


async def hear(service: RunningService, *events: Event) -> None:
    """Apply events as the consumer does, in one transaction of the worker."""
    handlers = Handlers()
    handlers.include(invoice.handlers)
    handlers.include(contact.handlers)
    handlers.include(credit_note.handlers)
    handlers.include(subscription.handlers)
    async with begin(service.parts.worker) as unit:
        await handlers.apply(unit, list(events))


async def unproved(service: RunningService) -> list[str]:
    """Which identities of money do not hold, and of what."""
    async with service.parts.worker.transaction() as tx:
        return [f"{found.name}: {found.faults}" for found in await prove(tx) if found.fault_count]


async def balances(client: httpx.AsyncClient, **filters: Any) -> dict[str, int]:
    """What stands in the workspace's ledger accounts that are not empty, by type (and method)."""
    reply = await client.get("/v1/ledger/accounts", params={"limit": 500, **filters})
    assert reply.status_code == 200, reply.text
    sums: dict[str, int] = {}
    for account in reply.json()["data"]:
        name = account["type"] + (f" {account['method']}" if account["method"] else "")
        sums[name] = sums.get(name, 0) + account["balance_minor"]
    return {name: minor for name, minor in sums.items() if minor}


async def a_known_contact(service: RunningService, workspace_id: UUID) -> UUID:
    """A contact that the service has heard of."""
    data = ContactData(id=new_id(), version=1, created_at=NOW, updated_at=NOW, name="Jansen BV")
    await hear(service, ContactCreated.of(workspace_id, data))
    return data.id


async def paid(client: httpx.AsyncClient, **body: Any) -> Json:
    """A registered payment."""
    reply = await client.post("/v1/payments", json=body)
    assert reply.status_code == 201, reply.text
    found: Json = reply.json()
    return found


async def receivable_of(service: RunningService, invoice_id: Any) -> Json:
    """What the database says of an invoice's receivable."""
    async with service.parts.worker.transaction() as tx:
        row = await tx.fetchrow("SELECT * FROM receivable WHERE invoice_id = $1", invoice_id)
    return dict(row) if row else {}


async def recorded(service: RunningService) -> list[tuple[str, int]]:
    """Type and sequence of every event in the outbox, in order."""
    async with service.parts.worker.transaction() as tx:
        rows = await tx.fetch("SELECT type, aggregate_seq FROM outbox ORDER BY position")
    return [(row["type"], row["aggregate_seq"]) for row in rows]


async def counted(service: RunningService, table: str) -> int:
    """How many rows a table has."""
    async with service.parts.worker.transaction() as tx:
        found: int = await tx.fetchval(f"SELECT count(*) FROM {table}")
    return found


class Owner:
    """Answers every GET with the same status and text, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status, self.text = 200, "{}"
        self.asked: list[tuple[str, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, request.headers["authorization"]))
        return web.Response(status=self.status, text=self.text, content_type="application/json")


@pytest.fixture
async def owner() -> AsyncIterator[tuple[Owner, str]]:
    """A stand-in for the invoice service that answers what a test wants, and its address."""
    owner, app = Owner(), web.Application()
    app.router.add_get("/{path:.*}", owner.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield owner, f"http://127.0.0.1:{port}"
    await runner.cleanup()

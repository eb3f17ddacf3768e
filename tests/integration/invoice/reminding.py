"""A sandbox whose clock is set, and the reminders that its invoices get."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from services.invoice.invoices import consumers as invoices
from services.invoice.reminders import consumers as reminders
from services.invoice.reminders.workers import send_reminders
from services.invoice.sending.operations import invoice_marks
from services.invoice.time_machine import repository as due
from shared.events.payment import AllocationData, PaymentData, PaymentUpdated
from shared.events.workspace import WorkspaceCreated, WorkspaceData
from shared.http.internal_auth import Principal
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.messaging import workspaces
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import a_contact, an_invoice

ZONE = ZoneInfo("Europe/Amsterdam")
DUE = datetime(2031, 3, 3, tzinfo=ZONE)
"""The due date of these invoices: a Monday, far from any change of clocks."""


class Sandbox:
    """One workspace with its own clock, at first ten days before the due date."""

    def __init__(self, api: RunningService) -> None:
        self.api = api
        self.workspace_id = new_id()
        self.offset = timedelta(0)
        self.version = 0

    @property
    def clock(self) -> Clock:
        return Clock(self.offset)

    @property
    def client(self) -> httpx.AsyncClient:
        """A client whose requests have the workspace's time."""
        offset_ms = int(self.offset.total_seconds() * 1000)
        who = Principal(
            self.workspace_id, "test", mode="sandbox", clock_offset_ms=offset_ms, workspace_name="Test BV"
        )
        return self.api.client(who)

    async def go_to(self, days_after_due: int, hour: int = 10, minute: int = 0) -> None:
        """Set the clock to this time of a day in Amsterdam."""
        local = DUE.replace(hour=hour, minute=minute) + timedelta(days=days_after_due)
        await self.set_to(local.astimezone(UTC))

    async def set_to(self, instant: datetime) -> None:
        """Set the clock."""
        now = datetime.now(UTC)
        self.offset, self.version = instant - now, self.version + 1
        data = WorkspaceData(
            id=self.workspace_id,
            version=self.version,
            created_at=now,
            updated_at=now,
            slug="s",
            name="S",
            mode="sandbox",
            zone="Europe/Amsterdam",
            currency="EUR",
            clock_offset_ms=int(self.offset.total_seconds() * 1000),
        )
        async with begin(self.api.parts.worker) as unit:
            await workspaces.handlers.apply(unit, [WorkspaceCreated.of(self.workspace_id, data)])

    async def remind(self, **fields: Any) -> dict[str, Any]:
        """Switch reminders on, or change their settings."""
        reply = await self.client.patch("/v1/reminder-settings", json={"enabled": True, **fields})
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    async def sent_invoice(self, **fields: Any) -> dict[str, Any]:
        """An open invoice that went out ten days before it is due."""
        await self.go_to(-10)
        contact = fields.pop("contact", {"email": "info@acme.nl"})
        contact_id = (await a_contact(self.client, **contact))["id"]
        invoice = await an_invoice(
            self.client, contact_id=contact_id, due_date=DUE.date().isoformat(), **fields
        )
        async with begin(self.api.parts.worker) as unit:
            work = unit.within(self.workspace_id, self.clock)
            await invoice_marks.mark_sent(work, UUID(invoice["id"]))
        return invoice

    async def run(self) -> None:
        """One step of the worker."""
        assert not await send_reminders(self.api.parts.worker, 100)

    async def deliver(self) -> None:
        """What is queued has left: the time machine need not wait for it."""
        async with self.api.parts.worker.transaction() as tx:
            await tx.execute("UPDATE delivery SET status = 'sent', next_attempt_at = NULL")

    async def told(self, invoice: dict[str, Any]) -> dict[str, Any]:
        """The invoice's reminders, as the API shows them."""
        reply = await self.client.get(f"/v1/invoices/{invoice['id']}/reminders")
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    async def states(self, invoice: dict[str, Any]) -> dict[int, str]:
        """What became of each level."""
        return {row["level"]: row["state"] for row in (await self.told(invoice))["data"]}

    async def queued(self, invoice: dict[str, Any]) -> list[tuple[int, str]]:
        """Level and channel of every delivery, in the order in which they were queued."""
        async with self.api.parts.worker.transaction() as tx:
            rows = await tx.fetch(
                "SELECT level, channel FROM delivery WHERE invoice_id = $1 ORDER BY id", UUID(invoice["id"])
            )
        return [(row["level"], row["channel"]) for row in rows]

    async def next_due_at(self) -> datetime | None:
        """Where the time machine would stop next."""
        async with self.api.parts.worker.transaction() as tx:
            return await due.next_due_at(tx, self.workspace_id)

    def told_of(self, payment: PaymentData) -> PaymentUpdated:
        """The event that says it."""
        return PaymentUpdated.of(self.workspace_id, payment)

    async def hear(self, payment: PaymentData) -> None:
        """Hear of a payment."""
        async with begin(self.api.parts.worker) as unit:
            await reminders.handlers.apply(unit, [self.told_of(payment)])
            await invoices.handlers.apply(unit, [self.told_of(payment)])


def a_payment(
    invoice: dict[str, Any],
    state: Any,
    paid_minor: int = 0,
    disputed_minor: int = 0,
    is_collected: bool = False,
) -> PaymentData:
    """A payment at its second version: what it pays, or what it is collecting."""
    now = datetime.now(UTC)
    allocation = AllocationData(
        id=new_id(),
        serial=1,
        invoice_id=UUID(invoice["id"]),
        amount_minor=paid_minor,
        amount_due_minor=invoice["total_minor"] - paid_minor,
        invoice_amount_paid_minor=paid_minor,
        invoice_payment_status="partially_paid",
        receivable_version=2,
    )
    return PaymentData(
        id=new_id(),
        version=2,
        created_at=now,
        updated_at=now,
        contact_id=UUID(invoice["contact_id"]),
        state=state,
        amount_minor=100,
        currency="EUR",
        method="card",
        paid_on=date(2031, 3, 4),
        allocations=[] if is_collected else [allocation],
        unallocated_minor=0,
        amount_disputed_minor=disputed_minor,
        invoice_id=UUID(invoice["id"]) if is_collected else None,
    )

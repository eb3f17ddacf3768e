"""Builders of what the subscription service says, and the invoice service hearing it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.invoice.billings import consumers as subscription
from services.invoice.invoices import consumers as payment_events
from shared.events.event import Event
from shared.events.subscription import (
    BilledSubscriptionData,
    Billing,
    SubscriptionLineData,
    SubscriptionProrated,
    SubscriptionRenewed,
)
from shared.events.workspace import WorkspaceCreated, WorkspaceData
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import begin
from shared.testing.service import RunningService

START = datetime(2026, 4, 1, tzinfo=UTC)


def a_line(**fields: Any) -> SubscriptionLineData:
    """One licence at 89.00, 21 % tax included, unless told otherwise."""
    usual: dict[str, Any] = {
        "description": "Licence",
        "quantity": Decimal(1),
        "unit_price": Decimal(89),
        "tax_rate": Decimal(21),
        "tax_behavior": "inclusive",
    }
    return SubscriptionLineData(**(usual | fields))


def a_billing(contact_id: UUID, **fields: Any) -> BilledSubscriptionData:
    """A monthly subscription that bills April 2026; `reason`, `period_start`, … go into its billing."""
    named = {name: fields.pop(name) for name in set(fields) & set(Billing.model_fields) - {"lines"}}
    lines = fields.pop("lines", [a_line()])
    start = named.get("period_start", START)
    billing = {
        "reason": "cycle",
        "period_start": start,
        "period_end": start + timedelta(days=30),
        "lines": lines,
        "billed_at": start,
    }
    usual = {
        "id": new_id(),
        "version": 2,
        "created_at": START,
        "updated_at": START,
        "contact_id": contact_id,
        "currency": "EUR",
        "status": "active",
        "lines": lines,
        "interval": "month",
        "interval_count": 1,
        "timezone": "Europe/Amsterdam",
        "start_at": START,
        "anchor_at": START,
        "collection_method": "send_invoice",
        "billing": Billing(**(billing | named)),
    }
    return BilledSubscriptionData(**(usual | fields))


def renewed(workspace_id: UUID, contact_id: Any, **fields: Any) -> SubscriptionRenewed:
    """A period that began."""
    return SubscriptionRenewed.of(workspace_id, a_billing(UUID(str(contact_id)), **fields))


def prorated(workspace_id: UUID, contact_id: Any, **fields: Any) -> SubscriptionProrated:
    """A change within a period."""
    data = a_billing(UUID(str(contact_id)), **({"reason": "change"} | fields))
    return SubscriptionProrated.of(workspace_id, data)


async def hear(service: RunningService, *events: Event) -> None:
    """Apply events as the consumer does, in one transaction of the worker."""
    handlers = Handlers()
    handlers.include(subscription.handlers)
    handlers.include(payment_events.handlers)
    await know(service, *{event.workspace_id for event in events})
    async with begin(service.parts.worker) as unit:
        await handlers.apply(unit, list(events))


async def know(service: RunningService, *workspace_ids: UUID) -> None:
    """Let the service have heard of these workspaces, as it has long before anything of them is billed."""
    async with service.parts.worker.transaction() as tx:
        await tx.executemany(
            """INSERT INTO workspace (workspace_id, sequence, slug, mode, zone, currency, clock_offset_ms)
        VALUES ($1, 0, 'acme', 'live', 'Europe/Amsterdam', 'EUR', 0) ON CONFLICT DO NOTHING""",
            [(workspace_id,) for workspace_id in workspace_ids],
        )


async def hear_of(service: RunningService, who: Principal, offset: timedelta) -> None:
    """Let the service know the workspace's zone and clock."""
    data = WorkspaceData(
        id=who.workspace_id,
        version=1,
        created_at=START,
        updated_at=START,
        slug="acme",
        name="Acme",
        mode="sandbox",
        zone=who.zone,
        currency="EUR",
        clock_offset_ms=int(offset / timedelta(milliseconds=1)),
    )
    event: Event = WorkspaceCreated.of(who.workspace_id, data)
    async with begin(service.parts.worker) as unit:
        await workspaces.handlers.apply(unit, [event])


async def is_waiting(service: RunningService) -> bool:
    """Whether somebody waits for the end of another's transaction."""
    async with service.parts.worker.transaction() as tx:
        found: bool = await tx.fetchval(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database())"
        )
    return found

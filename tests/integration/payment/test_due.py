"""What falls due next in a sandbox, and waiting times that pass as its clock is moved."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.payment import main
from services.payment.collections.domain.collection import Delays
from services.payment.common import consumers as clocks_heard
from services.payment.common.repository import due
from shared.events.workspace import WorkspaceClockAdvanced, WorkspaceCreated, WorkspaceData
from shared.http.internal_auth import Principal
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.integration.payment.collecting import Till
from tests.integration.payment.conftest import NOBODY

AS_DEPLOYED = Delays.parse("1,5", "60,300", "60,300,900*3", "259200")


@pytest.fixture
async def till(start_service: Any, a_principal: Callable[..., Principal]) -> AsyncIterator[Till]:
    service: RunningService = await start_service(main.make, "payment", role="api", INVOICE_URL=NOBODY)
    who = a_principal(mode="sandbox")
    async with service.client(who) as client:
        made = Till(service, who, client, delays=AS_DEPLOYED)
        async with service.parts.worker.transaction() as tx:
            await tx.execute("INSERT INTO contact VALUES ($1, $2)", who.workspace_id, made.contact_id)
        await clock_at(made, timedelta(0))
        yield made


async def test_a_collection_that_waits_is_due_when_its_waiting_time_is_over_on_the_sandbox_clock(
    till: Till,
) -> None:
    await till.keep_card("processing")
    await till.issue()
    at_once = await next_due(till)

    await till.collect()
    first = await next_due(till)
    await clock_at(till, timedelta(seconds=61))
    after_a_minute = await next_due(till, ahead=timedelta(seconds=61))
    await till.collect()
    second = await next_due(till, ahead=timedelta(seconds=61))
    # A batch may hold several moves of one clock, and the same once more.
    await clock_at(till, timedelta(seconds=100), timedelta(seconds=362), timedelta(seconds=362))
    await till.collect()

    assert at_once <= timedelta(0)
    assert timedelta(seconds=50) < first <= timedelta(seconds=60)
    assert after_a_minute <= timedelta(0)
    assert timedelta(seconds=290) < second <= timedelta(seconds=300)
    assert [payment["state"] for payment in await till.payments()] == ["succeeded"]


async def test_the_expiry_of_a_card_is_announced_at_the_instants_that_are_told(till: Till) -> None:
    await till.keep_card()

    for expected in ("2040-11-30T23:00:00+00:00", "2041-01-02T00:00:00+00:00"):
        instant = await next_due_at(till)
        assert instant is not None
        assert instant.isoformat() == expected
        await clock_at(till, instant - datetime.now(UTC))
        await till.methods().announce()

    assert await next_due_at(till) is None


async def next_due_at(till: Till) -> datetime | None:
    async with till.service.parts.worker.transaction() as tx:
        return await due.next_due_at(tx, till.who.workspace_id)


async def next_due(till: Till, ahead: timedelta = timedelta(0)) -> timedelta:
    """How long after the sandbox's now something is due."""
    found = await next_due_at(till)
    assert found is not None
    return found - datetime.now(UTC) - ahead


async def clock_at(till: Till, *offsets: timedelta) -> None:
    """Hear in one batch that the sandbox's clock was moved."""
    handlers, events = Handlers(), []
    for heard in (clocks_heard, workspaces):
        handlers.include(heard.handlers)
    for offset in offsets:
        ahead_ms = int(offset.total_seconds() * 1000) + 1 if offset else 0
        data = WorkspaceData(
            id=till.who.workspace_id,
            version=ahead_ms + 1,
            created_at=datetime.now(UTC),
            updated_at=datetime.now(UTC),
            slug="acme",
            name="Acme",
            mode="sandbox",
            zone="Europe/Amsterdam",
            currency="EUR",
            clock_offset_ms=ahead_ms,
        )
        event = WorkspaceClockAdvanced if offset else WorkspaceCreated
        events.append(event.of(data.id, data))
    async with begin(till.service.parts.worker) as unit:
        await handlers.apply(unit, events)

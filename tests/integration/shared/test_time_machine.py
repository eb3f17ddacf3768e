"""What a service tells of a sandbox: each event from its recording until everybody has heard it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.events.event import Event
from shared.kernel.ids import new_id
from shared.messaging import inbox
from shared.messaging.relay import Relay
from shared.messaging.settings import KafkaSettings
from shared.messaging.work import begin
from shared.postgres.transaction import Database
from shared.runtime import time_machine
from shared.runtime.time_machine import Known, Report
from shared.testing.eventually import eventually
from tests.integration.shared.conftest import SERVICE, in_background
from tests.integration.shared.topic import a_contact_event


async def test_an_event_of_a_sandbox_is_told_of_until_everybody_has_heard_it(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    sandbox = await a_workspace(admin, "sandbox")
    event = a_contact_event(workspace_id=sandbox)
    await record(worker, event)

    waiting = await report(worker, sandbox)
    await relayed(worker, admin, kafka)
    relayed_once = await report(worker, sandbox)
    async with worker.transaction() as tx:
        await inbox.claim(tx, SERVICE, [event.id])
    applied = await report(worker, sandbox, published=relayed_once.published)
    forgotten = await report(worker, sandbox, heard=[event.id])

    assert waiting.published == relayed_once.published == [(event.id, "contact.created")]
    assert (await report(worker, sandbox, published=waiting.published)).unheard == []
    assert applied.unheard == []
    assert forgotten.published == []


async def test_an_event_counts_as_heard_once_its_effect_is_committed_where_it_is_subscribed_to(
    worker: Database,
) -> None:
    workspace_id, heard, unheard, foreign = (new_id() for _ in range(4))
    async with worker.transaction() as tx:
        await inbox.claim(tx, SERVICE, [heard])
        await inbox.claim(tx, "another", [unheard])
    asked = [(heard, "contact.created"), (unheard, "contact.updated"), (foreign, "quote.created")]

    told = await report(worker, workspace_id, published=asked)

    assert told.unheard == [unheard]


async def test_live_workspaces_leave_no_trace_and_unknown_ones_may_be_sandboxes(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    live, unknown = await a_workspace(admin, "live"), new_id()
    await record(worker, a_contact_event(workspace_id=live), a_contact_event(workspace_id=unknown))

    await relayed(worker, admin, kafka)

    rows = await admin.fetch("SELECT workspace_id FROM sandbox_event")
    assert [row["workspace_id"] for row in rows] == [unknown]


async def test_a_service_tells_when_something_is_due_next(worker: Database) -> None:
    due_at = datetime(2031, 1, 31, tzinfo=UTC)

    async def next_due_at(tx: Any, workspace_id: UUID) -> datetime:
        return due_at

    async with worker.transaction() as tx:
        told = await time_machine.report(tx, new_id(), Known(), SERVICE, (), next_due_at=next_due_at)

    assert told == Report(next_due_at=due_at, published=[], unheard=[])


async def a_workspace(admin: Any, mode: str) -> UUID:
    workspace_id = new_id()
    await admin.execute(
        "INSERT INTO workspace VALUES ($1, 1, $2, $3, 'Europe/Amsterdam', 'EUR', 0)",
        workspace_id,
        f"t-{workspace_id.hex[-12:]}",
        mode,
    )
    return workspace_id


async def record(worker: Database, *events: Event) -> None:
    async with begin(worker) as unit:
        unit.record(*events)


async def relayed(worker: Database, admin: Any, kafka: KafkaSettings) -> None:
    relay = Relay(worker, kafka, SERVICE)
    async with in_background(relay.run, relay.stop):
        await eventually(lambda: _is_empty(admin), timeout_seconds=20)


async def _is_empty(admin: Any) -> bool:
    return not await admin.fetchval("SELECT count(*) FROM outbox")


async def report(worker: Database, workspace_id: UUID, **known: Any) -> Report:
    async with worker.transaction() as tx:
        return await time_machine.report(
            tx, workspace_id, Known(**known), SERVICE, ("contact.created", "contact.updated")
        )

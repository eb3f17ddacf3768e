"""The outbox: one event of a kind for each change, written by whoever changes, read by the relay alone."""

import asyncpg
import pytest

from shared.messaging.work import begin
from shared.postgres.transaction import Database
from tests.integration.shared.conftest import OpenDatabase
from tests.integration.shared.test_relay import record
from tests.integration.shared.topic import a_contact_event


async def test_an_event_of_a_change_is_recorded_once(worker: Database) -> None:
    event = a_contact_event()
    await record(worker, event)

    with pytest.raises(asyncpg.UniqueViolationError, match="outbox_one_event_per_change"):
        await record(worker, a_contact_event(event.subject))


async def test_the_api_role_writes_events_and_reads_none(open_database: OpenDatabase) -> None:
    api = await open_database("api")
    event = a_contact_event()

    async with begin(api, event.workspace_id) as unit:
        unit.record(event)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with api.transaction(event.workspace_id) as tx:
            await tx.fetch("SELECT * FROM outbox")

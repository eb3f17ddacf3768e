"""Lock, decide, save, record: a change is stored with what is told of it, or it is no change."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from shared.events.contact import ContactCreated, ContactData, ContactDeleted, ContactUpdated
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound, raise_not_found
from shared.kernel.ids import new_id
from shared.messaging.aggregate import Aggregate
from shared.messaging.work import Unit, Work, begin
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database
from tests.integration.shared.consuming import effects


@dataclass(frozen=True, slots=True)
class Contact:
    """What these tests keep, as a row of `effect`."""

    workspace_id: UUID
    id: UUID
    name: str
    version: int = 1


snapshots: list[Contact] = []


async def lock(tx: Connection, workspace_id: UUID, id_: UUID) -> Contact:
    row = await tx.fetchrow(
        """SELECT workspace_id, event_id, text FROM effect
        WHERE workspace_id = $1 AND event_id = $2 FOR UPDATE""",
        workspace_id,
        id_,
    )
    return Contact(*row) if row else raise_not_found("contact", id_)


async def insert(tx: Connection, contact: Contact) -> None:
    await tx.execute(
        "INSERT INTO effect (workspace_id, event_id, text) VALUES ($1, $2, $3)",
        contact.workspace_id,
        contact.id,
        contact.name,
    )


async def update(tx: Connection, contact: Contact) -> None:
    await tx.execute("UPDATE effect SET text = $2 WHERE event_id = $1", contact.id, contact.name)


async def delete(tx: Connection, workspace_id: UUID, id_: UUID) -> None:
    await tx.execute("DELETE FROM effect WHERE workspace_id = $1 AND event_id = $2", workspace_id, id_)


def snapshot(contact: Contact, work: Work) -> ContactData:
    snapshots.append(contact)
    now = work.clock.now()
    return ContactData(
        id=contact.id, version=contact.version, created_at=now, updated_at=now, name=contact.name
    )


CONTACTS = Aggregate(lock, insert, update, snapshot, delete)


def within(unit: Unit, contact: Contact) -> Work:
    """The unit in the contact's workspace."""
    snapshots.clear()
    return unit.within(contact.workspace_id, Clock())


async def told(admin: Any) -> list[tuple[str, int, str]]:
    """Type, sequence and the name in the snapshot of each event."""
    rows = await admin.fetch(
        "SELECT type, aggregate_seq, convert_from(payload, 'UTF8')::jsonb->'data'->>'name' AS name "
        "FROM outbox ORDER BY position"
    )
    return [tuple(row) for row in rows]


@pytest.fixture
async def acme(worker: Database) -> Contact:
    """One that is stored."""
    contact = Contact(new_id(), new_id(), "Acme")
    async with begin(worker) as unit:
        await CONTACTS.create(within(unit, contact), contact, ContactCreated)
    return contact


async def test_a_change_is_stored_and_told_and_goes_on_from_there(
    worker: Database, admin: Any, acme: Contact
) -> None:
    async with begin(worker) as unit:
        held = await CONTACTS.lock(within(unit, acme), acme.id)
        first = await held.save(replace(held.value, name="First", version=2), ContactUpdated)
        assert held.value == first
        await held.save(replace(held.value, name="Second", version=3), ContactUpdated, ContactDeleted)

    assert await effects(admin) == ["Second"]
    assert await told(admin) == [
        ("contact.created", 1, "Acme"),
        ("contact.updated", 2, "First"),
        ("contact.updated", 3, "Second"),
        ("contact.deleted", 3, "Second"),
    ]
    assert [one.version for one in snapshots] == [2, 3]


async def test_what_stayed_as_it_was_is_neither_stored_nor_told(
    worker: Database, admin: Any, acme: Contact
) -> None:
    async with begin(worker) as unit:
        held = await CONTACTS.lock(within(unit, acme), acme.id)
        assert await held.save(held.value, ContactUpdated) is held.value

    assert (len(await told(admin)), snapshots) == (1, [])


async def test_an_event_of_another_shape_is_recorded_as_it_is_given(
    worker: Database, admin: Any, acme: Contact
) -> None:
    async with begin(worker) as unit:
        held = await CONTACTS.lock(within(unit, acme), acme.id)
        changed = replace(held.value, name="New", version=2)
        own = ContactDeleted.of(
            acme.workspace_id, snapshot(replace(changed, name="As I say"), unit.within(new_id(), Clock()))
        )
        await held.save(changed, ContactUpdated, own)

    assert (await told(admin))[1:] == [("contact.updated", 2, "New"), ("contact.deleted", 2, "As I say")]


async def test_the_last_thing_told_is_that_it_is_gone(worker: Database, admin: Any, acme: Contact) -> None:
    async with begin(worker) as unit:
        held = await CONTACTS.lock(within(unit, acme), acme.id)
        await held.delete(replace(held.value, version=2), ContactDeleted)

    assert await effects(admin) == []
    assert (await told(admin))[-1] == ("contact.deleted", 2, "Acme")


async def test_another_workspaces_is_not_found(worker: Database, acme: Contact) -> None:
    with pytest.raises(NotFound):
        async with begin(worker) as unit:
            await CONTACTS.lock(unit.within(new_id(), Clock()), acme.id)


async def test_two_changes_at_once_follow_one_another(worker: Database, admin: Any, acme: Contact) -> None:
    async def add(letter: str) -> None:
        async with begin(worker) as unit:
            held = await CONTACTS.lock(within(unit, acme), acme.id)
            await held.save(replace(held.value, name=held.value.name + letter), ContactUpdated)
            await asyncio.sleep(0.05)

    results = await asyncio.gather(add("x"), add("y"), return_exceptions=True)

    # Both tell of version 1: the outbox takes one event of a kind for it, and the other's state goes back.
    assert [type(one).__name__ for one in results if one] == ["UniqueViolationError"]
    assert len((await effects(admin))[0]) == len("Acme") + 1

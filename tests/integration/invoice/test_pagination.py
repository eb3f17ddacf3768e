"""Cursor pages neither skip nor repeat a row, whatever is created, changed or archived between them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.ids import new_id
from shared.postgres.transaction import Database
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import a_contact, an_invoice

# What happens before each page: verbs, each with the row (counted from the newest) that it means.
VERBS = ("create", "change", "remove", "create_late")
STEPS = st.lists(st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 9)), max_size=3), max_size=6)
LIMITED = settings(
    max_examples=max(15, settings.default.max_examples // 7),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_LATE = """
INSERT INTO contact (workspace_id, id, version, created_at, updated_at, name)
VALUES ($1, $2, 1, now(), now(), 'Late')
"""


@dataclass
class List:
    """One list of one workspace, what is in it, and how its rows come and change."""

    path: str
    client: httpx.AsyncClient
    create: Callable[[], Awaitable[str]]
    change: Callable[[str], Awaitable[Any]]
    remove: Callable[[str], Awaitable[Any]]
    create_late: Callable[[], Awaitable[Any]]
    ids: list[str] = field(default_factory=list)
    is_removed_shown: bool = True
    removed: set[str] = field(default_factory=set)

    async def do(self, verb: str, place: int) -> None:
        """One change of the list by somebody else."""
        if verb == "create":
            self.ids.append(await self.create())
        elif verb == "create_late":
            await self.create_late()
        elif self.ids:
            chosen = self.ids[-1 - place % len(self.ids)]
            if chosen not in self.removed:
                await (self.change if verb == "change" else self.remove)(chosen)
                if verb == "remove":
                    self.removed.add(chosen)

    async def pages(self, limit: int) -> AsyncIterator[list[str]]:
        """The ids of each page, to the last."""
        cursor = None
        while True:
            query = {"limit": limit, **({"cursor": cursor} if cursor else {})}
            page = (await self.client.get(self.path, params=query)).json()
            yield [row["id"] for row in page["data"]]
            cursor = page["meta"]["next_cursor"]
            if cursor is None:
                return


async def require_sound_pages(rows: List, count: int, limit: int, steps: list[list[tuple[str, int]]]) -> None:
    """Walk through the list while it changes: what was there all the time is seen once, newest first."""
    for _ in range(count):
        rows.ids.append(await rows.create())
    at_start, seen = list(rows.ids), list[str]()
    between = iter(steps)
    async for page in rows.pages(limit):
        seen += page
        for verb, place in next(between, []):
            await rows.do(verb, place)
    assert len(seen) == len(set(seen)), "a row was repeated"
    assert seen == sorted(seen, reverse=True)
    expected = [one for one in at_start if rows.is_removed_shown or one not in rows.removed]
    assert set(expected) <= set(seen), "a row was skipped"


@LIMITED
@given(count=st.integers(0, 8), limit=st.integers(1, 4), steps=STEPS)
async def test_pages_of_contacts(
    api: RunningService, a_principal: Any, count: int, limit: int, steps: list[list[tuple[str, int]]]
) -> None:
    who = a_principal()
    async with api.client(who) as client:

        async def create() -> str:
            return (await a_contact(client))["id"]

        rows = List(
            "/v1/contacts",
            client,
            create,
            change=lambda key: client.patch(f"/v1/contacts/{key}", json={"name": "Changed"}),
            remove=lambda key: client.delete(f"/v1/contacts/{key}"),
            create_late=_late_contact(api.parts.api, who.workspace_id),
        )
        await require_sound_pages(rows, count, limit, steps)


@LIMITED
@given(count=st.integers(0, 6), limit=st.integers(1, 4), steps=STEPS)
async def test_pages_of_invoices(
    api: RunningService, a_principal: Any, count: int, limit: int, steps: list[list[tuple[str, int]]]
) -> None:
    async with api.client(a_principal()) as client:
        contact_id = (await a_contact(client))["id"]

        async def create() -> str:
            return (await an_invoice(client, contact_id=contact_id, status="draft"))["id"]

        rows = List(
            "/v1/invoices",
            client,
            create,
            change=lambda key: client.patch(f"/v1/invoices/{key}", json={"notes": "Changed"}),
            remove=lambda key: client.delete(f"/v1/invoices/{key}"),
            create_late=create,
            is_removed_shown=False,
        )
        await require_sound_pages(rows, count, limit, steps)


def _late_contact(database: Database, workspace_id: Any) -> Callable[[], Awaitable[Any]]:
    # Ids are made before the commit: a row may appear with an id below those that were read already.
    early = [new_id() for _ in range(30)]

    async def create_late() -> None:
        async with database.transaction(workspace_id) as tx:
            await tx.execute(_LATE, workspace_id, early.pop())

    return create_late

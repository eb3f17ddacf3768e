"""The worker that moves sandbox clocks, on real Postgres; the services' answers are told to it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from services.gateway.clocks.domain import Report, Round
from services.gateway.clocks.workers.advance import ClockMover
from shared.kernel.errors import Unavailable
from tests.conftest import Databases
from tests.integration.gateway.conftest import Gateway, Workspace


@dataclass
class Business:
    """What stands for all services: instants at which something is due, each done when it is seen."""

    due: list[datetime]
    stops: list[datetime] = field(default_factory=list)
    is_reachable: bool = True

    async def ask(self, workspace_id: UUID, last: Round) -> dict[str, Report]:
        if not self.is_reachable:
            raise Unavailable
        return {"invoice": Report(min(self.due, default=None), (), frozenset())}


def a_mover(gateway: Gateway, business: Business, **changes: Any) -> ClockMover:
    fields = {"batch_size": 5, "lease_seconds": 30.0, "pause_seconds": 0.0, **changes}
    return ClockMover(gateway.service.parts.worker, business.ask, lambda workspace_id: None, **fields)


@pytest.fixture
async def client(gateway: Gateway, workspace: Workspace) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway.as_key(workspace.key) as client:
        yield client


@pytest.fixture
async def sql(databases: Databases) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(databases.admin_dsn)
    await connection.execute("SET search_path = gateway")
    yield connection
    await connection.close()


async def test_a_clock_stops_at_every_due_instant_and_then_at_its_target(
    gateway: Gateway, client: httpx.AsyncClient, sql: Any
) -> None:
    start = datetime.now(UTC)
    due = [start + timedelta(days=days) for days in (1, 40, 300)]
    business = Business(list(due))
    mover = a_mover(gateway, business)
    target = start + timedelta(days=200)

    begun = await client.post("/v1/sandbox/clock/advance", json={"to": target.isoformat()})
    shown = []
    while await mover.step():
        clock = (await client.get("/v1/sandbox/clock")).json()
        now = datetime.fromisoformat(clock["now"])
        shown.append(clock)
        business.due = [instant for instant in business.due if instant > now]

    assert begun.status_code == 202
    assert datetime.fromisoformat(begun.json()["target"]) == target
    stops = [datetime.fromisoformat(clock["now"]) for clock in shown[:3]]
    for stop, expected in zip(stops, [*due[:2], target], strict=True):
        assert timedelta(0) <= stop - expected < timedelta(seconds=20)
    assert [clock["progress"]["step_count"] for clock in shown[:3]] == [1, 2, 3]
    assert (shown[-1]["target"], shown[-1]["progress"]) == (None, None)
    types = [r["type"] for r in await sql.fetch("SELECT type FROM outbox ORDER BY position")]
    assert types == ["workspace.created", *["workspace.updated", "workspace.clock_advanced"] * 3]


async def test_a_clock_stands_still_while_something_is_due_and_says_for_what(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    start = datetime.now(UTC)
    business = Business([start - timedelta(seconds=1)])
    mover = a_mover(gateway, business)
    target = (start + timedelta(days=5)).isoformat()

    await client.post("/v1/sandbox/clock/advance", json={"to": target})
    for _ in range(3):
        assert await mover.step()
    business.is_reachable = False
    assert await mover.step()
    clock = (await client.get("/v1/sandbox/clock")).json()

    assert datetime.fromisoformat(clock["now"]) < start + timedelta(days=1)
    assert clock["progress"]["step_count"] == 0
    waiting = clock["progress"]["waits_for"]
    assert [(one["service"], one["unheard_count"]) for one in waiting] == [("invoice", 0)]
    assert datetime.fromisoformat(waiting[0]["due_at"]) == business.due[0]


async def test_a_clock_has_one_mover_and_another_takes_over_when_its_lease_ends(
    gateway: Gateway, client: httpx.AsyncClient, sql: Any
) -> None:
    business = Business([])
    first, second = a_mover(gateway, business), a_mover(gateway, business)
    target = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    await client.post("/v1/sandbox/clock/advance", json={"to": target})

    assert await first.step()
    assert not await second.step()
    # The first one is stopped for so long that its lease ends, and goes on with what it believed.
    await sql.execute("UPDATE clock_advance SET lease_until = now() - interval '1 second'")
    assert await second.step()
    assert not await first.step()

    assert (await client.get("/v1/sandbox/clock")).json()["target"] is None


async def test_a_mover_that_lost_its_lease_while_it_asked_moves_nothing(
    gateway: Gateway, client: httpx.AsyncClient, sql: Any
) -> None:
    @dataclass
    class Slow(Business):
        before: Callable[[], Any] | None = None

        async def ask(self, workspace_id: UUID, last: Round) -> dict[str, Report]:
            if self.before:
                await self.before()
            return await super().ask(workspace_id, last)

    async def taken_over() -> None:
        await sql.execute("UPDATE clock_advance SET owner = gen_random_uuid()")

    target = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    await client.post("/v1/sandbox/clock/advance", json={"to": target})

    await a_mover(gateway, Slow([], before=taken_over)).step()

    clock = (await client.get("/v1/sandbox/clock")).json()
    assert clock["now"] < target
    assert clock["progress"]["step_count"] == 0

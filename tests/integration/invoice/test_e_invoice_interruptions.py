"""E-invoices whose worker dies, sleeps or shares its work: each is submitted once and told once."""

import asyncio
import signal
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.http.internal_auth import Principal
from shared.testing.eventually import eventually
from shared.testing.service import RunningService
from tests.conftest import Databases
from tests.integration.invoice.e_invoicing import (
    Rules,
    a_bill,
    a_sender,
    sent,
    state_of,
    use_validation,
    work,
)

POINTS = {
    "before_commit_begin": ["queued", "submitting", "submitted", "delivered"],
    "after_commit_begin": ["queued", "submitting", "unknown", "submitting", "submitted", "delivered"],
    "after_submit": ["queued", "submitting", "unknown", "submitted", "delivered"],
    "before_commit_outcome": ["queued", "submitting", "unknown", "submitted", "delivered"],
}


@pytest.fixture
async def client(
    api: RunningService, unjudged: Any, a_principal: Callable[..., Principal]
) -> httpx.AsyncClient:
    """A client of a sandbox workspace."""
    return api.client(a_principal(mode="sandbox"))


@pytest.fixture
def unjudged(api: RunningService) -> None:
    """No rules: what is validated is not of interest here."""
    found: Any = Rules(None)
    use_validation(api, found)


class Died(BaseException):
    """The process is gone."""


def _dying(point: str) -> Callable[[str], None]:
    def reach(name: str) -> None:
        if name == point:
            raise Died

    return reach


async def test_a_step_that_is_cut_off_anywhere_is_taken_up_without_submitting_twice(
    api: RunningService, client: httpx.AsyncClient
) -> None:
    for point, states in POINTS.items():
        e_invoice = await sent(client, invoice_id=(await a_bill(client))["id"], receiver="0106:00000001")

        await _step_until_death(a_sender(api, _dying(point), lease_seconds=0))
        await work(a_sender(api))

        found = await state_of(client, e_invoice)
        assert [state["status"] for state in found["history"]] == states, point
    assert await _submissions(api) == [1] * len(POINTS)


async def test_a_killed_worker_leaves_what_the_next_one_finds_by_its_guid(
    api: RunningService, client: httpx.AsyncClient, databases: Databases
) -> None:
    e_invoice = await sent(client, invoice_id=(await a_bill(client))["id"], receiver="0106:00000001")

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.invoice.e_invoice_worker",
        databases.api_dsn("invoice"),
        databases.worker_dsn("invoice"),
        "after_submit",
    )
    ended = await process.wait()
    begun = await state_of(client, e_invoice)

    async def is_delivered() -> bool:
        await work(a_sender(api))
        return bool((await state_of(client, e_invoice))["status"] == "delivered")

    await eventually(is_delivered, timeout_seconds=30, every_seconds=0.1)
    found = await state_of(client, e_invoice)
    assert (ended, begun["status"]) == (-signal.SIGKILL, "submitting")
    assert [state["status"] for state in found["history"]] == POINTS["after_submit"]
    assert (found["attempt_count"], await _submissions(api)) == (1, [1])


async def test_two_workers_never_have_the_same_e_invoice(
    api: RunningService, client: httpx.AsyncClient
) -> None:
    invoice = await a_bill(client)
    queued = [await sent(client, invoice_id=invoice["id"], receiver=f"0106:000000{n}1") for n in range(6)]
    first, second = a_sender(api), a_sender(api)

    for _ in range(4):
        await asyncio.gather(first.step(), second.step())
        await asyncio.gather(first.close(), second.close())

    assert [len((await state_of(client, one))["history"]) for one in queued] == [4] * 6
    assert await _submissions(api) == [1] * 6


async def test_a_worker_that_slept_beyond_its_lease_writes_nothing(
    api: RunningService, client: httpx.AsyncClient
) -> None:
    e_invoice = await sent(client, invoice_id=(await a_bill(client))["id"], receiver="0106:00000001")
    asleep, awake = asyncio.Event(), asyncio.Event()
    slow = a_sender(api, lease_seconds=0)
    point = await _point(api, slow, e_invoice)

    async def sleep_then_submit(*arguments: Any) -> Any:
        asleep.set()
        await awake.wait()
        return await point.submit(*arguments)

    slow.access_points = _Always(point, sleep_then_submit)
    await slow.step()
    await asleep.wait()
    await work(a_sender(api))
    awake.set()
    await slow.close()

    found = await state_of(client, e_invoice)
    assert found["status"] == "delivered"
    assert [state["status"] for state in found["history"]].count("submitted") == 1


class _Always:
    """Access points of which submit() is another's."""

    def __init__(self, point: Any, submit: Any) -> None:
        self.point = point
        self.validation = Rules(None)
        point_class = type(point)
        self.point = point_class(point._network, point._validate)
        self.point.submit = submit

    async def get(self, *_: Any) -> Any:
        return self.point


async def _point(api: RunningService, sender: Any, e_invoice: dict[str, Any]) -> Any:
    async with api.parts.worker.transaction() as tx:
        identity = UUID(e_invoice["id"])
        workspace_id = await tx.fetchval("SELECT workspace_id FROM e_invoice WHERE id = $1", identity)
        return await sender.access_points.get(tx, workspace_id, "sandbox")


async def _step_until_death(sender: Any) -> None:
    await sender.step()
    await sender.close()


async def _submissions(api: RunningService) -> list[int]:
    rows = await api.parts.worker.pool.fetch("SELECT submission_count FROM sandbox_transmission")
    return [row["submission_count"] for row in rows]

"""Dunning on real Postgres: schedules, the worker, the API, and events in any order."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.subscription_renewal.dunning.workers import retry_due
from shared.events.event import Event
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.subscription_renewal.conftest import (
    Json,
    a_contact,
    a_sandbox,
    events_of,
    fetched,
    subscribed,
)
from tests.integration.subscription_renewal.dunning import Told, hear

DAY = timedelta(days=1)


@pytest.fixture
async def subscription(client: httpx.AsyncClient, contact_id: UUID) -> Json:
    return await subscribed(client, contact_id, start_at=(datetime.now(UTC) + 365 * DAY).isoformat())


@pytest.fixture
def told(who: Principal, contact_id: UUID, subscription: Json) -> Told:
    return Told(who.workspace_id, contact_id, UUID(subscription["id"]))


async def test_a_failed_collection_begins_a_campaign_and_its_subscription_is_past_due_until_it_is_paid(
    service: RunningService, client: httpx.AsyncClient, who: Principal, told: Told, subscription: Json
) -> None:
    failed_at = datetime.now(UTC)

    await hear(service, told.failed(failed_at, code="insufficient_funds"))
    begun = await the_campaign(client, told)
    past_due = await fetched(client, subscription["id"])
    await hear(service, told.invoice("paid", failed_at + DAY))
    ended = await the_campaign(client, told)

    assert (begun["status"], begun["attempt_count"], begun["last_failure_code"]) == (
        "active",
        0,
        "insufficient_funds",
    )
    due = [datetime.fromisoformat(instant) - failed_at for instant in begun["remaining_attempts"]]
    assert due == [2 * DAY, 7 * DAY, 14 * DAY, 21 * DAY]
    assert past_due["status"] == "past_due"
    assert (ended["status"], ended["remaining_attempts"]) == ("recovered", [])
    assert (await fetched(client, subscription["id"]))["status"] == "active"
    assert await dunning_events(service, who) == [
        ("dunning.created", 1),
        ("dunning.updated", 2),
        ("dunning.ended", 2),
    ]


async def test_each_retry_is_asked_for_once_by_several_workers(
    service: RunningService, client: httpx.AsyncClient, who: Principal, told: Told
) -> None:
    for _ in range(5):
        await hear(service, Told(who.workspace_id, told.contact_id).failed(datetime.now(UTC) - 3 * DAY))

    await asyncio.gather(*(retry_due(service.parts.worker, 2) for _ in range(6)))
    await drained(service)

    events = await dunning_events(service, who)
    assert events.count(("dunning.retry_due", 2)) == 5
    assert events.count(("dunning.updated", 2)) == 5
    assert len(events) == 15


async def test_a_sandbox_is_retried_on_its_own_clock_and_the_last_failure_cancels_the_subscription(
    service: RunningService, client: httpx.AsyncClient, who: Principal, told: Told, subscription: Json
) -> None:
    start = datetime.now(UTC)
    await a_sandbox(service, who, timedelta(0))
    await hear(service, told.failed(start))

    for days in (2, 7, 14, 21):
        assert not await retried(service, client, told, days)
        await a_sandbox(service, who, days * DAY)
        assert await retried(service, client, told, days)
        await hear(service, told.failed(start + days * DAY))

    ended = await the_campaign(client, told)
    assert (ended["status"], ended["attempt_count"]) == ("exhausted", 4)
    assert (await fetched(client, subscription["id"]))["status"] == "canceled"
    types = [type_ for type_, _ in await dunning_events(service, who)]
    assert types.count("dunning.retry_due") == 4
    assert types[-2:] == ["dunning.updated", "dunning.ended"]


async def test_what_is_done_at_the_end_is_the_workspaces_choice(
    service: RunningService, client: httpx.AsyncClient, told: Told, subscription: Json
) -> None:
    settings = (await client.get("/v1/dunning/settings")).json()
    changed = await client.patch(
        "/v1/dunning/settings", json={"intervals_days": [1], "terminal_action": "uncollectible"}
    )
    both = await client.patch("/v1/dunning/settings", json={"preset": "default", "intervals_days": [1]})
    none = await client.patch("/v1/dunning/settings", json={"intervals_days": []})
    stale = await client.patch(
        "/v1/dunning/settings", json={"preset": "default"}, headers={"if-match": '"9"'}
    )
    failed_at = datetime.now(UTC) - 2 * DAY
    await hear(service, told.failed(failed_at))
    await drained(service)
    await hear(service, told.failed(failed_at + DAY))

    assert (settings["preset"], settings["intervals_days"]) == ("default", [2, 5, 7, 7])
    assert (changed.json()["preset"], changed.json()["version"]) == ("custom", 2)
    assert [reply.status_code for reply in (both, none, stale)] == [422, 422, 412]
    ended = await the_campaign(client, told)
    assert (ended["status"], ended["terminal_action"]) == ("exhausted", "uncollectible")
    assert (await fetched(client, subscription["id"]))["status"] == "past_due"
    await hear(service, told.invoice("uncollectible", datetime.now(UTC)))
    assert (await fetched(client, subscription["id"]))["status"] == "active"


async def test_attempts_by_hand_do_not_count(
    service: RunningService, client: httpx.AsyncClient, told: Told, subscription: Json
) -> None:
    await hear(service, told.failed(datetime.now(UTC), is_automatic=False))
    assert (await client.get("/v1/dunning")).json()["data"] == []

    await hear(service, told.failed(datetime.now(UTC)))
    before = await the_campaign(client, told)
    await hear(service, told.failed(datetime.now(UTC), is_automatic=False))

    assert await the_campaign(client, told) == before


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, "waiting_for_payment_method"),
        ({"status": "failed"}, "waiting_for_payment_method"),
        ({"is_default": False}, "waiting_for_payment_method"),
        ({"exp_year": 2031, "exp_month": 1}, "active"),
    ],
)
async def test_only_a_method_that_became_another_is_tried_again(
    service: RunningService, client: httpx.AsyncClient, told: Told, change: Json, status: str
) -> None:
    now, method_id = datetime.now(UTC), new_id()
    card = {"exp_year": 2027, "exp_month": 1}
    await hear(service, told.method(now - DAY, 1, method_id, **card), told.failed(now, "new_method"))

    await hear(service, told.method(now + DAY, 2, method_id, **card | change))

    assert (await the_campaign(client, told))["status"] == status


async def test_a_late_invoice_that_is_sent_makes_its_subscription_past_due_until_nothing_is_owed(
    service: RunningService, client: httpx.AsyncClient, told: Told, subscription: Json
) -> None:
    other = Told(told.workspace_id, told.contact_id, told.subscription_id)
    now, sent = datetime.now(UTC), {"collection_method": "send_invoice"}

    await hear(service, told.invoice("open", now, 3, **sent), other.failed(now))
    late = (await fetched(client, subscription["id"]))["status"]
    await hear(service, told.invoice("paid", now, 4, **sent))
    one_left = (await fetched(client, subscription["id"]))["status"]
    await asyncio.gather(
        hear(service, told.invoice("open", now, 3, **sent)), hear(service, other.invoice("void", now))
    )

    assert (late, one_left) == ("past_due", "past_due")
    assert (await fetched(client, subscription["id"]))["status"] == "active"
    assert (await the_campaign(client, other))["status"] == "canceled"


async def test_a_campaign_is_listed_stopped_and_no_other_workspaces(
    service: RunningService, client: httpx.AsyncClient, told: Told, a_principal: Any
) -> None:
    await hear(service, told.failed(datetime.now(UTC)))
    campaign = await the_campaign(client, told)
    path = f"/v1/dunning/{campaign['id']}"

    found = [
        len((await client.get("/v1/dunning", params=params)).json()["data"])
        for params in (
            {"status": "active,exhausted"},
            {"status": "exhausted"},
            {"subscription_id": campaign["subscription_id"]},
            {"contact_id": str(new_id())},
        )
    ]
    unknown_word = await client.get("/v1/dunning", params={"status": "nope"})
    async with service.client(a_principal()) as stranger:
        foreign = [await stranger.get(path), await stranger.post(f"{path}/stop")]
    async with service.client(a_principal(told.workspace_id, scopes=frozenset({"dunning:read"}))) as reader:
        forbidden = await reader.post(f"{path}/stop")
    stopped, again = await client.post(f"{path}/stop"), await client.post(f"{path}/stop")

    assert found == [1, 0, 1, 0]
    assert unknown_word.status_code == 422
    assert [reply.status_code for reply in foreign] == [404, 404]
    assert forbidden.status_code == 403
    assert (stopped.json()["status"], stopped.headers["etag"]) == ("canceled", '"2"')
    assert again.status_code == 409
    assert (await client.get(path)).json() == stopped.json()


async def test_any_order_and_repetition_of_events_gives_the_same_state(
    service: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    now = datetime.now(UTC)
    start_at = (now + 365 * DAY).isoformat()
    found = set()

    for order in itertools.permutations(range(4)):
        contact_id = await a_contact(service, who.workspace_id)
        subscription = await subscribed(client, contact_id, start_at=start_at)
        told = Told(who.workspace_id, contact_id, UUID(subscription["id"]))
        unpaid = Told(who.workspace_id, contact_id, UUID(subscription["id"]))
        events: list[Event] = [
            told.failed(now, "new_method"),
            told.method(now + timedelta(hours=1)),
            told.invoice("paid", now + timedelta(hours=2)),
            unpaid.failed(now + timedelta(minutes=1), "new_method"),
        ]
        for number in order:
            await hear(service, events[number])
            await hear(service, events[order[0]], events[number])
        ended, waiting = await the_campaign(client, told), await the_campaign(client, unpaid)
        status = (await fetched(client, subscription["id"]))["status"]
        # A campaign that was settled before it was heard of asked for nothing, and needs not.
        found.add((ended["status"], ended["ended_at"], waiting["status"], waiting["attempt_count"], status))

    ended_at = (now + timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    assert found == {("recovered", ended_at, "active", 1, "past_due")}


async def the_campaign(client: httpx.AsyncClient, told: Told) -> Json:
    reply = await client.get("/v1/dunning", params={"invoice_id": str(told.invoice_id)})
    assert reply.status_code == 200, reply.text
    (found,) = reply.json()["data"]
    return found


async def drained(service: RunningService) -> None:
    while await retry_due(service.parts.worker, 2):
        pass


async def retried(service: RunningService, client: httpx.AsyncClient, told: Told, days: int) -> bool:
    before = (await the_campaign(client, told))["attempt_count"]
    await drained(service)
    return (await the_campaign(client, told))["attempt_count"] == before + 1


async def dunning_events(service: RunningService, who: Principal) -> list[tuple[str, int]]:
    events = await events_of(service, who.workspace_id)
    return [(type_, sequence) for type_, sequence in events if type_.startswith("dunning.")]

"""The pull feed as one follows it: from its end, from a time, of some types, and waiting for what comes."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.webhook_delivery.events import operations
from shared.testing.eventually import eventually
from shared.testing.service import RunningService
from tests.integration.webhook_delivery.conftest import a_message, an_endpoint, are, fetch, listed

FEED = "/v1/events"


async def ask(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    """A piece of the feed."""
    reply = await client.get(FEED, params=query)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def ids(piece: dict[str, Any]) -> list[str]:
    return [event["id"] for event in piece["data"]]


async def test_the_feed_begins_at_its_end_or_at_a_time(api_client: httpx.AsyncClient) -> None:
    empty = await ask(api_client, after="latest")
    first = await a_message(api_client)
    await asyncio.sleep(0.01)
    between = datetime.now(UTC).isoformat()
    second = await a_message(api_client)
    latest = await ask(api_client, after="latest")
    third = await a_message(api_client)

    assert ids(await ask(api_client, after=empty["meta"]["next_cursor"])) == [
        one["webhook_id"] for one in (first, second, third)
    ]
    assert (latest["data"], latest["meta"]["has_more"], latest["meta"]["skipped_count"]) == ([], False, 0)
    assert ids(await ask(api_client, after=latest["meta"]["next_cursor"])) == [third["webhook_id"]]
    assert ids(await ask(api_client, since=between)) == [second["webhook_id"], third["webhook_id"]]
    later = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    assert ids(await ask(api_client, since=later)) == []


async def test_the_feed_of_some_types_goes_on_where_it_looked(
    api_client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.webhook_delivery.events import operations as module

    monkeypatch.setattr(module, "WINDOW", 4)
    packed = [await a_message(api_client) for _ in range(9)]
    wanted = [await a_message(api_client, type_) for type_ in ("order.sent", "parcel.lost", "orders.x")]

    sent = await ask(api_client, types="order.sent,parcel.*")
    assert (sent["data"], sent["meta"]["has_more"]) == ([], True)
    found, cursor = [], sent["meta"]["next_cursor"]
    while sent["meta"]["has_more"]:
        sent = await ask(api_client, types=["order.sent", "parcel.*"], after=cursor)
        found, cursor = found + ids(sent), sent["meta"]["next_cursor"]
        assert sent["meta"]["skipped_count"] == 0
    assert found == [one["webhook_id"] for one in wanted[:2]]
    assert await ask(api_client, types="order.*", after=cursor) == await ask(api_client, after="latest")
    assert ids(await ask(api_client, types="*", limit=2)) == [one["webhook_id"] for one in packed[:2]]
    # A wait looks through all of it.
    assert ids(await ask(api_client, types="order.sent", wait=5)) == [wanted[0]["webhook_id"]]


@pytest.mark.parametrize(
    "query, name, hint",
    [
        ({"types": "invoice.payed"}, "types", "invoice.paid"),
        ({"types": "invoice.*,,"}, "types", ""),
        ({"types": "Order"}, "types", ""),
        ({"types": ",".join(["order.packed"] * 101)}, "types", "100"),
        ({"wait": 26}, "wait", ""),
        ({"wait": "-1"}, "wait", ""),
        ({"since": "yesterday"}, "since", ""),
        ({"since": "2026-01-01T00:00:00Z", "after": "latest"}, "since", "not both"),
        ({"cursor": "x"}, "cursor", ""),
        ({"after": "first"}, "after", ""),
    ],
)
async def test_what_the_feed_does_not_understand_is_refused(
    api_client: httpx.AsyncClient, query: dict[str, Any], name: str, hint: str
) -> None:
    reply = await api_client.get(FEED, params=query)

    assert reply.status_code == 422, reply.text
    [fault, *_] = reply.json()["errors"]
    assert name in fault["pointer"]
    assert hint in fault["message"]


async def test_a_wait_ends_with_the_commit_of_the_next_event(
    api: RunningService, a_principal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = a_principal()
    async with api.client(who) as client, api.client(a_principal()) as stranger:
        waits = [asyncio.create_task(ask(client, after="latest", wait=20)) for _ in range(3)]
        waits.append(asyncio.create_task(ask(client, after="latest", types="parcel.lost", wait=2)))
        elsewhere = asyncio.create_task(ask(stranger, after="latest", wait=1))
        await eventually(lambda: len(api.app.state.waiters.waiting.get(who.workspace_id, ())) == 4)
        started = time.monotonic()
        message = await a_message(client)
        pieces = await asyncio.gather(*waits[:3])
        seconds = time.monotonic() - started
        other, foreign = await waits[3], await elsewhere
        # As another process would do it: nothing here is told of its commit.
        monkeypatch.setattr(type(api.app.state.waiters), "wake", lambda self, ids: None)
        waiting = asyncio.create_task(ask(client, after="latest", wait=20))
        await eventually(lambda: bool(api.app.state.waiters.waiting.get(who.workspace_id)))
        unheard = await a_message(client)
        seen = await waiting

    assert all(ids(piece) == [message["webhook_id"]] for piece in pieces)
    assert seconds < 2
    assert (other["data"], foreign["data"]) == ([], [])
    # Nothing of what it looked at is looked at again.
    assert other["meta"]["next_cursor"] == pieces[0]["meta"]["next_cursor"]
    assert ids(seen) == [unheard["webhook_id"]]
    assert api.app.state.waiters.waiting == {}


async def test_eight_requests_of_a_workspace_wait_and_one_that_left_does_not(
    api: RunningService, a_principal: Any
) -> None:
    who = a_principal()
    waiting = api.app.state.waiters.waiting
    async with api.client(who) as client, api.client(a_principal()) as stranger:
        waits = [asyncio.create_task(ask(client, after="latest", wait=20)) for _ in range(8)]
        await eventually(lambda: len(waiting.get(who.workspace_id, ())) == operations.MAX_WAITING)
        ninth = await client.get(FEED, params={"after": "latest", "wait": 1})
        at_once = await client.get(FEED, params={"after": "latest"})
        elsewhere = await stranger.get(FEED, params={"wait": 1})
        waits[0].cancel()
        await eventually(lambda: len(waiting[who.workspace_id]) == 7)
        # Told to stop, the service lets everybody go at once.
        api.parts.is_stopping = True
        pieces = await asyncio.gather(*waits[1:])
        api.parts.is_stopping = False

    assert (ninth.status_code, ninth.json()["code"]) == (429, "too_many_waiting")
    assert ninth.headers["retry-after"] == "1"
    assert (at_once.status_code, elsewhere.status_code) == (200, 200)
    assert [piece["data"] for piece in pieces] == [[]] * 7


async def test_what_is_sent_again_stands_in_the_feed_once_more_for_those_who_ask(
    client: httpx.AsyncClient, receiver: Any, databases: Any
) -> None:
    await an_endpoint(client, receiver.url)
    first, second = [await a_message(client, data={"number": number}) for number in range(2)]
    await receiver.wait(2)
    await eventually(lambda: are(client, "delivered", "delivered"))
    latest = (await ask(client, after="latest"))["meta"]["next_cursor"]
    [delivery] = await listed(client, "/v1/deliveries", message_id=first["webhook_id"])

    waiting = asyncio.create_task(ask(client, after=latest, resends=True, wait=10))
    await asyncio.sleep(0.05)
    assert (await client.post(f"/v1/deliveries/{delivery['id']}/resend")).status_code == 202
    again = await waiting
    await receiver.wait(3)
    third = await a_message(client)

    assert ids(again) == [first["webhook_id"]]
    assert (again["data"][0]["resend"], again["data"][0]["data"]) == (True, {"number": 0})
    # Whoever did not ask has each once, and nothing is said to be gone.
    plain = await ask(client, after=latest)
    assert ids(plain) == [third["webhook_id"]]
    assert plain["meta"]["skipped_count"] == 0
    assert "resend" not in plain["data"][0]
    everything = await ask(client, resends=True, types="order.*")
    assert ids(everything) == [one["webhook_id"] for one in (first, second, first, third)]
    assert len(ids(await ask(client, resends=True, limit=3))) == 3
    # What has outlived its retention is counted as before.
    await fetch(databases, f"DELETE FROM webhook_delivery.message WHERE id = '{first['id']}'")
    begun = await ask(client, after="WyIwIl0")
    assert (ids(begun), begun["meta"]["skipped_count"]) == ([second["webhook_id"], third["webhook_id"]], 1)
    assert await ask(client, after="WyIwIl0", resends=True) == begun

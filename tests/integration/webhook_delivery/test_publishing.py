"""Publishing: what comes together is stored together, and answered as if each had come alone."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest

from tests.integration.webhook_delivery.conftest import Receiver, a_message, an_endpoint, fetch, listed

PATH = "/v1/messages"
JSON = {"content-type": "application/json"}
BODY = {"event_type": "order.packed", "data": {"number": 7}}


def said(**fields: Any) -> bytes:
    """The body with these fields."""
    return json.dumps(BODY | fields).encode()


REQUESTS: dict[str, Any] = {
    "plain": {"content": said()},
    "exact numbers": {"content": b'{"event_type": "a.b", "data": {"x": 1.10, "y": 12345678901234567890}}'},
    "an event_id": {"content": said(event_id="one")},
    "the event_id again": {"content": said(event_id="one")},
    "the event_id with other data": {"content": said(event_id="one", data={})},
    "the event_id of another type": {"content": said(event_id="one", event_type="order.sent")},
    "null for an event_id": {"content": said(event_id=None)},
    "an empty event_id": {"content": said(event_id="")},
    "a long event_id": {"content": said(event_id="x" * 256)},
    "a number for an event_id": {"content": said(event_id=1)},
    "a type of the platform": {"content": said(event_type="invoice.paid")},
    "a type of the platform's next release": {"content": said(event_type="invoice.of_tomorrow")},
    "a pattern": {"content": said(event_type="order.*")},
    "no data": {"content": b'{"event_type": "a"}'},
    "data that are a list": {"content": said(data=[])},
    "nested data": {"content": said(data={"a": [{"b": None}, True, "\u00e9"]})},
    "too deep": {"content": b'{"event_type": "a", "data": {"x": ' + b"[" * 50 + b"]" * 50 + b"}}"},
    "a huge exponent": {"content": b'{"event_type": "a", "data": {"x": 1e400}}'},
    "not a number": {"content": b'{"event_type": "a", "data": {"x": NaN}}'},
    "a card number": {"content": said(data={"x": "4242 4242 4242 4242"})},
    "an unknown field": {"content": said(extra=1)},
    "nearly too large": {"content": said(data={"x": "x" * 261_000})},
    "too large": {"content": said(data={"x": "x" * 262_144})},
    "far too large": {"content": said(data={"x": "x" * 1_100_000})},
    "no JSON": {"content": b"{"},
    "a key": {"content": said(event_id="two"), "headers": {"idempotency-key": "k"}},
    "the key again": {"content": said(event_id="two"), "headers": {"idempotency-key": "k"}},
    "another key for the event_id": {"content": said(event_id="two"), "headers": {"idempotency-key": "l"}},
    "that key again": {"content": said(event_id="two"), "headers": {"idempotency-key": "l"}},
    "the key for something else": {"content": said(), "headers": {"idempotency-key": "k"}},
    "a query": {"content": said(), "params": {"dry": "1"}},
}
# Each message has its own.
OF_ITS_OWN = ("id", "webhook_id", "created_at", "request_id")


async def test_both_ways_to_publish_answer_alike(start_hooks: Any, a_principal: Any, databases: Any) -> None:
    answered: dict[str, list[Any]] = {}
    for gathers in ("true", "false"):
        service = await start_hooks(role="api", GATHER_WRITES=gathers)
        principal = a_principal()
        async with service.client(principal) as client:
            answered[gathers] = [await _asked(client, request) for request in REQUESTS.values()]
        rows = await fetch(
            databases,
            f"SELECT position, event_type, encode(body, 'escape') FROM webhook_delivery.message "
            f"WHERE workspace_id = '{principal.workspace_id}' ORDER BY position",
        )
        answered[gathers].append([(row[0], row[1], row[2].partition('"data"')[2]) for row in rows])

    for name, gathered, alone in zip(
        [*REQUESTS, "what is stored"], answered["true"], answered["false"], strict=True
    ):
        assert gathered == alone, name


async def _asked(client: httpx.AsyncClient, request: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
    headers = JSON | request.get("headers", {})
    reply = await client.post(PATH, content=request["content"], headers=headers, params=request.get("params"))
    left_out = ("date", "content-length", "x-request-id")
    shown = {name: value for name, value in reply.headers.items() if name not in left_out}
    body = {name: value for name, value in reply.json().items() if name not in OF_ITS_OWN}
    if "body" in body:
        del body["body"]["timestamp"]
    if len(body.get("event_id", "")) == 36:
        del body["event_id"]
    return reply.status_code, shown, body


@contextlib.asynccontextmanager
async def feed_held(databases: Any, client: httpx.AsyncClient) -> AsyncIterator[asyncio.Task[Any]]:
    """A publish is under way until the end of the block: it waits for the workspace's feed."""
    await a_message(client, data={"number": 0})
    admin = await asyncpg.connect(databases.admin_dsn)
    async with admin.transaction():
        await admin.execute("SELECT FROM webhook_delivery.feed_head FOR UPDATE")
        first = asyncio.create_task(client.post(PATH, json=BODY))
        await asyncio.sleep(0.1)
        yield first
        await asyncio.sleep(0.2)
    await first
    await admin.close()


async def test_publishes_that_come_together_share_a_transaction_and_each_is_answered(
    api_client: httpx.AsyncClient, databases: Any
) -> None:
    bodies = [BODY | {"event_id": id_} for id_ in ("a", "b", "a", "c")]
    bodies += [BODY | {"event_id": "b", "data": {}}, BODY | {"event_type": "invoice.paid"}]
    async with feed_held(databases, api_client):
        asked = [asyncio.create_task(api_client.post(PATH, json=body)) for body in bodies]
    replies = await asyncio.gather(*asked)

    assert [reply.status_code for reply in replies] == [201, 201, 200, 201, 409, 422]
    assert replies[2].json() == replies[0].json()
    assert replies[4].json()["code"] == "event_id_taken"
    stored = await fetch(
        databases,
        "SELECT source_event_id, position, xmin::text FROM webhook_delivery.message ORDER BY position",
    )
    assert [row["source_event_id"] for row in stored[2:]] == ["a", "b", "c"]
    assert [row["position"] for row in stored] == [1, 2, 3, 4, 5]
    assert len({row["xmin"] for row in stored[2:]}) == 1


async def test_publishes_that_come_together_reach_their_endpoints_in_the_order_of_the_feed(
    client: httpx.AsyncClient, databases: Any, receiver: Receiver
) -> None:
    await an_endpoint(client, receiver.url, ordering="fifo")
    async with feed_held(databases, client):
        asked = [asyncio.create_task(client.post(PATH, json=BODY | {"data": {"n": n}})) for n in range(20)]
    replies = await asyncio.gather(*asked)

    await receiver.wait(22)
    rows = await fetch(databases, "SELECT id FROM webhook_delivery.message ORDER BY position")
    in_feed = [f"msg_{row['id'].hex}" for row in rows]
    assert [one.headers["webhook-id"] for one in receiver.received] == in_feed
    assert {reply.json()["webhook_id"] for reply in replies} <= set(in_feed)


async def test_workspaces_that_publish_at_once_see_their_own_alone(
    start_hooks: Any, a_principal: Any
) -> None:
    service = await start_hooks(role="api")
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(service.client(a_principal())) for _ in range(12)]
        body = BODY | {"event_id": "same for all"}
        replies = await asyncio.gather(
            *(client.post(PATH, json=body) for _ in range(5) for client in clients)
        )
        assert sorted(reply.status_code for reply in replies) == [200] * 48 + [201] * 12
        for number, client in enumerate(clients):
            [message] = await listed(client, PATH)
            assert {reply.json()["id"] for reply in replies[number::12]} == {message["id"]}


@pytest.mark.parametrize("count", [1, 40])
async def test_what_is_published_is_there_when_its_reply_comes(
    api_client: httpx.AsyncClient, databases: Any, count: int
) -> None:
    async def publish(number: int) -> bool:
        reply = await api_client.post(PATH, json=BODY | {"event_id": str(number)})
        assert reply.status_code == 201
        rows = await fetch(
            databases, f"SELECT FROM webhook_delivery.message WHERE id = '{reply.json()['id']}'"
        )
        return len(rows) == 1

    assert all(await asyncio.gather(*(publish(number) for number in range(count))))

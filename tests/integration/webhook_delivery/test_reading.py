"""The API of messages, deliveries and the feed, over real Postgres."""

import base64
from typing import Any

import httpx
import pytest

from shared.testing.service import RunningService
from tests.integration.webhook_delivery.conftest import a_message, an_endpoint, fetch, listed

URL = "https://example.com/hooks"


async def test_a_message_with_the_same_event_id_is_published_once(api_client: httpx.AsyncClient) -> None:
    body = {"event_type": "order.packed", "event_id": "order-7", "data": {"number": 7}}

    first = await api_client.post("/v1/messages", json=body)
    again = await api_client.post("/v1/messages", json=body)
    other = await api_client.post("/v1/messages", json={**body, "data": {"number": 8}})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "event_id_taken")
    assert len(await listed(api_client, "/v1/messages")) == 1


@pytest.mark.parametrize(
    "content, pointer",
    [
        (b'{"event_type": "Order", "data": {}}', "/event_type"),
        (b'{"event_type": "order.*", "data": {}}', "/event_type"),
        (b'{"event_type": "order", "data": []}', "/data"),
        (b'{"event_type": "order", "data": {"x": NaN}}', "/data/x"),
        (b'{"event_type": "order", "data": {"x": 1e400}}', "/data/x"),
        (b'{"event_type": "order", "data": {"x": "\\u0000"}}', "/data/x"),
        (b'{"event_type": "order", "data": {}, "extra": 1}', "/extra"),
        (b'{"event_type": "order", "data": {"x": "' + b"x" * 262_144 + b'"}}', "/data"),
        (b'{"event_type": "order", "event_id": "", "data": {}}', "/event_id"),
    ],
)
async def test_a_message_that_cannot_be_sent_is_refused(
    api_client: httpx.AsyncClient, content: bytes, pointer: str
) -> None:
    reply = await api_client.post(
        "/v1/messages", content=content, headers={"content-type": "application/json"}
    )

    assert reply.status_code == 422, reply.text
    assert pointer in [error["pointer"] for error in reply.json()["errors"]]
    assert await listed(api_client, "/v1/messages") == []


async def test_the_feed_gives_everything_once_in_its_order(api_client: httpx.AsyncClient) -> None:
    published = [await a_message(api_client, data={"number": number, "rate": 1.10}) for number in range(7)]

    seen: list[dict[str, Any]] = []
    cursor, has_more = None, True
    while has_more:
        reply = await api_client.get(
            "/v1/events", params={"limit": 3, **({"after": cursor} if cursor else {})}
        )
        page = reply.json()
        seen += page["data"]
        cursor, has_more = page["meta"]["next_cursor"], page["meta"]["has_more"]

    assert [one["id"] for one in seen] == [one["webhook_id"] for one in published]
    assert [one["data"]["number"] for one in seen] == list(range(7))
    assert set(seen[0]) == {"id", "subject", "sequence", "type", "timestamp", "data"}
    late = await a_message(api_client)
    rest = (await api_client.get("/v1/events", params={"after": cursor})).json()
    assert [one["id"] for one in rest["data"]] == [late["webhook_id"]]
    assert b'"rate":1.10' in reply.content or b'"rate":1.1' in reply.content


async def test_lists_are_read_page_by_page_without_gap_or_repetition(api_client: httpx.AsyncClient) -> None:
    endpoints = [await an_endpoint(api_client, URL) for _ in range(3)]
    await api_client.post(f"/v1/webhook-endpoints/{endpoints[0]['id']}/disable")
    for _ in range(5):
        await a_message(api_client)

    for path, count in (("/v1/messages", 5), ("/v1/deliveries", 15), ("/v1/webhook-endpoints", 3)):
        everything = [one["id"] for one in await listed(api_client, path)]
        assert await _paged(api_client, path) == everything
        assert len(set(everything)) == count
    states = [one["state"] for one in await listed(api_client, "/v1/deliveries")]
    assert states == ["pending"] * 10 + ["held"] * 5
    held = await listed(api_client, "/v1/deliveries", state="held", endpoint_id=endpoints[0]["id"])
    assert len(held) == 5
    assert (await api_client.get(f"/v1/deliveries/{held[0]['id']}")).json() == held[0]


@pytest.mark.parametrize(
    "path", ["/v1/messages", "/v1/deliveries", "/v1/events", "/v1/messages/msg_0/attempts"]
)
async def test_a_cursor_that_is_not_ours_is_refused(api_client: httpx.AsyncClient, path: str) -> None:
    name = "after" if path == "/v1/events" else "cursor"

    texts = ["[]", "{}", '["x"]', '["-1"]', '["99999999999999999999"]', '["pending", "1", "2"]', "null", "["]
    texts += ['["delivered", "2026-01-01", "019d7a2f-8f00-7000-8000-000000000000"]', '["pending"]']
    for cursor in ("x", "é", *(base64.urlsafe_b64encode(text.encode()).decode() for text in texts)):
        reply = await api_client.get(path, params={name: cursor})
        assert reply.status_code == 422, (cursor, reply.text)
        assert name in reply.json()["errors"][0]["pointer"]


@pytest.mark.parametrize(
    "path, status",
    [
        ("/v1/messages/ffffffff-ffff-ffff-ffff-ffffffffffff", 404),
        ("/v1/messages/00000000-0000-0000-0000-000000000000", 404),
        ("/v1/messages/nothing", 404),
        ("/v1/messages?event_type=%00", 422),
        ("/v1/messages?limit=501", 422),
        ("/v1/deliveries?state=lost", 422),
        ("/v1/deliveries?endpoint_id=x", 422),
        ("/v1/deliveries/ffffffff-ffff-ffff-ffff-ffffffffffff", 404),
        ("/v1/webhook-endpoints?cursor=x", 422),
    ],
)
async def test_what_cannot_be_there_is_answered_with_a_problem(
    api_client: httpx.AsyncClient, path: str, status: int
) -> None:
    reply = await api_client.get(path)

    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")


async def test_what_an_event_says_takes_the_scope_of_its_resource(
    api: RunningService, a_principal: Any, databases: Any
) -> None:
    who = a_principal()
    scopes = {"alone": {"webhooks:read"}, "money": {"webhooks:read", "payments:read"}, "all": {"*:read"}}
    async with api.client(who) as owner:
        own = await a_message(owner)
        fact = await a_message(owner, "order.paid")
    # As the relay's consumer stores a fact of the platform.
    await fetch(
        databases,
        "UPDATE webhook_delivery.message SET event_type = 'payment.created', ordering_key = 'its-subject', "
        "body = replace(encode(body, 'escape'), 'order.paid', 'payment.created')::bytea "
        f"WHERE id = '{fact['id']}'",
    )
    seen = {}
    for name, held in scopes.items():
        async with api.client(a_principal(who.workspace_id, scopes=frozenset(held))) as client:
            feed = await listed(client, "/v1/events")
            seen[name] = (feed, (await client.get(f"/v1/messages/{fact['id']}")).json()["body"])
            assert [one["id"] for one in feed] == [own["webhook_id"], fact["webhook_id"]]
            assert feed[0]["data"] == {"number": 7}
            assert len(await listed(client, "/v1/messages")) == 2

    for feed, body in (seen["money"], seen["all"]):
        assert feed[1]["data"] == body["data"] == {"number": 7}
        assert "lacking_scope" not in {*feed[1], *body}
    feed, body = seen["alone"]
    assert feed[1] == {
        "id": fact["webhook_id"],
        "subject": "its-subject",
        "sequence": None,
        "type": "payment.created",
        "timestamp": body["timestamp"],
        "data": None,
        "lacking_scope": "payments:read",
    }
    assert (body["data"], body["lacking_scope"]) == (None, "payments:read")


async def test_an_endpoint_hears_no_more_than_its_maker_may_read(
    api: RunningService, a_principal: Any
) -> None:
    who, path = a_principal(), "/v1/webhook-endpoints"
    hooks = a_principal(who.workspace_id, scopes=frozenset({"webhooks:write", "invoices:read"}))
    async with api.client(who) as owner, api.client(hooks) as client:
        theirs = (await owner.post(path, json={"url": URL, "event_types": ["*"]})).json()
        mine = await client.post(path, json={"url": URL, "event_types": ["invoice.*", "order.*"]})
        one, other = f"{path}/{mine.json()['id']}", f"{path}/{theirs['id']}"
        refused = [
            await client.post(path, json={"url": URL, "event_types": ["*"]}),
            await client.post(path, json={"url": URL, "event_types": ["invoice.paid", "payment.created"]}),
            await client.patch(one, json={"event_types": ["invoice.*", "contact.*"]}),
            await client.patch(other, json={"url": "https://example.org/elsewhere"}),
        ]
        allowed = [
            await client.patch(one, json={"event_types": ["invoice.paid"], "url": "https://example.org/"}),
            await client.patch(other, json={"description": "as it was", "url": URL, "event_types": ["*"]}),
        ]
        count = len(await listed(owner, path))

    assert [(reply.status_code, reply.json()["scope"]) for reply in refused] == [
        (403, "*:read"),
        (403, "payments:read"),
        (403, "contacts:read"),
        (403, "*:read"),
    ]
    assert [reply.status_code for reply in (mine, *allowed)] == [201, 200, 200]
    assert count == 2


async def _paged(client: httpx.AsyncClient, path: str) -> list[str]:
    found: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await client.get(path, params=query)).json()
        found += [one["id"] for one in page["data"]]
        if page["meta"]["next_cursor"] is None:
            return found
        query["cursor"] = page["meta"]["next_cursor"]

"""An endpoint's own headers are secrets: sent with every delivery, shown and stored nowhere in the open."""

import base64
import json
from typing import Any

import httpx
from aiohttp import web

from services.webhook_delivery.deliveries.workers.upkeep import HeaderSealing
from shared.kernel.key_ring import KeyRing
from shared.testing.service import RunningService
from tests.integration.webhook_delivery.conftest import (
    ENVIRONMENT,
    Receiver,
    a_message,
    an_endpoint,
    fetch,
    listed,
)

SECRET = "s3cr3t-of-the-receiver"
HEADERS = {"Authorization": f"Bearer {SECRET}", "X-Tenant": "7"}
SHOWN = {"Authorization": "(hidden)", "X-Tenant": "(hidden)"}
STORED = "SELECT headers, headers_encrypted FROM webhook_delivery.endpoint"
OF_BEFORE = f"""
UPDATE webhook_delivery.endpoint
SET headers = '{{"Authorization": "Bearer {SECRET}"}}', headers_encrypted = NULL
"""
EVERYTHING = """
SELECT e.*::text AS row FROM webhook_delivery.endpoint e UNION ALL
SELECT a.*::text || encode(resp_body, 'escape') FROM webhook_delivery.attempt a UNION ALL
SELECT encode(body, 'escape') FROM webhook_delivery.idempotency_key
"""


async def test_the_values_are_sent_and_are_shown_and_stored_nowhere(
    client: httpx.AsyncClient, receiver: Receiver, databases: Any
) -> None:
    async def echo(request: web.Request) -> web.StreamResponse:
        text = f"you are {request.headers['authorization']}, token {SECRET}"
        return web.Response(text=text, headers={"x-echo": request.headers["authorization"]})

    receiver.script = [echo, echo]
    created = await an_endpoint(client, receiver.url, headers=HEADERS)
    path = f"/v1/webhook-endpoints/{created['id']}"
    key = {"Idempotency-Key": "pause"}
    message = await a_message(client)
    [sent] = await receiver.wait()
    tested = await client.post(f"{path}/test")
    attempts = await client.get(f"/v1/messages/{message['id']}/attempts")
    paused = await client.post(f"{path}/pause", headers=key)
    again = await client.post(f"{path}/pause", headers=key)

    assert (sent.headers["authorization"], sent.headers["x-tenant"]) == (f"Bearer {SECRET}", "7")
    assert receiver.received[1].headers["authorization"] == f"Bearer {SECRET}"
    assert created["headers"] == paused.json()["headers"] == again.json()["headers"] == SHOWN
    assert [one["headers"] for one in await listed(client, "/v1/webhook-endpoints")] == [SHOWN]
    assert "you are (hidden), token (hidden)" in tested.text
    for reply in (tested, attempts, paused, again, await client.get(path), await client.get("/v1/events")):
        assert SECRET not in reply.text
    assert not [row["row"] for row in await fetch(databases, EVERYTHING) if SECRET in row["row"]]


async def test_a_change_keeps_what_is_given_back_hidden(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(client, receiver.url, headers=HEADERS)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"

    changed = await client.patch(path, json={"headers": {"Authorization": "(hidden)", "X-New": "8"}})
    await client.patch(path, json={"description": "nothing of its headers"})
    await client.post(f"{path}/test")

    assert changed.json()["headers"] == {"Authorization": "(hidden)", "X-New": "(hidden)"}
    sent = receiver.received[0].headers
    assert (sent["authorization"], sent["x-new"]) == (f"Bearer {SECRET}", "8")
    assert "x-tenant" not in sent


async def test_headers_of_before_are_sent_hidden_and_encrypted_and_follow_the_newest_key(
    start_hooks: Any, a_principal: Any, receiver: Receiver, databases: Any
) -> None:
    keys, who = ENVIRONMENT["ENCRYPTION_KEYS"], a_principal()
    more_keys = f"{keys},k2:{base64.b64encode(b'2' * 32).decode()}"
    api: RunningService = await start_hooks(role="api")
    newer: RunningService = await start_hooks(role="api", ENCRYPTION_KEYS=more_keys)
    async with api.client(who) as client, newer.client(who) as other:
        endpoint = await an_endpoint(client, receiver.url)
        path = f"/v1/webhook-endpoints/{endpoint['id']}"
        await fetch(databases, OF_BEFORE)
        shown = (await client.get(path)).json()["headers"]
        await client.post(f"{path}/test")
        [sealed] = await _seal(api, keys, databases)
        await client.post(f"{path}/test")
        [resealed] = await _seal(api, more_keys, databases)
        unreadable = (await client.post(f"{path}/test")).json()
        await other.post(f"{path}/test")

    assert shown == sealed["headers"] == resealed["headers"] == {"Authorization": "(hidden)"}
    assert (sealed["headers_encrypted"][:4], resealed["headers_encrypted"][:4]) == (
        b"\x01\x02k1",
        b"\x01\x02k2",
    )
    assert (unreadable["status"], unreadable["error"]) == (None, "ours")
    assert [one.headers["authorization"] for one in receiver.received] == [f"Bearer {SECRET}"] * 3


async def test_a_deleted_endpoint_keeps_no_headers(api_client: httpx.AsyncClient, databases: Any) -> None:
    endpoint = await an_endpoint(api_client, "https://example.com/", headers=HEADERS)

    await api_client.delete(f"/v1/webhook-endpoints/{endpoint['id']}")

    [stored] = await fetch(databases, STORED)
    assert (stored["headers"], stored["headers_encrypted"]) == ("{}", None)


async def _seal(service: RunningService, keys: str, databases: Any) -> list[dict[str, Any]]:
    sealing = HeaderSealing(service.parts.worker, KeyRing.parse(keys))
    assert [await sealing.step() for _ in range(3)] == [False, True, False]
    rows = await fetch(databases, STORED)
    return [{**row, "headers": json.loads(row["headers"])} for row in rows]

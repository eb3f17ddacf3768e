"""The API of endpoints and their secrets, over real Postgres."""

import json
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from shared.testing.service import RunningService
from tests.integration.webhook_delivery.conftest import Receiver, a_message, an_endpoint, fetch, listed

URL = "https://example.com/hooks"


async def test_an_endpoint_is_created_changed_listed_and_deleted(api_client: httpx.AsyncClient) -> None:
    created = await an_endpoint(
        api_client, URL, event_types=["invoice.*"], description="books", timeout_seconds=5
    )
    path = f"/v1/webhook-endpoints/{created['id']}"

    changed = (await api_client.patch(path, json={"headers": {"X-Tenant": "7"}, "max_concurrency": 2})).json()
    [shown] = await listed(api_client, "/v1/webhook-endpoints")
    deleted = await api_client.delete(path)

    assert created["secret"].startswith("whsec_")
    assert (created["version"], changed["version"]) == (1, 2)
    assert (
        shown
        == changed
        == {
            **{name: value for name, value in created.items() if name != "secret"},
            "version": 2,
            "headers": {"X-Tenant": "(hidden)"},
            "max_concurrency": 2,
            "updated_at": changed["updated_at"],
        }
    )
    assert deleted.status_code == 204
    assert await listed(api_client, "/v1/webhook-endpoints") == []
    assert (await api_client.get(path)).status_code == 404


@pytest.mark.parametrize(
    "change, pointer",
    [
        ({"url": "http://example.org:22/"}, "/url"),
        ({"url": "https://10.0.0.1/"}, "/url"),
        ({"url": "https://user:pass@example.com/"}, "/url"),
        ({"url": "https://example.com/" + "x" * 3000}, "/url"),
        ({"url": None}, "/url"),
        ({"url": "https://example.com/\x00"}, "/url"),
        ({"event_types": []}, "/event_types"),
        ({"event_types": ["invoice.*", "in voice"]}, "/event_types/1"),
        ({"event_types": "*"}, "/event_types"),
        ({"headers": {"host": "x"}}, "/headers/host"),
        ({"headers": {"x": "a\r\nhost: y"}}, "/headers/x"),
        ({"headers": {"x": 1}}, "/headers/x"),
        ({"headers": {"x": "(hidden)"}}, "/headers/x"),
        ({"timeout_seconds": 31}, "/timeout_seconds"),
        ({"timeout_seconds": 1.5}, "/timeout_seconds"),
        ({"max_concurrency": 0}, "/max_concurrency"),
        ({"description": "x" * 4001}, "/description"),
        ({"status": "disabled"}, "/status"),
        ({"secret": "whsec_x"}, "/secret"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_stored(
    api_client: httpx.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    reply = await api_client.post("/v1/webhook-endpoints", json={"url": URL, "event_types": ["*"], **change})
    endpoint = await an_endpoint(api_client, URL)
    patched = await api_client.patch(f"/v1/webhook-endpoints/{endpoint['id']}", json=change)

    for refused in (reply, patched):
        assert refused.status_code == 422, refused.text
        assert refused.headers["content-type"] == "application/problem+json"
        assert pointer in [error["pointer"] for error in refused.json()["errors"]]
    assert len(await listed(api_client, "/v1/webhook-endpoints")) == 1


async def test_another_workspace_sees_and_reaches_nothing(api: RunningService, a_principal: Any) -> None:
    async with api.client(a_principal()) as mine, api.client(a_principal()) as theirs:
        endpoint = await an_endpoint(mine, URL)
        message = await a_message(mine)
        [delivery] = await listed(mine, "/v1/deliveries")
        await an_endpoint(theirs, URL)

        assert [one["id"] for one in await listed(mine, "/v1/webhook-endpoints")] == [endpoint["id"]]
        assert endpoint["id"] not in [one["id"] for one in await listed(theirs, "/v1/webhook-endpoints")]
        for path in ("/v1/messages", "/v1/deliveries", "/v1/events"):
            assert await listed(theirs, path) == []
        for method, path in [
            ("GET", f"/v1/webhook-endpoints/{endpoint['id']}"),
            ("PATCH", f"/v1/webhook-endpoints/{endpoint['id']}"),
            ("DELETE", f"/v1/webhook-endpoints/{endpoint['id']}"),
            ("POST", f"/v1/webhook-endpoints/{endpoint['id']}/disable"),
            ("POST", f"/v1/webhook-endpoints/{endpoint['id']}/test"),
            ("GET", f"/v1/webhook-endpoints/{endpoint['id']}/secret"),
            ("POST", f"/v1/webhook-endpoints/{endpoint['id']}/secret/rotate"),
            ("GET", f"/v1/messages/{message['id']}"),
            ("GET", f"/v1/messages/{message['id']}/attempts"),
            ("GET", f"/v1/deliveries/{delivery['id']}"),
            ("POST", f"/v1/deliveries/{delivery['id']}/resend"),
        ]:
            reply = await theirs.request(method, path, json={} if method == "PATCH" else None)
            assert reply.status_code == 404, (method, path, reply.text)
        assert len(await listed(theirs, "/v1/deliveries", endpoint_id=endpoint["id"])) == 0


async def test_each_right_opens_its_own_routes(api: RunningService, a_principal: Any) -> None:
    who = a_principal()
    async with api.client(who) as owner:
        endpoint = await an_endpoint(owner, URL)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    reader = a_principal(who.workspace_id, scopes=frozenset({"webhooks:read"}))
    stranger = a_principal(who.workspace_id, scopes=frozenset({"invoices:write"}))
    async with api.client(reader) as client, api.client(stranger) as other, api.client() as nobody:
        assert (await client.get(path)).status_code == 200
        assert (await client.get(f"{path}/secret")).status_code == 403
        assert (await client.delete(path)).status_code == 403
        assert (await client.post("/v1/messages", json={"event_type": "a", "data": {}})).status_code == 403
        assert (await other.get(path)).status_code == 403
        assert (await nobody.get(path)).status_code == 401


async def test_the_secret_is_encrypted_at_rest_and_shown_on_demand(
    api_client: httpx.AsyncClient, databases: Any
) -> None:
    endpoint = await an_endpoint(api_client, URL)

    shown = (await api_client.get(f"/v1/webhook-endpoints/{endpoint['id']}/secret")).json()

    assert shown["secret"] == endpoint["secret"]
    assert shown["previous"] == []
    [stored] = await fetch(databases, "SELECT key_encrypted FROM webhook_delivery.endpoint_secret")
    assert stored["key_encrypted"][:4] == b"\x01\x02k1"
    assert Webhook(endpoint["secret"])._whsecret not in stored["key_encrypted"]


async def test_a_rotated_secret_keeps_the_old_one_for_a_day_or_not_at_all(
    api_client: httpx.AsyncClient,
) -> None:
    endpoint = await an_endpoint(api_client, URL)
    path = f"/v1/webhook-endpoints/{endpoint['id']}/secret"

    first = (await api_client.post(f"{path}/rotate")).json()
    second = (await api_client.post(f"{path}/rotate", json={"overlap_seconds": 0})).json()
    brought = (await api_client.post(path, json={"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})).json()
    wrong = await api_client.post(path, json={"secret": "whsec_short"})

    assert [one["secret"] for one in first["previous"]] == [endpoint["secret"]]
    assert first["previous"][0]["expires_at"] is not None
    assert second["previous"] == []
    assert brought["secret"] == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert [one["secret"] for one in brought["previous"]] == [second["secret"]]
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/secret")


async def test_a_repeated_creation_gives_the_same_secret_which_is_not_stored_in_the_open(
    api_client: httpx.AsyncClient, databases: Any
) -> None:
    body, key = {"url": URL, "event_types": ["*"]}, {"Idempotency-Key": "once"}

    first = await api_client.post("/v1/webhook-endpoints", json=body, headers=key)
    again = await api_client.post("/v1/webhook-endpoints", json=body, headers=key)

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    [stored] = await fetch(databases, "SELECT body FROM webhook_delivery.idempotency_key")
    assert b"whsec" not in stored["body"]
    assert len(await listed(api_client, "/v1/webhook-endpoints")) == 1


async def test_a_test_sends_one_signed_request_and_replies_with_its_outcome(
    api_client: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.script = [200, 503]
    endpoint = await an_endpoint(api_client, receiver.url)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"

    good = (await api_client.post(f"{path}/test")).json()
    await api_client.post(f"{path}/disable")
    bad = (await api_client.post(f"{path}/test")).json()

    assert (good["status"], good["state"], good["kind"]) == (200, "delivered", "test")
    assert (bad["status"], bad["state"]) == (503, "exhausted")
    body = receiver.verify(endpoint["secret"])
    assert body["type"] == "webhook_endpoint.test"
    assert body["data"] == {"webhook_endpoint_id": endpoint["id"]}
    assert await listed(api_client, "/v1/deliveries") == []


async def test_a_workspace_has_at_most_a_hundred_endpoints(
    api_client: httpx.AsyncClient, databases: Any
) -> None:
    endpoint = await an_endpoint(api_client, URL)
    await fetch(
        databases,
        """
        INSERT INTO webhook_delivery.endpoint
        SELECT workspace_id, gen_random_uuid(), version, url, event_types, description, headers,
               timeout_seconds, max_concurrency, rate_limit, ordering, status, disabled_reason,
               disabled_at, paused_until, failing_since, failure_count, deleted_at, created_at, updated_at
        FROM webhook_delivery.endpoint, generate_series(1, 99)
        """,
    )

    refused = await api_client.post("/v1/webhook-endpoints", json={"url": URL, "event_types": ["*"]})

    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_webhook_endpoints")
    await api_client.delete(f"/v1/webhook-endpoints/{endpoint['id']}")
    assert (await an_endpoint(api_client, URL))["version"] == 1


async def test_the_description_of_the_api_is_served_to_the_gateway_alone(
    api: RunningService, a_principal: Any
) -> None:
    pages = ("/openapi.json", "/docs", "/redoc", "/docs/oauth2-redirect", "/metrics", "/docs/")
    async with api.client() as nobody:
        refused = [(await nobody.get(path)).status_code for path in pages]
        asked = [
            await nobody.request(
                method, path, headers={"host": "evil.example", "origin": "https://evil.example"}
            )
            for method in ("OPTIONS", "HEAD", "TRACE", "PROPFIND")
            for path in ("/openapi.json", "/v1/webhook-endpoints", "/v1/webhook-endpoints/")
        ]
    async with api.client(a_principal(scopes=frozenset())) as client:
        document = json.loads((await client.get("/openapi.json")).content)

    assert refused == [401, 404, 404, 404, 404, 404]
    assert {reply.status_code for reply in asked} <= {401, 404, 405}
    assert not [reply for reply in asked if "evil.example" in str(reply.headers) + reply.text]
    assert "/v1/webhook-endpoints/{endpoint_id}/secret/rotate" in document["paths"]

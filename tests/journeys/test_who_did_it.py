"""Who touched money, keys and settings: one log over all services, by the public API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from shared.testing.eventually import eventually
from tests.journeys.conftest import Receiver, a_contact, an_invoice, created, until_status

Json = dict[str, Any]


async def log_of(client: httpx.AsyncClient, **filters: Any) -> list[Json]:
    """The whole log, read page by page."""
    found: list[Json] = []
    before: int | None = None
    while True:
        paging = {"before": before} if before else {}
        reply = await client.get("/v1/audit-log", params={"limit": 5, **filters, **paging})
        assert reply.status_code == 200, reply.text
        found += reply.json()["data"]
        before = reply.json()["meta"]["next_before"]
        if before is None:
            return found


async def test_the_log_tells_of_all_services_in_the_order_of_time(client: httpx.AsyncClient) -> None:
    contact = await a_contact(client)
    invoice = await an_invoice(client, "100.00", contact_id=contact["id"])
    payment = await created(client, "/v1/payments", {"invoice_id": invoice["id"], "amount_minor": 10000})
    await until_status(client, invoice["id"], "paid")
    await created(client, f"/v1/payments/{payment['id']}/refunds", {"amount_minor": 1000})
    key = await created(client, "/v1/api-keys", {"name": "Leaky", "scopes": ["payments:*"]})
    await client.delete(f"/v1/api-keys/{key['id']}")
    endpoint = {"url": "https://hooks.example.com/secret-path", "event_types": ["*"]}
    hook = await created(client, "/v1/webhook-endpoints", endpoint)
    await client.post(f"/v1/webhook-endpoints/{hook['id']}/secret/rotate")
    await client.patch("/v1/dunning/settings", json={"preset": "stripe_like"})

    whole = await log_of(client)

    told = {(one["types"][0], one["resource_id"]) for one in whole}
    for change in (
        ("contact.created", contact["id"]),
        ("invoice.created", invoice["id"]),
        ("payment.created", payment["id"]),
        ("api_key.created", key["id"]),
        ("api_key.revoked", key["id"]),
        ("webhook_endpoint.created", hook["id"]),
    ):
        assert change in told, (change, told)
    assert {"refund", "webhook_secret", "dunning_settings"} <= {one["resource"] for one in whole}
    positions = [one["position"] for one in whole]
    assert positions == sorted(set(positions), reverse=True)
    actors = {one["actor"] for one in whole} - {"admin"}
    assert len(actors) == 1
    assert actors.pop().startswith("key:")
    assert "secret-path" not in str(whole)
    assert key["key"] not in str(whole)
    assert await log_of(client, actor="key:nobody") == []
    assert {one["resource"] for one in await log_of(client, resource="api_key")} == {"api_key"}
    [revoked] = await log_of(client, action="api_key.revoked")
    assert revoked["before"] == {"revoked_at": None}
    [refunded] = await log_of(client, action="refund.created")
    assert refunded["after"]["payment_id"] == payment["id"]
    assert refunded["after"]["amount_minor"] == 1000


async def test_names_that_the_log_does_not_have_are_refused(client: httpx.AsyncClient) -> None:
    for name, value, nearest in (
        ("resource", "paymnt", "payment"),
        ("action", "payment.voidet", "payment.voided"),
    ):
        reply = await client.get("/v1/audit-log", params={name: value})

        assert reply.status_code == 422
        [fault] = reply.json()["errors"]
        assert name in fault["pointer"] or name in str(fault)
        assert f"did you mean {nearest}?" in fault["message"]
        assert "provider_connection" in fault["message"]


async def test_an_invoices_timeline_tells_of_its_money_and_who_moved_it(client: httpx.AsyncClient) -> None:
    invoice = await an_invoice(client, "100.00")
    payment = await created(client, "/v1/payments", {"invoice_id": invoice["id"], "amount_minor": 10000})
    await until_status(client, invoice["id"], "paid")
    await created(client, f"/v1/payments/{payment['id']}/refunds", {"amount_minor": 1000})
    await until_status(client, invoice["id"], "open")
    other = await created(client, "/v1/payments", {"invoice_id": invoice["id"], "amount_minor": 500})
    await client.post(f"/v1/payments/{other['id']}/void", json={"reason": "Typed twice"})
    told: list[tuple[str, str, int]] = []
    actors: set[str] = set()

    async def is_told() -> bool:
        entries = (await client.get(f"/v1/invoices/{invoice['id']}/events")).json()["data"]
        money = [one for one in entries if one["payment_id"]]
        actors.update(one["actor"] for one in money)
        told[:] = [(one["type"], one["payment_id"], one["amount_minor"]) for one in money]
        return len(told) >= 4

    await eventually(is_told)

    assert told == [
        ("payment.created", payment["id"], 10000),
        ("payment.refunded", payment["id"], 1000),
        ("payment.created", other["id"], 500),
        ("payment.voided", other["id"], 500),
    ]
    assert len(actors) == 1
    assert actors.pop().startswith("key:")


async def test_an_invoices_timeline_tells_of_its_webhooks_to_whoever_may_see_them(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    body = {"url": "http://127.0.0.1:1030/nobody", "event_types": ["invoice.issued"]}
    deaf = await created(client, "/v1/webhook-endpoints", body)
    invoice = await an_invoice(client, "100.00")
    await created(client, "/v1/payments", {"invoice_id": invoice["id"], "amount_minor": 10000})
    await until_status(client, invoice["id"], "paid")
    path, wish = f"/v1/invoices/{invoice['id']}/events", {"include": "webhooks"}
    told: list[Any] = []

    async def is_told() -> bool:
        told[:] = (await client.get(path, params=wish)).json()["data"]
        seen = {(one["type"], one["webhook"]["event_type"]) for one in told if one["webhook"]}
        return seen >= {
            ("webhook.delivered", "invoice.issued"),
            ("webhook.delayed", "invoice.issued"),
            ("webhook.delivered", "invoice.paid"),
        }

    await eventually(is_told, 30)

    plain = (await client.get(path)).json()["data"]
    assert [one for one in told if one["webhook"] is None] == plain
    assert [one["sequence"] for one in told] == sorted(one["sequence"] for one in told)
    order = [(one["type"], (one["webhook"] or {}).get("event_type")) for one in told]
    assert order.index(("invoice.issued", None)) < order.index(("webhook.delivered", "invoice.issued"))
    assert order.index(("webhook.delivered", "invoice.issued")) < order.index(("invoice.paid", None))
    [refused] = [one for one in told if one["webhook"] and one["webhook"]["endpoint_id"] == deaf["id"]][:1]
    assert (refused["detail"], refused["webhook"]["status"]) == ("connection_refused", None)
    arrived = {one["webhook"]["webhook_id"] for one in told if one["type"] == "webhook.delivered"}
    assert arrived <= {message["id"] for message in receiver.messages}
    async with _with_scopes(client, "invoices:read") as reader:
        assert (await reader.get(path)).json()["data"] == plain
        assert (await reader.get(path, params=wish)).status_code == 403
    async with _with_scopes(client, "webhooks:read") as hearer:
        assert (await hearer.get(path, params=wish)).status_code == 403
    assert (await client.get(path, params={"include": "everything"})).status_code == 422
    by_number = await client.get(f"/v1/invoices/{invoice['number']}/events", params=wish)
    assert by_number.json()["data"] == (await client.get(path, params=wish)).json()["data"]
    unknown = await client.get("/v1/invoices/none/events", params=wish)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    other = f"/v1/invoices/{deaf['id']}/events"
    assert (await client.get(other, params=wish)).status_code == 404


@asynccontextmanager
async def _with_scopes(client: httpx.AsyncClient, *scopes: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the same workspace whose key has these scopes alone."""
    key = await created(client, "/v1/api-keys", {"name": "Reader", "scopes": list(scopes)})
    async with httpx.AsyncClient(base_url=client.base_url, headers={"x-api-key": key["key"]}) as other:
        yield other

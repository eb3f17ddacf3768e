"""Idempotency-Key on payments."""

import httpx

from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.payment.conftest import Issue, counted, receivable_of


async def test_the_same_key_and_body_give_the_first_reply(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    invoice = await issue()
    body, key = {"invoice_id": str(invoice.id), "amount_minor": 100}, {"idempotency-key": "k-1"}

    first = await client.post("/v1/payments", json=body, headers=key)
    second = await client.post("/v1/payments", json=body, headers=key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["idempotent-replayed"] == "true"
    assert (await receivable_of(service, invoice.id))["paid_minor"] == 100
    assert await counted(service, "payment") == 1


async def test_the_same_key_with_another_body_is_refused(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    invoice = await issue()
    body, key = {"invoice_id": str(invoice.id), "amount_minor": 100}, {"idempotency-key": "k-1"}
    await client.post("/v1/payments", json=body, headers=key)

    reply = await client.post("/v1/payments", json=body | {"amount_minor": 200}, headers=key)

    assert (reply.status_code, reply.json()["code"]) == (422, "idempotency_key_reused")
    assert await counted(service, "payment") == 1


async def test_a_refused_request_leaves_its_key_unused(client: httpx.AsyncClient, issue: Issue) -> None:
    invoice = await issue(currency="USD")
    body, key = {"invoice_id": str(invoice.id), "amount_minor": 100}, {"idempotency-key": "k-1"}

    refused = await client.post("/v1/payments", json=body | {"currency": "EUR"}, headers=key)
    taken = await client.post("/v1/payments", json=body, headers=key)

    assert (refused.status_code, refused.json()["code"]) == (422, "currency_mismatch")
    assert taken.status_code == 201


async def test_a_key_belongs_to_its_workspace(service: RunningService, a_principal: type[Principal]) -> None:
    replies = []
    for who in (a_principal(), a_principal()):  # type: ignore[call-arg]
        async with service.client(who, **{"idempotency-key": "k-1"}) as client:
            replies.append(await client.post("/v1/payments", json={"amount_minor": 1}))

    assert {reply.json()["code"] for reply in replies} == {"invalid"}

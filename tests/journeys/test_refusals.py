"""Bad input at the front door: a problem that names the field, and nothing stored."""

import httpx
import pytest

from shared.kernel.ids import new_id
from tests.journeys.conftest import Stack, a_contact, an_invoice


@pytest.mark.parametrize(
    "headers", [{"x-api-key": "blg_live_nonsense"}, {"authorization": "Bearer x"}, {"x-api-key": ""}, {}]
)
async def test_a_wrong_key_is_refused(stack: Stack, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=stack.gateway_url, headers=headers) as stranger:
        reply = await stranger.get("/v1/invoices")

    assert reply.status_code == 401
    assert reply.headers["content-type"] == "application/problem+json"


async def test_another_workspace_is_not_there(client: httpx.AsyncClient, make_workspace: object) -> None:
    invoice = await an_invoice(client)
    stranger = await make_workspace()  # type: ignore[operator]

    assert (await stranger.get(f"/v1/invoices/{invoice['id']}")).status_code == 404
    paid = await stranger.post("/v1/payments", json={"invoice_id": invoice["id"], "amount": "1.00"})
    assert paid.status_code == 404
    assert paid.json()["errors"][0]["pointer"] == "/invoice_id"


@pytest.mark.parametrize(
    ("content", "status", "pointer"),
    [
        ('{"name": "x", "nam": 1}', 422, "/nam"),
        ('{"name": "a\\u0000b"}', 422, "/name"),
        ('{"name": 1}', 422, "/name"),
        ("{", 422, ""),
        ('{"name": "x", "metadata": {"n": NaN}}', 422, "/metadata/n"),
        ('{"name": "card 4111 1111 1111 1111"}', 422, "/name"),
    ],
)
async def test_a_bad_body_names_the_field(
    client: httpx.AsyncClient, content: str, status: int, pointer: str
) -> None:
    reply = await client.post("/v1/contacts", content=content, headers={"content-type": "application/json"})

    assert reply.status_code == status, reply.text
    assert reply.json()["errors"][0]["pointer"] == pointer
    assert reply.json()["request_id"]
    assert (await client.get("/v1/contacts")).json()["data"] == []


async def test_a_body_of_two_megabytes_is_refused(client: httpx.AsyncClient) -> None:
    reply = await client.post("/v1/contacts", json={"name": "x" * 2 * 1024 * 1024})

    assert reply.status_code == 413
    assert reply.json()["code"] == "body_too_large"


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"amount": "NaN"}, 422, "/amount"),
        ({"amount": "1.005"}, 422, "/amount"),
        ({"amount": "-1"}, 422, "/amount"),
        ({"currency": "XXX"}, 422, "/currency"),
        ({"currency": "USD"}, 422, "/currency"),
        ({"invoice_id": str(new_id())}, 404, "/invoice_id"),
        ({"unknown": 1}, 422, "/unknown"),
    ],
)
async def test_a_bad_payment_names_the_field(
    client: httpx.AsyncClient, change: dict[str, object], status: int, pointer: str
) -> None:
    invoice = await an_invoice(client, contact_id=(await a_contact(client))["id"])

    reply = await client.post("/v1/payments", json={"invoice_id": invoice["id"], "amount": "1.00"} | change)

    assert reply.status_code == status, reply.text
    assert reply.json()["errors"][0]["pointer"] == pointer, reply.text
    assert (await client.get("/v1/payments")).json()["data"] == []

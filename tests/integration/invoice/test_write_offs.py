"""Invoices written off in whole or in part, and expected again."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from shared.events.payment import PaymentCreated
from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import an_invoice
from tests.integration.invoice.test_refunds import hear, told
from tests.integration.invoice.test_settlement import a_payment, shown


@pytest.fixture
def principal(a_principal: Callable[..., Principal]) -> Principal:
    return a_principal()


@pytest.fixture
async def client(api: RunningService, principal: Principal) -> httpx.AsyncClient:
    return api.client(principal)


async def write_off(client: httpx.AsyncClient, invoice: Any, body: Any = None) -> httpx.Response:
    return await client.post(f"/v1/invoices/{invoice['id']}/write-off", json=body)


async def reverse(client: httpx.AsyncClient, invoice: Any, body: Any = None) -> httpx.Response:
    return await client.post(f"/v1/invoices/{invoice['id']}/write-off/reverse", json=body)


async def test_a_part_is_written_off_and_the_rest_is_still_asked_for(
    api: RunningService, client: httpx.AsyncClient, principal: Principal
) -> None:
    invoice = await an_invoice(client)

    part = (await write_off(client, invoice, {"amount_minor": 50, "reason": "Bank costs"})).json()
    await hear(api, a_payment(principal, invoice, 33850, 2))
    rest_paid = await shown(client, invoice)
    back = (await reverse(client, invoice)).json()

    assert (part["status"], part["amount_due_minor"], part["amount_written_off_minor"]) == ("open", 33900, 50)
    assert (part["write_off_reason"], part["written_off_at"]) == ("Bank costs", part["updated_at"])
    assert (rest_paid["status"], rest_paid["amount_due_minor"]) == ("uncollectible", 50)
    assert (back["status"], back["amount_written_off_minor"], back["write_off_reason"]) == ("open", 0, None)
    assert await told(client, invoice) == [
        "invoice.written_off",
        "invoice.written_off",
        "invoice.write_off_reversed",
    ]


async def test_what_cannot_be_written_off_is_named(client: httpx.AsyncClient) -> None:
    invoice, draft = await an_invoice(client), await an_invoice(client, status="draft")

    for body, code, pointer in (
        ({"amount_minor": 33901}, "exceeds_due", "/amount_minor"),
        ({"amount_minor": 0}, "invalid", "/amount_minor"),
        ({"amount_minor": "50"}, "invalid", "/amount_minor"),
        ({"amount": 50}, "invalid", "/amount"),
    ):
        reply = await write_off(client, invoice, body)
        assert (reply.status_code, reply.json()["code"]) == (422, code), body
        assert reply.json()["errors"][0]["pointer"] == pointer
    nothing = await reverse(client, invoice)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_written_off")
    assert (await write_off(client, draft)).status_code == 409
    assert (await write_off(client, invoice, {"amount_minor": 33900})).json()["status"] == "uncollectible"
    again = await write_off(client, invoice, {"amount_minor": 1})
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


@pytest.mark.parametrize("action", ["issue", "void", "write-off/reverse", "public-link"])
async def test_fields_that_an_action_does_not_read_are_refused(
    client: httpx.AsyncClient, action: str
) -> None:
    invoice = await an_invoice(client, status="draft")
    path = f"/v1/invoices/{invoice['id']}/{action}"

    refused = await client.post(path, json={"bogus": True})

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/bogus")
    assert (await client.post(path, json={})).status_code in (200, 409)
    assert (await client.post(path)).status_code in (200, 409)


async def test_a_payment_takes_back_what_was_written_off_beyond_the_rest(
    api: RunningService, client: httpx.AsyncClient, principal: Principal
) -> None:
    invoice = await an_invoice(client)
    given_up = (await write_off(client, invoice, {"reason": "Bankrupt"})).json()

    data = a_payment(principal, invoice, 33000, 3).data
    facts = {"invoice_amount_written_off_minor": 900, "write_off_version": given_up["version"]}
    seen = data.model_copy(update={"allocations": [data.allocations[0].model_copy(update=facts)]})
    await hear(api, PaymentCreated.of(principal.workspace_id, seen))
    after = await shown(client, invoice)

    assert (given_up["status"], given_up["amount_written_off_minor"]) == ("uncollectible", 33900)
    assert (after["status"], after["amount_written_off_minor"]) == ("uncollectible", 900)
    assert (after["amount_paid_minor"], after["write_off_reason"]) == (33000, "Bankrupt")

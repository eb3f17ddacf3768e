"""Payments on invoices and contacts whose events are still under way."""

import asyncio
from typing import Any

import httpx
import pytest

from services.invoice import main as invoice_main
from services.payment import main
from shared.http.internal_auth import InternalTokens, Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import a_contact, an_invoice
from tests.integration.payment.conftest import Owner, counted, paid, receivable_of


@pytest.fixture(scope="session")
def schemas() -> list[str]:
    return ["payment", "invoice"]


@pytest.fixture
async def both(start_service: Any) -> tuple[RunningService, RunningService]:
    """The invoice service and the payment service, with nothing between them but HTTP."""
    invoices = await start_service(invoice_main.make, "invoice", role="api")
    return invoices, await start_service(main.make, "payment", role="api", INVOICE_URL=invoices.url)


async def test_an_invoice_can_be_paid_at_once(
    both: tuple[RunningService, RunningService], who: Principal
) -> None:
    invoices, payments = both
    async with invoices.client(who) as owner, payments.client(who) as client:
        invoice = await an_invoice(owner)

        payment = await paid(client, invoice_id=invoice["id"], amount="339.00")
        again = await paid(client, invoice_id=invoice["id"], amount="1.00")

    assert payment["allocations"][0]["invoice_payment_status"] == "paid"
    assert again["unallocated_minor"] == 100
    stored = await receivable_of(payments, invoice["id"])
    assert (stored["number"], stored["status"]) == (invoice["number"], "settled")


async def test_sixteen_can_pay_at_once_an_invoice_that_nobody_knows_yet(
    both: tuple[RunningService, RunningService], who: Principal
) -> None:
    invoices, payments = both
    async with invoices.client(who) as owner, payments.client(who) as client:
        invoice = await an_invoice(owner)
        body = {"invoice_id": invoice["id"], "amount_minor": 1000}

        replies = await asyncio.gather(*(client.post("/v1/payments", json=body) for _ in range(16)))

    assert {reply.status_code for reply in replies} == {201}
    assert (await receivable_of(payments, invoice["id"]))["paid_minor"] == 16_000


async def test_a_key_holds_when_the_owner_had_to_be_asked(
    both: tuple[RunningService, RunningService], who: Principal
) -> None:
    invoices, payments = both
    async with invoices.client(who) as owner, payments.client(who, **{"idempotency-key": "k"}) as client:
        invoice = await an_invoice(owner)
        body = {"invoice_id": invoice["id"], "amount_minor": 1000}

        first = await client.post("/v1/payments", json=body)
        second = await client.post("/v1/payments", json=body)

    assert first.status_code == 201
    assert second.content == first.content
    assert await counted(payments, "payment") == 1


async def test_money_can_come_in_for_a_contact_that_was_just_made(
    both: tuple[RunningService, RunningService], who: Principal
) -> None:
    invoices, payments = both
    async with invoices.client(who) as owner, payments.client(who) as client:
        contact = await a_contact(owner)

        payment = await paid(client, contact_id=contact["id"], amount_minor=500)

    assert payment["unallocated_minor"] == 500


async def test_a_draft_cannot_be_paid(both: tuple[RunningService, RunningService], who: Principal) -> None:
    invoices, payments = both
    async with invoices.client(who) as owner, payments.client(who) as client:
        draft = await an_invoice(owner, status="draft")

        reply = await client.post("/v1/payments", json={"invoice_id": draft["id"], "amount_minor": 1})

    assert (reply.status_code, reply.json()["code"]) == (409, "invoice_not_issued")
    assert reply.json()["errors"][0]["pointer"] == "/invoice_id"


async def test_a_void_invoice_cannot_be_paid(
    both: tuple[RunningService, RunningService], who: Principal
) -> None:
    invoices, payments = both
    async with invoices.client(who) as owner, payments.client(who) as client:
        invoice = await an_invoice(owner)
        await owner.post(f"/v1/invoices/{invoice['id']}/void")

        reply = await client.post("/v1/payments", json={"invoice_id": invoice["id"], "amount_minor": 1})

    assert (reply.status_code, reply.json()["code"]) == (409, "receivable_closed")


async def test_what_the_owner_does_not_know_is_not_found(
    both: tuple[RunningService, RunningService], who: Principal
) -> None:
    _, payments = both
    known_to_nobody = str(new_id())
    bodies: list[tuple[dict[str, Any], str]] = [
        ({"invoice_id": known_to_nobody, "amount_minor": 1}, "/invoice_id"),
        (
            {"allocations": [{"invoice_id": known_to_nobody, "amount_minor": 1}]},
            "/allocations/0/invoice_id",
        ),
        ({"contact_id": known_to_nobody, "amount_minor": 1}, "/contact_id"),
    ]

    async with payments.client(who) as client:
        for body, pointer in bodies:
            reply = await client.post("/v1/payments", json=body)

            assert (reply.status_code, reply.json()["code"]) == (404, "not_found"), reply.text
            assert reply.json()["errors"][0]["pointer"] == pointer
    assert await counted(payments, "payment") == 0


async def test_another_workspaces_invoice_is_not_found(
    both: tuple[RunningService, RunningService], who: Principal, a_principal: Any
) -> None:
    invoices, payments = both
    async with invoices.client(who) as owner, payments.client(a_principal()) as stranger:
        invoice = await an_invoice(owner)

        reply = await stranger.post("/v1/payments", json={"invoice_id": invoice["id"], "amount_minor": 1})

    assert reply.status_code == 404


async def test_an_owner_that_cannot_be_reached_is_503(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    reply = await client.post("/v1/payments", json={"invoice_id": str(new_id()), "amount_minor": 1})

    assert (reply.status_code, reply.json()["code"]) == (503, "unavailable")
    assert int(reply.headers["retry-after"]) >= 1
    assert await counted(service, "receivable") == 0


@pytest.mark.parametrize(
    ("status", "text"),
    [(500, "{}"), (403, "{}"), (200, "{}"), (200, "<html>"), (200, "[1]"), (200, '{"id": 1}')],
)
async def test_an_answer_that_cannot_be_used_is_503(
    start_service: Any, who: Principal, owner: tuple[Owner, str], status: int, text: str
) -> None:
    stand_in, url = owner
    stand_in.status, stand_in.text = status, text
    payments = await start_service(main.make, "payment", role="api", INVOICE_URL=url)

    async with payments.client(who) as client:
        for named in ("invoice_id", "contact_id"):
            reply = await client.post("/v1/payments", json={named: str(new_id()), "amount_minor": 1})

            assert (reply.status_code, reply.json()["code"]) == (503, "unavailable"), reply.text
            assert "retry-after" in reply.headers


async def test_the_owner_is_asked_once_with_no_more_than_it_needs(
    start_service: Any, who: Principal, tokens: InternalTokens, owner: tuple[Owner, str]
) -> None:
    stand_in, url = owner
    stand_in.status = 404
    payments = await start_service(main.make, "payment", role="api", INVOICE_URL=url)
    invoice_id = str(new_id())

    async with payments.client(who) as client:
        await client.post("/v1/payments", json={"invoice_id": invoice_id, "amount_minor": 1})

    [(path, authorization)] = stand_in.asked
    assert path == f"/v1/invoices/{invoice_id}"
    asked_by = tokens.verify(authorization.removeprefix("Bearer "))
    assert asked_by.workspace_id == who.workspace_id
    assert asked_by.scopes == {"invoices:read", "contacts:read"}

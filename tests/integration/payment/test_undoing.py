"""Payments registered by mistake: voided, or moved to the contact whose money it is."""

import asyncio
from typing import Any

import httpx

from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.payment.conftest import (
    Issue,
    Json,
    a_known_contact,
    balances,
    paid,
    receivable_of,
    recorded,
)
from tests.integration.payment.test_refunds import a_collected_payment, without_its_collection


async def voided(client: httpx.AsyncClient, payment: Json, reason: str = "Not our money") -> httpx.Response:
    return await client.post(f"/v1/payments/{payment['id']}/void", json={"reason": reason})


async def moved(client: httpx.AsyncClient, payment: Json, **body: Any) -> httpx.Response:
    return await client.post(f"/v1/payments/{payment['id']}/move", json=body)


async def owed(client: httpx.AsyncClient, contact_id: Any) -> int:
    found = (await client.get("/v1/credit-balances", params={"contact_id": str(contact_id)})).json()["data"]
    return sum(one["amount_minor"] for one in found)


async def test_a_voided_payment_leaves_every_invoice_and_its_reference_free(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    contact_id = new_id()
    first = await issue(contact_id=contact_id, total_minor=1000, tax_minor=0)
    body = {"invoice_id": str(first.id), "amount_minor": 1700, "external_reference": "ST-4"}
    payment = await paid(client, **body, method="bank", paid_on="2026-04-01")
    # Its surplus is spent on an invoice that comes later.
    second = await issue(contact_id=contact_id, total_minor=500, tax_minor=0)
    before = len(await recorded(service))

    reply = await voided(client, payment, " Wrong customer ")
    again = await voided(client, payment, "Another reason")
    repeated = await paid(client, **body, method="bank")

    said = reply.json()
    assert (reply.status_code, said["state"], said["void_reason"]) == (200, "voided", "Wrong customer")
    assert said["created_at"] < said["voided_at"] <= said["updated_at"]
    assert (said["unallocated_minor"], said["external_reference"]) == (0, "ST-4")
    assert [one["amount_minor"] for one in said["allocations"]] == [0, 0]
    assert [one["amount_due_minor"] for one in said["allocations"]] == [1000, 500]
    assert again.json() == said
    assert repeated["id"] != payment["id"]
    assert (await receivable_of(service, second.id))["status"] == "open"
    found = (await client.get("/v1/payments", params={"external_reference": "ST-4"})).json()["data"]
    assert [one["id"] for one in found] == [repeated["id"], payment["id"]]
    assert await balances(client) == {
        "accounts_receivable": 500,
        "cash bank": 1700,
        "credit_balance": 700,
        "revenue": 1500,
    }
    entries = (await client.get("/v1/ledger/entries", params={"source_id": payment["id"]})).json()["data"]
    undone = [one for one in entries if one["source_type"] == "payment_void"]
    assert [one["amount_minor"] for one in undone] == [1700]
    assert undone[0]["booked_on"] > "2026-04-01"
    # The credit balance held nothing of it any more, so it is not told of.
    assert (await recorded(service))[before : before + 2] == [("payment.updated", 3), ("payment.voided", 3)]


async def test_what_stands_in_the_way_of_voiding_is_named(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> None:
    invoice = await issue()
    back = await paid(client, invoice_id=str(invoice.id), amount_minor=1000)
    refund = (await client.post(f"/v1/payments/{back['id']}/refunds", json={"amount_minor": 400})).json()
    by_card = await a_collected_payment(service, who, invoice.id, invoice.contact_id, 500)
    await without_its_collection(service)

    refused = await voided(client, back)
    provider = await voided(client, {"id": str(by_card)})
    elsewhere = await moved(client, {"id": str(by_card)}, contact_id=str(await other(service, who)))

    assert (refused.status_code, refused.json()["code"]) == (409, "payment_was_refunded")
    assert refused.json()["refund_ids"] == [refund["id"]]
    assert "400" in refused.json()["detail"]
    assert [one.json()["code"] for one in (provider, elsewhere)] == ["payment_is_the_providers"] * 2
    assert {one.status_code for one in (provider, elsewhere)} == {409}
    for body in ({}, {"reason": ""}, {"reason": "  "}, {"reason": "x", "amount_minor": 1}):
        reply = await client.post(f"/v1/payments/{back['id']}/void", json=body)
        assert reply.status_code == 422, body
        assert reply.json()["errors"][0]["pointer"] in ("/reason", "/amount_minor")
    assert (await voided(client, {"id": str(new_id())})).status_code == 404


async def other(service: RunningService, who: Principal) -> Any:
    return await a_known_contact(service, who.workspace_id)


async def test_a_payment_moves_to_the_contact_whose_money_it_is(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    wrong, right = new_id(), new_id()
    theirs = await issue(contact_id=wrong, total_minor=1000, tax_minor=0)
    ours = await issue(contact_id=right, total_minor=600, tax_minor=0)
    await paid(client, invoice_id=str(theirs.id), amount_minor=100)
    payment = await paid(
        client, invoice_id=str(theirs.id), amount_minor=2000, method="bank", external_reference="ST-4"
    )
    await client.post(f"/v1/payments/{payment['id']}/refunds", json={"amount_minor": 300})
    before = len(await recorded(service))

    parts = [{"invoice_id": str(ours.id), "amount_minor": 600}]
    reply = await moved(client, payment, contact_id=str(right), allocations=parts)
    again = await moved(client, payment, contact_id=str(right), allocations=parts)

    said = reply.json()
    assert (reply.status_code, said["contact_id"]) == (200, str(right))
    assert said["moved_from_contact_id"] == str(wrong)
    assert [(one["invoice_id"], one["amount_minor"]) for one in said["allocations"]] == [
        (str(theirs.id), 0),
        (str(ours.id), 600),
    ]
    assert (said["unallocated_minor"], said["amount_refunded_minor"]) == (1100, 300)
    assert (again.status_code, again.json()) == (200, said)
    assert (await owed(client, wrong), await owed(client, right)) == (0, 1100)
    assert (await receivable_of(service, ours.id))["status"] == "settled"
    assert [type_ for type_, _ in (await recorded(service))[before:]] == [
        "payment.updated",
        "payment.moved",
        "credit_balance.updated",
        "credit_balance.updated",
    ]
    assert await balances(client, contact_id=str(wrong)) == {"accounts_receivable": 900}


async def test_a_move_that_does_not_fit_changes_nothing(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> None:
    theirs, ours = await issue(total_minor=1000), await issue(total_minor=600)
    payment = await paid(client, invoice_id=str(theirs.id), amount_minor=1000)
    right = str(ours.contact_id)

    def part(invoice: Any, amount_minor: int) -> Json:
        return {"invoice_id": str(invoice.id), "amount_minor": amount_minor}

    for allocations, code, pointer in (
        ([part(ours, 601)], "exceeds_due", "/allocations/0/amount_minor"),
        ([part(ours, 1), part(theirs, 1)], "contact_mismatch", "/allocations/1/invoice_id"),
        ([part(ours, 1), part(ours, 1)], "invoice_named_twice", "/allocations/1/invoice_id"),
    ):
        reply = await moved(client, payment, contact_id=right, allocations=allocations)
        assert (reply.status_code, reply.json()["code"]) == (422, code)
        assert reply.json()["errors"][0]["pointer"] == pointer
    mine = await moved(client, payment, contact_id=str(theirs.contact_id), allocations=[part(theirs, 1)])
    assert (mine.status_code, mine.json()["code"]) == (409, "payment_is_the_contacts")
    await voided(client, payment)
    gone = await moved(client, payment, contact_id=str(await other(service, who)))
    assert (gone.status_code, gone.json()["code"]) == (409, "payment_not_succeeded")
    # Its owner, who would know this contact, cannot be asked here.
    assert (await moved(client, payment, contact_id=str(new_id()))).status_code == 503
    assert (await client.get(f"/v1/payments/{payment['id']}")).json()["moved_from_contact_id"] is None


async def test_voiding_moving_and_spending_at_once_end_in_one_of_them(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> None:
    contact_id = await other(service, who)
    invoices = [await issue(contact_id=contact_id, total_minor=100, tax_minor=0) for _ in range(4)]
    right = str(await other(service, who))
    payment = await paid(client, contact_id=str(contact_id), amount_minor=400, external_reference="R")

    def tries() -> list[Any]:
        allocate = [
            client.post("/v1/allocations", json={"payment_id": payment["id"], "invoice_id": str(one.id)})
            for one in invoices
        ]
        return [
            *allocate,
            voided(client, payment),
            moved(client, payment, contact_id=right),
            voided(client, payment),
        ]

    replies = await asyncio.gather(*tries())

    assert {reply.status_code for reply in replies} <= {200, 201, 409, 422, 503}
    after = (await client.get(f"/v1/payments/{payment['id']}")).json()
    if after["state"] != "voided":
        assert (await voided(client, payment)).status_code == 200
    assert (await owed(client, contact_id), await owed(client, right)) == (0, 0)
    for one in invoices:
        assert (await receivable_of(service, one.id))["paid_minor"] == 0
    assert await balances(client) == {"accounts_receivable": 400, "revenue": 400}

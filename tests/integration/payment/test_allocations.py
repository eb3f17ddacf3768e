"""Allocations by hand, and money of a contact that looks for its invoices."""

from datetime import date
from typing import Any

import httpx
import pytest

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


async def allocated(client: httpx.AsyncClient, **body: Any) -> Json:
    reply = await client.post("/v1/allocations", json=body)
    assert reply.status_code == 201, reply.text
    found: Json = reply.json()
    return found


async def test_unallocated_money_settles_an_invoice_and_comes_back(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, who: Principal
) -> None:
    contact_id = await a_known_contact(service, who.workspace_id)
    invoice = await issue(contact_id=contact_id)
    payment = await paid(client, contact_id=str(contact_id), amount_minor=40000)

    made = await allocated(client, payment_id=payment["id"], invoice_id=str(invoice.id), amount_minor=1000)
    more = await client.patch(f"/v1/allocations/{made['serial']}", json={"amount_minor": 33900})
    less = await client.patch(f"/v1/allocations/{made['id']}", json={"amount_minor": 400})
    gone = await client.delete(f"/v1/allocations/{made['serial']}")
    again = await client.delete(f"/v1/allocations/{made['id']}")

    assert (made["amount_minor"], made["amount_due_minor"]) == (1000, 32900)
    assert (more.json()["amount_minor"], more.json()["invoice_payment_status"]) == (33900, "paid")
    assert (less.json()["amount_minor"], less.json()["amount_due_minor"]) == (400, 33500)
    assert (gone.status_code, again.status_code) == (204, 204)
    shown = (await client.get(f"/v1/allocations/{made['id']}")).json()
    assert (shown["amount_minor"], shown["receivable_version"]) == (0, 5)
    now = (await client.get(f"/v1/payments/{payment['id']}")).json()
    assert (now["version"], now["unallocated_minor"]) == (5, 40000)
    kinds = [kind for kind, _ in await recorded(service)]
    assert kinds[2:] == ["payment.updated", "credit_balance.updated"] * 4
    assert (await balances(client))["credit_balance"] == 40000


async def test_an_allocation_without_an_amount_takes_all_that_fits(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, who: Principal
) -> None:
    contact_id = await a_known_contact(service, who.workspace_id)
    invoice = await issue(contact_id=contact_id)
    payment = await paid(client, contact_id=str(contact_id), amount_minor=40000)
    body = {"payment_id": payment["id"], "invoice_id": str(invoice.id)}

    made = await allocated(client, **body)
    refused = await client.post("/v1/allocations", json=body)

    assert (made["amount_minor"], made["invoice_payment_status"]) == (33900, "paid")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_allocate")


async def test_what_an_allocation_may_not_do_is_named(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, who: Principal
) -> None:
    contact_id = await a_known_contact(service, who.workspace_id)
    invoice, small = await issue(contact_id=contact_id), await issue(contact_id=contact_id, total_minor=10)
    dollars, strangers = await issue(contact_id=contact_id, currency="USD"), await issue()
    payment = await paid(client, contact_id=str(contact_id), amount_minor=100)
    cases = [
        ({"invoice_id": str(invoice.id), "amount_minor": 101}, 422, "exceeds_unallocated", "/amount_minor"),
        ({"invoice_id": str(small.id), "amount_minor": 11}, 422, "exceeds_due", "/amount_minor"),
        ({"invoice_id": str(dollars.id), "amount_minor": 1}, 422, "currency_mismatch", "/invoice_id"),
        ({"invoice_id": str(strangers.id), "amount_minor": 1}, 422, "contact_mismatch", "/invoice_id"),
        ({"invoice_id": str(invoice.id), "amount_minor": 0}, 422, "invalid", "/amount_minor"),
        ({"invoice_id": str(new_id()), "amount_minor": 1}, 503, "unavailable", None),
    ]

    for fields, status, code, pointer in cases:
        reply = await client.post("/v1/allocations", json={"payment_id": payment["id"], **fields})
        assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text
        assert pointer is None or reply.json()["errors"][0]["pointer"] == pointer

    unknown = {"payment_id": str(new_id()), "invoice_id": str(invoice.id)}
    assert (await client.post("/v1/allocations", json=unknown)).status_code == 404
    made = await allocated(client, payment_id=payment["id"], invoice_id=str(invoice.id), amount_minor=60)
    too_much = await client.patch(f"/v1/allocations/{made['id']}", json={"amount_minor": 101})
    assert (too_much.status_code, too_much.json()["code"]) == (422, "exceeds_unallocated")
    await client.delete(f"/v1/allocations/{made['id']}")
    reversed_ = await client.patch(f"/v1/allocations/{made['id']}", json={"amount_minor": 1})
    assert (reversed_.status_code, reversed_.json()["code"]) == (409, "allocation_reversed")


async def test_another_workspace_can_neither_make_nor_reverse_it(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, a_principal: Any
) -> None:
    invoice = await issue()
    payment = await paid(client, invoice_id=str(invoice.id), amount_minor=100)
    [allocation] = payment["allocations"]

    async with service.client(a_principal()) as stranger:
        body = {"payment_id": payment["id"], "invoice_id": str(invoice.id)}
        assert (await stranger.post("/v1/allocations", json=body)).status_code == 404
        assert (await stranger.delete(f"/v1/allocations/{allocation['id']}")).status_code == 404
        assert (await stranger.post(f"/v1/payments/{payment['id']}/refunds", json={})).status_code == 404

    assert (await receivable_of(service, invoice.id))["paid_minor"] == 100


async def test_money_of_a_contact_settles_its_oldest_invoices_first_if_asked(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, who: Principal
) -> None:
    contact_id = await a_known_contact(service, who.workspace_id)
    fields = {"contact_id": contact_id, "total_minor": 100}
    late = await issue(**fields, due_date=date(2026, 9, 1))
    soon = await issue(**fields, due_date=date(2026, 5, 1), number="B-2")
    sooner = await issue(**fields, due_date=date(2026, 5, 1), number="B-1")
    never = await issue(**fields, due_date=None)
    foreign = await issue(**fields, currency="USD", due_date=date(2026, 1, 1))

    payment = await paid(client, contact_id=str(contact_id), amount_minor=250, allocate="oldest_first")
    rest = await paid(client, contact_id=str(contact_id), amount_minor=500, allocate="oldest_first")

    parts = [(part["invoice_id"], part["amount_minor"]) for part in payment["allocations"]]
    assert parts == [(str(sooner.id), 100), (str(soon.id), 100), (str(late.id), 50)]
    assert {part["invoice_id"] for part in rest["allocations"]} == {str(late.id), str(never.id)}
    assert rest["unallocated_minor"] == 350
    assert (await receivable_of(service, foreign.id))["paid_minor"] == 0


@pytest.mark.parametrize(
    "fields", [{"allocate": "newest_first"}, {"allocate": "oldest_first", "invoice_id": "x"}]
)
async def test_how_money_looks_for_invoices_is_checked(
    client: httpx.AsyncClient, issue: Issue, fields: Json
) -> None:
    invoice = await issue()
    if "invoice_id" in fields:
        fields = {**fields, "invoice_id": str(invoice.id)}
    else:
        fields = {**fields, "contact_id": str(invoice.contact_id)}

    reply = await client.post("/v1/payments", json={"amount_minor": 1, **fields})

    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] == "/allocate"


async def test_what_a_body_names_and_is_not_here_is_told_by_its_field(
    client: httpx.AsyncClient, issue: Issue
) -> None:
    invoice = await issue()
    named = {"payment_id": "/v1/allocations", "payment_method_id": "/v1/payments/collect"}

    for field, path in named.items():
        reply = await client.post(path, json={"invoice_id": str(invoice.id), field: str(new_id())})
        assert (reply.status_code, reply.json()["code"]) == (404, "not_found")
        assert [one["pointer"] for one in reply.json()["errors"]] == [f"/{field}"]

"""Bank statements: each line finds its invoice and has a result of its own."""

import asyncio
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
    counted,
    paid,
    receivable_of,
    recorded,
)


async def imported(client: httpx.AsyncClient, *lines: Json) -> Json:
    reply = await client.post("/v1/payments/batch", json={"payments": list(lines)})
    assert reply.status_code == 200, reply.text
    found: Json = reply.json()
    return found


@pytest.mark.parametrize(
    "reference",
    [
        "INV-2026-00042",
        "inv 2026 00042",
        "Invoice INV-2026-00042, thank you",
        "RF36 INV2 0260 0042",
        "PO 77/a",
        "your ref PO 77/a thank you",
        "Betreft factuur INV 2026 00042 (PO 77/a)",
    ],
)
async def test_a_line_finds_its_invoice_by_what_the_payer_wrote(
    client: httpx.AsyncClient, issue: Issue, reference: str
) -> None:
    await issue(number="INV-2026-00041")
    meant = await issue(number="INV-2026-00042", reference="PO-77-A")

    done = await imported(client, {"reference": reference, "amount_minor": 33900})

    assert done["counts"] == {"registered": 1, "duplicate": 0, "ambiguous": 0, "unmatched": 0, "error": 0}
    [allocation] = done["data"][0]["payment"]["allocations"]
    assert (allocation["invoice_id"], allocation["invoice_payment_status"]) == (str(meant.id), "paid")
    assert done["data"][0]["payment"]["method"] == "bank_transfer"


async def test_each_line_has_a_result_of_its_own(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, who: Principal
) -> None:
    contact_id = await a_known_contact(service, who.workspace_id)
    invoice = await issue(contact_id=contact_id, number="A-100", total_minor=1000)
    earlier = await paid(
        client, invoice_id=str(invoice.id), amount_minor=1, method="bank_transfer", external_reference="T0"
    )

    done = await imported(
        client,
        {"reference": "A-100", "amount_minor": 400, "external_reference": "T1"},
        {"invoice_id": str(invoice.id), "amount": "9.00", "external_reference": "T2"},
        {"reference": "A-100", "amount_minor": 400, "external_reference": "T1"},
        {"reference": "A-100", "amount_minor": 1, "external_reference": "T0"},
        {"reference": "nothing of ours 123456", "amount_minor": 5},
        {"reference": "nothing", "amount_minor": 50, "contact_id": str(contact_id)},
    )

    statuses = [line["status"] for line in done["data"]]
    assert statuses == ["registered", "registered", "duplicate", "duplicate", "unmatched", "registered"]
    first, second = done["data"][0]["payment"], done["data"][1]["payment"]
    assert (first["unallocated_minor"], second["unallocated_minor"]) == (0, 301)
    assert [line["payment_id"] for line in done["data"][2:5]] == [first["id"], earlier["id"], None]
    stored = await receivable_of(service, invoice.id)
    assert (stored["paid_minor"], stored["status"], stored["version"]) == (1000, "settled", 4)
    assert (await balances(client))["credit_balance"] == 351
    assert await counted(service, "payment") == 4
    kinds = [kind for kind, _ in await recorded(service)]
    assert kinds == ["payment.created"] * 4 + ["credit_balance.updated"]
    assert (await client.get(f"/v1/payments/{first['id']}")).json() == first


async def test_a_line_that_is_not_registered_says_why(client: httpx.AsyncClient, issue: Issue) -> None:
    invoice = await issue(number="A-100")
    for number in ("B-1", "B-2"):
        await issue(number=number, reference="SAME-1")
    mine: Json = {"invoice_id": str(invoice.id)}
    cases: list[tuple[Json, str, str | None]] = [
        ({"reference": "SAME-1", "amount_minor": 5}, "ambiguous_reference", None),
        ({"invoice_id": str(new_id()), "amount_minor": 5}, "unmatched", None),
        ({"contact_id": str(new_id()), "amount_minor": 5}, "unmatched", None),
        (mine | {"amount_minor": 5, "currency": "USD"}, "currency_mismatch", "/currency"),
        (mine | {"amount_minor": 5, "contact_id": str(new_id())}, "contact_mismatch", "/contact_id"),
        (mine | {"amount": "0.001"}, "too_many_decimals", "/amount"),
        (mine | {"amount_minor": 0}, "invalid", "/amount_minor"),
        (mine | {"amount_minor": 1, "surprise": True}, "invalid", "/surprise"),
        (mine, "invalid", "/amount_minor"),
    ]

    done = await imported(client, *(line for line, _, _ in cases))

    faults = [(line["fault"]["code"], line["fault"]["pointer"]) for line in done["data"]]
    assert faults == [(code, pointer) for _, code, pointer in cases]
    assert done["counts"] == {"registered": 0, "duplicate": 0, "ambiguous": 1, "unmatched": 2, "error": 6}


async def test_a_line_that_names_several_invoices_settles_all_or_none(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> None:
    mine, theirs = new_id(), new_id()
    for number, contact_id, total in (
        ("INV-1", mine, 1000), ("INV-2", mine, 2000), ("INV-3", theirs, 3000), ("INV-4", theirs, 4000),
        ("INV-5", mine, 5000), ("INV-6", theirs, 6000),
    ):  # fmt: skip
        await issue(number=number, contact_id=contact_id, total_minor=total, reference=f"PO {number[-1]}00")
    cases: list[tuple[Json, str, list[tuple[str, int]]]] = [
        # Both of one contact, the sum exact, in the order named.
        (
            {"reference": "Payment INV-2+INV-1", "amount": "30.00"},
            "registered",
            [("INV-2", 2000), ("INV-1", 1000)],
        ),
        # What is settled is left out.
        ({"reference": "INV-1 en INV-5", "amount": "50.00"}, "registered", [("INV-5", 5000)]),
        # Two contacts, though the sum is exact; then one of them is said.
        (
            {"reference": "INV-3 en PO 500 en INV-4", "amount": "70.00"},
            "registered",
            [("INV-3", 3000), ("INV-4", 4000)],
        ),
    ]

    done = await imported(client, *(line for line, _, _ in cases))

    numbers = {one["invoice_id"]: one["number"] for one in await _receivables(client)}
    for result, (_, status, parts) in zip(done["data"], cases, strict=True):
        assert (result["status"], result["candidates"]) == (status, None)
        allocated = [
            (numbers[one["invoice_id"]], one["amount_minor"]) for one in result["payment"]["allocations"]
        ]
        assert (allocated, result["payment"]["unallocated_minor"]) == (parts, 0)


async def _receivables(client: httpx.AsyncClient) -> list[Json]:
    found: list[Json] = (await client.get("/v1/receivables", params={"limit": 100})).json()["data"]
    return found


async def test_a_line_that_can_be_read_in_two_ways_is_not_booked_by_guess(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    mine, theirs = new_id(), new_id()
    for number, contact_id, total in (
        ("INV-1", mine, 1000), ("INV-2", mine, 2000), ("INV-3", theirs, 3000), ("INV-31", mine, 500),
        ("INV-9", theirs, 0),
    ):  # fmt: skip
        await issue(number=number, contact_id=contact_id, total_minor=total, tax_minor=0, reference="PO 7000")
    lines: list[tuple[Json, list[str]]] = [
        # The sum is exact, but of two contacts.
        ({"reference": "INV-1 and INV-3", "amount_minor": 4000}, ["INV-1", "INV-3"]),
        # One contact, but neither the one, the other nor both.
        ({"reference": "INV-1 and INV-2", "amount_minor": 2500}, ["INV-1", "INV-2"]),
        ({"reference": "INV-1 and INV-2", "amount_minor": 3001}, ["INV-1", "INV-2"]),
        # The order is one of several invoices; also with a contact, whose credit balance it is not.
        ({"reference": "order PO 7000", "amount_minor": 1000}, ["INV-1", "INV-2", "INV-3", "INV-31"]),
        (
            {"reference": "PO 7000", "amount_minor": 3000, "contact_id": str(mine)},
            ["INV-1", "INV-2", "INV-31"],
        ),
        # Two words are one number, or the first is one by itself.
        ({"reference": "for INV 3 1 2026", "amount_minor": 500}, ["INV-3", "INV-31"]),
        # More than what is asked for, and the other's contact may have paid.
        ({"reference": "INV-9, INV-1", "amount_minor": 1001}, ["INV-9", "INV-1"]),
    ]

    done = await imported(client, *(line for line, _ in lines))

    found = [(one["status"], [two["number"] for two in one["candidates"] or ()]) for one in done["data"]]
    expected = [("ambiguous", names) for _, names in lines]
    assert [(status, sorted(names)) for status, names in found] == [
        (status, sorted(names)) for status, names in expected
    ]
    assert done["counts"]["ambiguous"] == 7
    assert done["data"][0]["fault"]["code"] == "ambiguous_reference"
    assert {one["amount_due_minor"] for one in done["data"][1]["candidates"]} == {1000, 2000}
    assert await counted(service, "payment") == 0


@pytest.mark.parametrize("body", [{}, {"payments": []}, {"payments": [{}] * 1001}, {"payments": {}}])
async def test_what_is_no_statement_is_refused(client: httpx.AsyncClient, body: Any) -> None:
    reply = await client.post("/v1/payments/batch", json=body)

    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] == "/payments"


async def test_a_statement_sent_twice_has_one_effect(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    invoice = await issue()
    lines = [
        {"invoice_id": str(invoice.id), "amount_minor": 10, "external_reference": f"T{index}"}
        for index in range(50)
    ]

    replies = await asyncio.gather(
        *(client.post("/v1/payments/batch", json={"payments": lines}) for _ in range(4))
    )
    again = await imported(client, *lines)

    assert {reply.status_code for reply in replies} <= {200, 503}
    assert sum(reply.json()["counts"]["registered"] for reply in replies if reply.status_code == 200) == 50
    assert again["counts"]["duplicate"] == 50
    assert (await receivable_of(service, invoice.id))["paid_minor"] == 500


async def test_a_full_statement_is_registered(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    invoices = [await issue(number=f"N-{index}") for index in range(10)]
    lines = [{"reference": f"N-{index % 10}", "amount_minor": 5} for index in range(1000)]

    done = await imported(client, *lines)

    assert done["counts"]["registered"] == 1000
    assert {(await receivable_of(service, invoice.id))["paid_minor"] for invoice in invoices} == {500}

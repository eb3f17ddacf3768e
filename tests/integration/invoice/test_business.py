"""The business profile, and what follows from it: rounding, terms, number formats."""

from typing import Any

import httpx
import pytest

from tests.integration.invoice.conftest import a_contact, a_line, an_invoice


async def test_a_workspace_that_said_nothing_has_defaults(client: httpx.AsyncClient) -> None:
    business = (await client.get("/v1/business")).json()

    assert (business["currency"], business["payment_terms_days"]) == ("EUR", 30)
    assert (business["rounding_level"], business["rounding_mode"]) == ("total", "half_up")
    assert business["number_formats"]["invoices"] == "INV-{year}-{seq:5}"


async def test_the_profile_stands_on_invoices_issued_after_its_change(client: httpx.AsyncClient) -> None:
    before = await an_invoice(client)
    changes = {
        "name": "Spont BV",
        "iban": "NL91 ABNA 0417 1643 00",
        "payment_terms_days": 14,
        "number_formats": {"invoices": "F{year}/{seq:3}"},
        "currency": "SEK",
    }
    assert (await client.patch("/v1/business", json=changes)).status_code == 200

    after = await an_invoice(client, issue_date="2026-03-01")

    assert before["seller"]["name"] == "Test BV"
    assert (after["seller"]["name"], after["seller"]["iban"]) == ("Spont BV", "NL91ABNA0417164300")
    assert (after["due_date"], after["currency"]) == ("2026-03-15", "SEK")
    assert after["number"] == "F2026/002"
    assert (await client.get(f"/v1/invoices/{before['id']}")).json()["seller"]["name"] == "Test BV"


async def test_tax_is_rounded_a_line_where_the_business_says_so(client: httpx.AsyncClient) -> None:
    await client.patch("/v1/business", json={"rounding_level": "line"})

    invoice = await an_invoice(client)

    assert (invoice["total_minor"], invoice["tax_minor"]) == (33900, 5884)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"iban": "NL00ABNA0417164300"}, "/iban"),
        ({"bic": "X"}, "/bic"),
        ({"currency": "XXX"}, "/currency"),
        ({"country": "XX"}, "/country"),
        ({"email": "nobody"}, "/email"),
        ({"number_formats": {"invoices": "INV-{year}"}}, "/number_formats/invoices"),
        ({"number_formats": {"invoices": "{seq}{oops}"}}, "/number_formats/invoices"),
        ({"number_formats": {"receipts": "R-{seq}"}}, "/number_formats/receipts"),
        ({"number_formats": {"quotes": "INV-{year}-{seq:5}"}}, "/number_formats/quotes"),
        ({"number_formats": {"credit_notes": "INV-2027-{seq}"}}, "/number_formats/credit_notes"),
        ({"name": None}, "/name"),
    ],
)
async def test_a_bad_setting_is_named(
    client: httpx.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    reply = await client.patch("/v1/business", json=change)

    assert reply.status_code == 422, reply.text
    assert reply.json()["errors"][0]["pointer"] == pointer


async def test_numbers_begin_anew_each_year_and_are_previewed(client: httpx.AsyncClient) -> None:
    await an_invoice(client, issue_date="2025-12-31")
    first = await an_invoice(client, issue_date="2026-01-01")

    preview = await client.get("/v1/invoices/next-number", params={"date": "2026-06-01"})
    second = await an_invoice(client, issue_date="2026-06-01")

    assert first["number"] == "INV-2026-00001"
    assert preview.json() == {"number": "INV-2026-00002"}
    assert second["number"] == "INV-2026-00002"


async def test_a_caller_may_choose_a_number_that_no_series_can_give(client: httpx.AsyncClient) -> None:
    draft = await an_invoice(client, status="draft", number="2048-A")
    issued = await client.post(f"/v1/invoices/{draft['id']}/issue")

    taken = await client.post("/v1/invoices", json={"contact_id": draft["contact_id"], "number": "2048-A"})
    gapless = await client.post(
        "/v1/invoices", json={"contact_id": draft["contact_id"], "number": "INV-2026-00009"}
    )

    assert (draft["number"], issued.json()["number"]) == ("2048-A", "2048-A")
    assert (taken.status_code, taken.json()["code"]) == (409, "number_taken")
    assert (gapless.status_code, gapless.json()["code"]) == (422, "number_not_free")
    assert (await an_invoice(client, issue_date="2026-01-01"))["number"] == "INV-2026-00001"


async def test_a_discount_on_the_whole_comes_before_tax(client: httpx.AsyncClient) -> None:
    lines = [
        a_line("a", 1, "100.00", tax_behavior="exclusive"),
        a_line("b", 1, "50.00", tax_behavior="exclusive", tax_rate=9),
    ]

    invoice = await an_invoice(client, lines=lines, discount={"amount_minor": 1500})

    assert [line["discount_share_minor"] for line in invoice["lines"]] == [1000, 500]
    assert (invoice["subtotal_minor"], invoice["tax_minor"]) == (13500, 1890 + 405)


async def test_an_untaxed_category_states_its_reason(client: httpx.AsyncClient) -> None:
    line = a_line("x", 1, 10, tax_rate=0, tax_category="AE", tax_behavior="exclusive")

    invoice = await an_invoice(client, lines=[line])
    refused = await client.post(
        "/v1/invoices", json={"contact_id": invoice["contact_id"], "lines": [line | {"tax_category": "E"}]}
    )

    assert invoice["tax_breakdown"][0]["tax_exemption_reason"] == "Reverse charge"
    assert refused.json()["errors"][0]["pointer"] == "/lines/0/tax_exemption_reason"


async def test_the_timeline_tells_who_did_what_and_when(client: httpx.AsyncClient) -> None:
    draft = await an_invoice(client, status="draft")
    await client.post(f"/v1/invoices/{draft['id']}/issue")
    await client.post(f"/v1/invoices/{draft['id']}/void")

    told = (await client.get(f"/v1/invoices/{draft['id']}/events")).json()["data"]

    assert [(entry["sequence"], entry["type"]) for entry in told] == [
        (1, "invoice.created"),
        (2, "invoice.updated"),
        (2, "invoice.issued"),
        (3, "invoice.updated"),
        (3, "invoice.voided"),
    ]
    assert {entry["actor"] for entry in told} == {"test"}


async def test_each_invoice_of_a_batch_has_its_own_result(client: httpx.AsyncClient) -> None:
    contact = (await a_contact(client))["id"]
    good = {"contact_id": contact, "status": "open", "lines": [a_line("x", 1, 1)], "issue_date": "2026-01-01"}
    batch = [
        good | {"external_id": "a"},
        good | {"lines": []},
        good | {"external_id": "a"},
        {"contact_id": contact},
        good,
    ]

    results = (await client.post("/v1/invoices/batch", json={"invoices": batch})).json()["data"]

    assert [result["status"] for result in results] == [201, 422, 409, 201, 201]
    assert results[1]["error"]["errors"][0]["pointer"] == "/lines"
    assert [results[i]["invoice"]["number"] for i in (0, 3, 4)] == ["INV-2026-00001", None, "INV-2026-00002"]
    assert len((await client.get("/v1/invoices")).json()["data"]) == 3

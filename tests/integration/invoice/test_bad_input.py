"""What no document can be made of: prices of another currency, discounts of nothing, days out of reach."""

from typing import Any

import httpx
import pytest

from tests.integration.invoice.conftest import a_contact, a_line, an_invoice


async def _refused(reply: httpx.Response, pointer: str) -> None:
    assert reply.status_code == 422, reply.text
    assert reply.json()["errors"][0]["pointer"] == pointer


async def _product(client: httpx.AsyncClient, **fields: Any) -> str:
    made = await client.post("/v1/products", json={"name": "Uur", "unit_price": "100", **fields})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_a_products_price_is_taken_in_its_own_currency_alone(client: httpx.AsyncClient) -> None:
    contact_id = (await a_contact(client))["id"]
    product_id = await _product(client, currency="USD")
    lines = [{"description": "x", "unit_price": "1"}, {"product_id": product_id}]
    body = {"contact_id": contact_id, "currency": "EUR", "lines": lines}

    for path in ("/v1/invoices", "/v1/quotes"):
        await _refused(await client.post(path, json=body), "/lines/1/product_id")
        own = [lines[0], lines[1] | {"unit_price": "90"}]
        assert (await client.post(path, json=body | {"lines": own})).status_code == 201
        draft = (await client.post(path, json=body | {"currency": "USD"})).json()
        assert draft["lines"][1]["unit_price"] == "100"
        await _refused(await client.patch(f"{path}/{draft['id']}", json={"currency": "EUR"}), "/currency")
        kept = await client.patch(f"{path}/{draft['id']}", json={"currency": "EUR", "lines": lines[:1]})
        assert (kept.status_code, kept.json()["currency"]) == (200, "EUR")
    batch = (await client.post("/v1/invoices/batch", json={"invoices": [body]})).json()["data"][0]
    assert (batch["status"], batch["error"]["errors"][0]["pointer"]) == (422, "/lines/1/product_id")
    euros = (await client.post("/v1/invoices", json=body | {"lines": lines[:1]})).json()
    added = await client.post("/v1/invoice-lines", json={"invoice_id": euros["id"], **lines[1]})
    await _refused(added, "/product_id")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"lines": [a_line("a", 1, 10, discount={"amount_minor": 1001})]}, "/lines/0/discount"),
        ({"lines": [a_line("a", 1, -10, discount={"amount_minor": 1})]}, "/lines/0/discount"),
        ({"lines": [a_line("a", 1, 10)], "discount": {"amount_minor": 1001}}, "/discount"),
        ({"lines": [a_line("a", 1, 0)], "discount": {"amount_minor": 1}}, "/discount"),
        ({"lines": [a_line("a", 0, 5)], "discount": {"amount_minor": 1}}, "/discount"),
        ({"issue_date": "9999-12-31"}, "/issue_date"),
        ({"issue_date": "1899-12-31"}, "/issue_date"),
        ({"due_date": "0001-01-01"}, "/due_date"),
        ({"supply_date": "2200-01-01"}, "/supply_date"),
        ({"issue_date": "275760-09-13"}, "/issue_date"),
    ],
)
async def test_what_no_invoice_can_say_is_named(
    client: httpx.AsyncClient, fields: dict[str, Any], pointer: str
) -> None:
    contact_id = (await a_contact(client))["id"]

    await _refused(
        await client.post("/v1/invoices", json={"contact_id": contact_id, "status": "open", **fields}),
        pointer,
    )


async def test_far_days_have_their_terms_and_far_filters_are_named(client: httpx.AsyncClient) -> None:
    last = await an_invoice(client, issue_date="2199-12-31", payment_terms_days=3650)
    assert (last["number"], last["due_date"]) == ("INV-2199-00001", "2209-12-29")

    for path in ("/v1/invoices", "/v1/credit-notes"):
        for name in ("issued_from", "issued_to"):
            await _refused(await client.get(path, params={name: "9999-12-31"}), name)
        await _refused(await client.get(f"{path}/next-number", params={"date": "1899-01-01"}), "date")
    await _refused(
        await client.get("/internal/audit-log", params={"since": "0001-01-01T00:00:00+14:00"}), "since"
    )
    await _refused(await client.get("/v1/e-invoices", params={"created_to": "9999-12-31"}), "created_to")


async def test_a_stated_and_an_unstated_category_are_one_group(client: httpx.AsyncClient) -> None:
    lines = [
        a_line("a", 1, "0.05", tax_behavior="exclusive", tax_category="S"),
        a_line("b", 1, "0.05", tax_behavior="exclusive"),
        a_line("c", 1, "0.03", tax_behavior="exclusive"),
    ]

    made = await an_invoice(client, lines=lines)

    [group] = made["tax_breakdown"]
    assert (group["tax_category"], group["taxable_minor"], group["tax_minor"]) == ("S", 13, 3)


async def test_a_product_says_why_it_has_no_tax_and_its_lines_say_it_too(client: httpx.AsyncClient) -> None:
    exempt = {"tax_category": "E", "tax_exemption_reason": "Art. 132"}
    product_id = await _product(client, **exempt)
    taxed = {"tax_category": "S", "tax_rate": "21"}

    made = await an_invoice(client, lines=[{"product_id": product_id}, {"product_id": product_id, **taxed}])

    assert [line["tax_exemption_reason"] for line in made["lines"]] == ["Art. 132", None]
    shown = (await client.get(f"/v1/products/{product_id}")).json()
    assert {name: shown[name] for name in exempt} == exempt
    bare = await _product(client, tax_category="E")
    lines = [{"product_id": bare}]
    asked = await client.post("/v1/invoices", json={"contact_id": made["contact_id"], "lines": lines})
    await _refused(asked, "/lines/0/tax_exemption_reason")
    await client.patch(f"/v1/products/{bare}", json={"tax_exemption_reason": "Art. 135"})
    again = await client.post("/v1/invoices", json={"contact_id": made["contact_id"], "lines": lines})
    assert again.json()["lines"][0]["tax_exemption_reason"] == "Art. 135"
    wrong = {"name": "x", "unit_price": "1", "tax_category": "AE", "tax_rate": "21"}
    await _refused(await client.post("/v1/products", json=wrong), "/tax_rate")

"""Several taxes on one line, from the product to the credit note."""

from typing import Any

import httpx
import pytest

from tests.integration.invoice.conftest import a_contact, a_line, an_invoice

TAXES = [{"tax_rate": "5", "name": "GST"}, {"tax_rate": "9.975", "name": "QST"}]


def of(levied: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """Name, rate and amount of each tax."""
    return [(one["name"], one["tax_rate"], one["tax_minor"]) for one in levied]


async def test_a_products_taxes_go_through_quote_and_invoice_to_the_credit_note(
    client: httpx.AsyncClient,
) -> None:
    product = await client.post(
        "/v1/products",
        json={"name": "Hour", "unit_price": "114.98", "tax_behavior": "inclusive", "taxes": TAXES},
    )
    line = {"product_id": product.json()["id"]}
    contact_id = (await a_contact(client))["id"]
    quote = (await client.post("/v1/quotes", json={"contact_id": contact_id, "lines": [line]})).json()
    await client.post(f"/v1/quotes/{quote['id']}/send")
    accept = f"/v1/quotes/{quote['id']}/accept"
    accepted = (await client.post(accept, json={"invoice_status": "open"})).json()
    invoice = (await client.get(f"/v1/invoices/{accepted['invoice_id']}")).json()
    path = f"/v1/invoices/{invoice['id']}/credit-notes"
    notes = [(await client.post(path, json={"lines": [part]})).json() for part in _halves(invoice)]
    read = (await client.get(f"/v1/credit-notes/{notes[0]['id']}")).json()

    assert product.status_code == 201, product.text
    assert [tax["tax_rate"] for tax in product.json()["taxes"]] == ["5", "9.975"]
    assert (product.json()["tax_rate"], quote["tax_minor"]) == ("14.975", 1498)
    assert of(invoice["lines"][0]["taxes"]) == [("GST", "5", 500), ("QST", "9.975", 998)]
    assert (invoice["subtotal_minor"], invoice["total_minor"]) == (10000, 11498)
    assert of(invoice["tax_breakdown"]) == [("QST", "9.975", 998), ("GST", "5", 500)]
    assert of(notes[0]["lines"][0]["taxes"]) == [("GST", "5", 250), ("QST", "9.975", 499)]
    assert read == notes[0]
    assert sum(note["tax_minor"] for note in notes) == invoice["tax_minor"]


async def test_one_tax_takes_the_place_of_several_and_back(client: httpx.AsyncClient) -> None:
    line = {"description": "x", "unit_price": 100, "taxes": TAXES}
    draft = await an_invoice(client, status="draft", lines=[line])
    path = f"/v1/invoice-lines/{draft['lines'][0]['id']}"

    more = (await client.patch(path, json={"quantity": 2})).json()
    one = (await client.patch(path, json={"tax_rate": 21, "tax_category": "S"})).json()
    several = (await client.patch(path, json={"taxes": TAXES})).json()

    assert of(more["taxes"]) == [("GST", "5", 1000), ("QST", "9.975", 1995)]
    assert (one["taxes"], one["tax_rate"], one["tax_minor"]) == ([], "21", 4200)
    assert (several["tax_rate"], several["tax_category"], several["tax_minor"]) == ("14.975", None, 2995)


async def test_a_product_gets_one_tax_or_several(client: httpx.AsyncClient) -> None:
    body = {"name": "Hour", "unit_price": 1, "tax_rate": 21}
    product = (await client.post("/v1/products", json=body)).json()
    path = f"/v1/products/{product['id']}"

    several = (await client.patch(path, json={"taxes": TAXES})).json()
    one = (await client.patch(path, json={"tax_rate": 9})).json()
    both = await client.post("/v1/products", json=body | {"taxes": TAXES})

    assert (several["tax_rate"], len(several["taxes"])) == ("14.975", 2)
    assert (one["tax_rate"], one["taxes"]) == ("9", [])
    assert (both.status_code, both.json()["errors"][0]["pointer"]) == (422, "/taxes")


@pytest.mark.parametrize(
    ("taxes", "pointer"),
    [
        ([{"tax_rate": 5}, {"tax_rate": 5}], "/lines/0/taxes/1"),
        ([{"tax_rate": 5, "tax_category": "E"}], "/lines/0/taxes/0/tax_rate"),
        ([{"tax_rate": -1}], "/lines/0/taxes/0/tax_rate"),
        ([{"name": "GST"}], "/lines/0/taxes/0/tax_rate"),
        ([{"tax_rate": n} for n in range(6)], "/lines/0/taxes"),
    ],
)
async def test_bad_taxes_are_named(client: httpx.AsyncClient, taxes: Any, pointer: str) -> None:
    body = {"contact_id": (await a_contact(client))["id"]}

    reply = await client.post(
        "/v1/invoices", json=body | {"lines": [{"description": "x", "unit_price": 1, "taxes": taxes}]}
    )

    assert reply.status_code == 422, reply.text
    assert reply.json()["errors"][0]["pointer"] == pointer


async def test_a_line_has_one_tax_or_several(client: httpx.AsyncClient) -> None:
    body = {"contact_id": (await a_contact(client))["id"], "lines": [a_line("x", 1, 1, taxes=TAXES)]}

    reply = await client.post("/v1/invoices", json=body)

    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/lines/0/taxes")


def _halves(invoice: dict[str, Any]) -> list[dict[str, Any]]:
    line_id = invoice["lines"][0]["id"]
    return [{"invoice_line_id": line_id, "amount_minor": 5749}, {"invoice_line_id": line_id}]

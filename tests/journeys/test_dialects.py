"""The examples of the dialects' own documentation, as they are written there, through the whole platform."""

import time
from collections.abc import Callable
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey

from shared.kernel.ids import new_id
from tests.journeys.conftest import Stack, a_contact, created, until_status

ACME = {"name": "Acme Ltd", "email": "billing@acme.example"}


def _a_token(stack: Stack, slug: str) -> str:
    facts = stack.jwt
    claims = {"iss": facts["issuer"], "aud": facts["audience"], "sub": "ada", "workspaces": [slug]}
    return jwt.encode(
        {"alg": facts["algorithm"]},
        {**claims, "exp": int(time.time()) + 600},
        OctKey.import_key(facts["secret"]),
        algorithms=[facts["algorithm"]],
    )


async def test_the_workspace_examples_work_as_written(
    stack: Stack, make_workspace: Callable[..., Any]
) -> None:
    slug, base = f"t-{new_id().hex[-20:]}", "/workspace/api/v1"
    await make_workspace(slug=slug)
    headers = {"authorization": f"Bearer {_a_token(stack, slug)}", "x-tenant-slug": slug}
    async with httpx.AsyncClient(base_url=stack.gateway_url, headers=headers, timeout=30) as user:
        customer = await created(user, f"{base}/customers", ACME)
        changes = {"name": "Acme Holdings Ltd", "email": "ap@acme.example"}
        changed = (await user.patch(f"{base}/customers/{customer['id']}", json=changes)).json()
        draft = await created(user, f"{base}/invoices", _example_invoice(customer["id"]))
        path = f"{base}/invoices/{draft['id']}"
        listed = (await user.get(f"{base}/invoices?limit=20&offset=0&status=draft&status=issued")).json()
        line = {"description": "Consulting", "quantity": 2, "unit_price": 175, "tax_rate": 20}
        issued = (await user.patch(path, json={"lines": [line], "status": "issued"})).json()
        shown = (await user.get(path)).json()
        refused = await user.delete(path)
        other = await created(user, f"{base}/invoices", {**_example_invoice(customer["id"]), "number": "X-1"})
        deleted = await user.delete(f"{base}/invoices/{other['id']}")
        customers = (await user.get(f"{base}/customers?limit=50&offset=0")).json()

    assert (changed["name"], changed["email"]) == ("Acme Holdings Ltd", "ap@acme.example")
    assert (draft["number"], draft["status"], draft["total"]) == ("INV-2048", "draft", 409.99)
    assert [one["id"] for one in listed["data"]] == [draft["id"]]
    assert listed["meta"]["status"] == ["draft", "issued"]
    assert (issued["number"], issued["status"], issued["total"]) == ("INV-2048", "issued", 420.00)
    assert shown["customer"]["name"] == "Acme Holdings Ltd"
    assert (refused.status_code, deleted.status_code) == (409, 204)
    assert customers["meta"]["limit"] == 50


async def test_the_fastfaktura_examples_work_as_written(client: httpx.AsyncClient) -> None:
    base = "/fastfaktura/api/v1"
    profile = {"name": "Nordlys AS", "country": "NO"}
    business = (await client.patch(f"{base}/business", json=profile)).json()
    fields = {"name": "Fjord AS", "phone": "+4721000001", "locale": "nb", "tags": ["retail"]}
    someone = await created(client, f"{base}/clients", fields)
    line = {"description": "Consulting", "quantity": 1, "unit_price_cents": 50000, "tax_rate": 20}
    example = {"client_id": someone["id"], "currency": "EUR", "lines": [line]}

    draft = await created(client, f"{base}/invoices", example)
    found = (await client.get(f"{base}/clients?page=1&q=FJORD")).json()
    drafts = (await client.get(f"{base}/invoices?page=1&status=draft")).json()
    detail = (await client.get(f"{base}/invoices/{draft['id']}")).json()
    events = (await client.get(f"{base}/invoices/{draft['id']}/events")).json()
    archived = await client.delete(f"{base}/clients/{someone['id']}")
    kept = (await client.get(f"{base}/clients/{someone['id']}")).json()
    left = (await client.get(f"{base}/clients")).json()

    assert business["name"] == "Nordlys AS"
    assert (draft["subtotal_cents"], draft["tax_cents"], draft["total_cents"]) == (50000, 10000, 60000)
    assert (draft["status"], draft["client_id"]) == ("draft", someone["id"])
    assert [one["id"] for one in found["data"]] == [someone["id"]]
    assert [one["id"] for one in drafts["data"]] == [draft["id"]]
    assert detail["lines"][0]["unit_price_cents"] == 50000
    assert [one["type"] for one in events["data"]] == ["created"] == [one["type"] for one in detail["events"]]
    assert archived.status_code == 204
    assert kept["archived_at"]
    assert left["data"] == []


async def test_the_facturering_endpoints_work_together(client: httpx.AsyncClient) -> None:
    base = "/facturering"
    contact = await a_contact(client)
    fields = {"contact": f"{base}/contacts/{contact['id']}", "currency": "EUR", "date": "2026-04-11"}
    invoice = await created(client, f"{base}/invoices", fields)
    row = await created(client, f"{base}/invoice-rows", _example_row(invoice["@id"]))
    drafts = (await client.get(f"{base}/invoices/draft")).json()
    name = (await client.get(f"{base}/invoices/name/2026-04-11")).json()["name"]
    issued = await client.post(f"/v1/invoices/{invoice['id']}/issue")
    money = {"invoice": invoice["@id"], "transaction": None, "amount": 100.00, "date": "2026-04-11T09:30:00Z"}
    part = await created(client, f"{base}/invoice-transactions", money)
    rest = await created(client, f"{base}/invoice-transactions", {**money, "amount": None})
    await until_status(client, invoice["id"], "paid")
    smaller = await client.patch(f"{base}/invoice-transactions/{part['id']}", json={"amount": 60.00})
    deleted = await client.delete(f"{base}/invoice-transactions/{rest['id']}")
    left = (await client.get(f"{base}/invoice-transactions?invoice={invoice['@id']}")).json()
    after = await until_status(client, invoice["id"], "open")
    balances = (await client.get(f"/v1/credit-balances?contact_id={contact['id']}")).json()

    assert (row["invoice"], row["netDiscountAmount"]) == (invoice["@id"], "10.00")
    assert [one["@id"] for one in drafts["member"]] == [invoice["@id"]]
    assert issued.json()["number"] == name
    assert (part["amount"], rest["amount"]) == (100.00, 190.40)
    assert (smaller.json()["amount"], deleted.status_code) == (60.00, 204)
    assert [(one["id"], one["amount"]) for one in left["member"]] == [(part["id"], 60.00)]
    assert after["total_minor"] == 29040
    assert [one["amount_minor"] for one in balances["data"] if one["amount_minor"]] == []


def _example_invoice(customer_id: str) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "number": "INV-2048",
        "status": "draft",
        "lines": [
            {"description": "Consulting", "quantity": 2, "unit_price": 150, "tax_rate": 20},
            {"description": "Materials", "quantity": 1, "unit_price": 49.99, "tax_rate": 0},
        ],
    }


def _example_row(invoice: str) -> dict[str, Any]:
    return {
        "invoice": invoice,
        "classificationNumber": "62.01",
        "unit": "uur",
        "quantity": 2,
        "vatRate": "21.00",
        "netPrice": "125.00",
        "netDiscountAmount": "10.00",
        "productName": "Installatie",
        "project": "/projects/7",
        "parentInvoiceRow": None,
        "invoiceChildrenRows": [],
    }

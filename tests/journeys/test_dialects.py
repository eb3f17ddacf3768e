"""The examples of the dialects' own documentation, as they are written there, through the whole platform."""

import time
from collections.abc import Callable
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey

from shared.kernel.ids import new_id
from shared.testing.eventually import eventually
from tests.journeys.conftest import Stack, a_contact, an_invoice, created, until_status

DUTCH = {
    "address": {"line1": "Keizersgracht 1", "postal_code": "1015 CJ", "city": "Amsterdam"},
    "country": "NL",
}
ACME = {"name": "Acme Ltd", "email": "billing@acme.example"}


def a_token(stack: Stack, slug: str) -> str:
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
    headers = {"authorization": f"Bearer {a_token(stack, slug)}", "x-tenant-slug": slug}
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


async def test_the_fastfaktura_examples_are_sent_and_reminded_of(make_workspace: Callable[..., Any]) -> None:
    client: httpx.AsyncClient = await make_workspace(mode="sandbox")
    base = "/fastfaktura/api/v1"
    someone = await created(client, f"{base}/clients", {"name": "Fjord AS", "phone": "+4721000001"})
    line = {"description": "Consulting", "quantity": 1, "unit_price_cents": 50000, "tax_rate": 20}
    example = {"client_id": someone["id"], "currency": "EUR", "lines": [line]}
    path = f"{base}/invoices/{(await created(client, f'{base}/invoices', example))['id']}"

    unsent = await client.post(f"{path}/send", json={"channels": ["email", "sms"]})
    sending = {"channels": ["sms", "link"], "reminder": False}
    sent = await client.post(f"{path}/send", json=sending)
    pdf = await client.get(f"{path}/pdf")
    reminder = {"channels": ["sms"], "reminder": True}
    reminded = await client.post(f"{path}/send", json=reminder)
    told = await eventually(lambda: _events(client, f"{path}/events", "sms"), 30)

    assert (unsent.status_code, unsent.json()["details"][0]["field"]) == (422, "client.email")
    assert (sent.json()["status"], bool(sent.json()["number"])) == ("sent", True)
    assert sent.json()["public_url"].startswith("http")
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert reminded.status_code == 200
    assert sorted(told) == [
        ("delivered", False),
        ("delivered", True),
        ("queued", False),
        ("queued", True),
        ("sent", False),
        ("sent", True),
    ]


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


async def test_the_facturering_endpoints_send_invoices(make_workspace: Callable[..., Any]) -> None:
    sandbox: httpx.AsyncClient = await make_workspace(mode="sandbox")
    base = "/facturering"
    profile = {"name": "Jansen BV", "vat_id": "NL123456782B90", "iban": "NL91ABNA0417164300", **DUTCH}
    assert (await sandbox.patch("/v1/business", json=profile)).status_code == 200
    contact = await a_contact(sandbox, vat_id="NL004495445B01", **DUTCH)
    fields = {"contact": contact["id"], "currency": "EUR", "reference": "PO-7"}
    one, other = [await created(sandbox, f"{base}/invoices", fields) for _ in range(2)]
    row = {**_example_row(one["@id"]), "netDiscountAmount": "0.00", "project": None}
    for invoice in (one, other):
        await created(sandbox, f"{base}/invoice-rows", {**row, "invoice": invoice["@id"]})
    void = await an_invoice(sandbox)
    await sandbox.post(f"/v1/invoices/{void['id']}/void")

    sent = await created(sandbox, f"{base}/invoices/{one['id']}/send", {})
    many = {"invoices": [other["@id"], void["id"]], "channels": ["email", "link"]}
    results = await created(sandbox, f"{base}/invoices/send", many)
    e_invoice = await created(sandbox, f"{base}/e-invoices/send", {"invoice": one["@id"]})
    refused = await sandbox.post(f"{base}/e-invoices/send", json={"invoice": void["id"]})
    deliveries = await eventually(lambda: _delivered(sandbox, f"{base}/invoices/{other['id']}/send"), 30)

    assert (sent["status"], bool(sent["name"])) == ("open", True)
    assert [delivery["channel"] for delivery in sent["deliveries"]] == ["email"]
    assert [result["sent"] for result in results["member"]] == [True, False]
    assert "void" in results["member"][1]["detail"]
    assert sorted(one["channel"] for one in deliveries) == ["email", "link"]
    assert (e_invoice["status"], e_invoice["invoice"], e_invoice["name"]) == (
        "queued",
        one["@id"],
        sent["name"],
    )
    assert (refused.status_code, refused.json()["reason"]) == (409, "invoice_is_void")


async def _events(client: httpx.AsyncClient, path: str, channel: str) -> list[tuple[str, bool]] | None:
    """What happened over the channel, once both the invoice and its reminder arrived."""
    happened = (await client.get(path)).json()["data"]
    found = [(one["type"], one["reminder"]) for one in happened if one["channel"] == channel]
    return found if len(found) >= 6 else None


async def _delivered(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]] | None:
    """The invoice's deliveries, once all left."""
    found = (await client.get(path)).json()["deliveries"]
    return found if {one["status"] for one in found} <= {"sent", "delivered"} else None


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

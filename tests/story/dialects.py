"""The same business in the words of the four dialects."""

from typing import Any

from tests.story.sales import ACME, installing
from tests.story.tales import World, day

LINE = {"description": "Consulting", "quantity": 2, "unit_price": 150, "tax_rate": 20}


async def paydock(world: World) -> None:
    """Contacts, products, invoices, payments and the portal in Dutch."""
    tell, base = world.tell, "/paydock/api"
    person = {"name": "Bakkerij Smit", "email": "info@smit.example", "external_id": "CRM-12346"}
    contact = await tell.post(f"{base}/contacts", person)
    product = await tell.post(
        f"{base}/products", {"name": "Kassa", "unit_price_incl": 89.00, "tax_percentage": 21}
    )
    await tell.ask("PUT", f"{base}/contacts/{contact['id']}", {"email": "administratie@smit.example"})
    await tell.ask("PUT", f"{base}/products/{product['id']}", {"description": "Kassa per maand"})
    line = {"description": "Kassa", "quantity": 1, "unit_price_incl": 89.00, "tax_percentage": 21}
    fields = {
        "contact_id": contact["id"],
        "status": "verzonden",
        "lines": [line | {"product_id": product["id"]}],
    }
    invoice = await tell.post(f"{base}/invoices", fields)
    await tell.patch(f"{base}/invoices/{invoice['id']}", {"note": "Bedankt"})
    money = {"invoice_id": invoice["id"], "amount": 39.00, "external_method": "bank_transfer"}
    payment = await tell.post(f"{base}/payments", {**money, "external_reference": "TXN-12347"})
    await tell.get(f"{base}/payments/{payment['id']}")
    await tell.get(f"{base}/invoices/{invoice['id']}")
    for path in ("invoices", "quotes", "subscriptions"):
        await tell.get(f"{base}/{path}?contact_id={contact['id']}")
    for path in ("contacts", "products", "payments"):
        await tell.get(f"{base}/{path}?limit=2")
    await tell.get(f"{base}/contacts/{contact['id']}")
    await tell.get(f"{base}/products/{product['id']}")
    await tell.get(f"{base}/client-portal/CRM-12346")
    await tell.delete(f"{base}/products/{product['id']}")
    await _offered(world, base)
    await tell.delete(f"{base}/contacts/{contact['id']}")


async def _offered(world: World, base: str) -> None:
    tell, made = world.tell, world.made
    quote = await tell.post("/v1/quotes", {"contact_id": made["contact"], "lines": [installing()]})
    await tell.patch(f"{base}/quotes/{quote['id']}", {"status": "verzonden"})
    await tell.get(f"{base}/quotes/{quote['id']}")
    await tell.patch(f"{base}/subscriptions/{made['subscription']}", {"status": "gepauzeerd"})
    await tell.get(f"{base}/subscriptions/{made['subscription']}")


async def workspace(world: World) -> None:
    """Customers and invoices."""
    tell, base = world.tell, "/workspace/api/v1"
    customer = await tell.post(f"{base}/customers", {"name": "Acme Ltd", "email": "billing@acme.example"})
    await tell.patch(f"{base}/customers/{customer['id']}", {"name": "Acme Holdings Ltd"})
    await tell.get(f"{base}/customers/{customer['id']}")
    await tell.get(f"{base}/customers?limit=2")
    fields = {"customer_id": customer["id"], "status": "draft", "lines": [LINE]}
    draft, other = [await tell.post(f"{base}/invoices", fields) for _ in range(2)]
    await tell.get(f"{base}/invoices?status=draft&limit=2")
    await tell.patch(
        f"{base}/invoices/{draft['id']}", {"lines": [LINE | {"unit_price": 175}], "status": "issued"}
    )
    await tell.get(f"{base}/invoices/{draft['id']}")
    await tell.delete(f"{base}/invoices/{other['id']}")


async def fastfaktura(world: World) -> None:
    """Clients, invoices and sending."""
    tell, base = world.tell, "/fastfaktura/api/v1"
    await tell.patch(f"{base}/business", {"phone": "+31201234568"})
    await tell.ask("PUT", f"{base}/business", {"name": "Jansen BV", "country": "NL"})
    await tell.get(f"{base}/business")
    fields: dict[str, Any] = {"name": "Fjord AS", "email": "info@fjord.example", "phone": "+4721000001"}
    client = await tell.post(f"{base}/clients", {**fields, "locale": "nb", "tags": ["retail"]})
    path = f"{base}/clients/{client['id']}"
    await tell.patch(path, {"country": "NO"})
    await tell.ask("PUT", path, {**fields, "country": "NO", "locale": "nb"})
    await tell.get(path)
    await tell.get(f"{base}/clients?page=1&q=fjord")
    line = {"description": "Consulting", "quantity": 1, "unit_price_cents": 50000, "tax_rate": 20}
    invoice = {"client_id": client["id"], "currency": "EUR", "lines": [line]}
    at = f"{base}/invoices/{(await tell.post(f'{base}/invoices', invoice))['id']}"
    await tell.post(f"{at}/send", {"channels": ["email", "link"], "reminder": False})
    await tell.get(at)
    await tell.get(f"{at}/pdf")
    await tell.get(f"{at}/events")
    await tell.get(f"{base}/invoices?page=1&status=sent")
    await tell.delete(path)


async def facturering(world: World) -> None:
    """Invoices, their rows and their transactions, as linked data."""
    tell, base, made = world.tell, "/facturering", world.made
    contact = await tell.post("/v1/contacts", ACME | {"name": "Visser BV", "external_id": "CRM-12348"})
    fields = {"contact": f"{base}/contacts/{contact['id']}", "currency": "EUR", "reference": "PO-7"}
    invoice, other, gone = [await tell.post(f"{base}/invoices", fields) for _ in range(3)]
    due = day(14)
    await tell.patch(f"{base}/invoices/{invoice['id']}", {"dueDate": due})
    row = {"invoice": invoice["@id"], "unit": "uur", "quantity": 2, "vatRate": "21.00", "netPrice": "125.00"}
    row |= {"netDiscountAmount": "0.00", "productName": "Installatie"}
    first = await tell.post(f"{base}/invoice-rows", row)
    await tell.post(f"{base}/invoice-rows", {**row, "invoice": other["@id"]})
    await tell.patch(f"{base}/invoice-rows/{first['id']}", {"quantity": 3})
    await tell.get(f"{base}/invoice-rows/{first['id']}")
    await tell.get(f"{base}/invoice-rows?invoice={invoice['@id']}")
    await tell.get(f"{base}/invoices/draft?itemsPerPage=1")
    await tell.get(f"{base}/invoices/name/{day()}")
    await tell.delete(f"{base}/invoices/{gone['id']}")
    await tell.post(f"{base}/invoices/{invoice['id']}/send", {"channels": ["email"]})
    await tell.get(f"{base}/invoices/{invoice['id']}/send")
    await tell.post(f"{base}/invoices/send", {"invoices": [other["@id"]], "channels": ["link"]})
    await tell.post(f"{base}/e-invoices/send", {"invoice": invoice["@id"]})
    await tell.get(f"{base}/invoices/{invoice['id']}")
    await tell.get(f"{base}/invoices?itemsPerPage=1")
    await _paid(world, base, invoice["@id"])
    made["visser"] = contact["id"]


async def _paid(world: World, base: str, invoice: str) -> None:
    tell = world.tell
    money = {"invoice": invoice, "amount": 100.00, "date": f"{day()}T09:30:00Z"}
    transaction = await tell.post(f"{base}/invoice-transactions", money)
    path = f"{base}/invoice-transactions/{transaction['id']}"
    await tell.patch(path, {"amount": 60.00})
    await tell.get(path)
    await tell.get(f"{base}/invoice-transactions?invoice={invoice}")
    await tell.delete(path)
    await tell.post(f"{base}/payment-methods/create-setup-intent", {})
    await tell.first(f"/v1/payment-methods?contact_id={world.made['contact']}")
    method = (await tell.get(f"{base}/payment-methods"))["member"][0]
    await tell.patch(f"{base}/payment-methods/{method['id']}", {"ccExpMonth": 11, "ccExpYear": 2031})
    await tell.get(f"{base}/payment-methods/{method['id']}")
    await tell.delete(f"{base}/payment-methods/{method['id']}")


CHAPTERS = (paydock, workspace, fastfaktura, facturering)

"""Who buys, what is sold, what is offered: contacts, products, quotes, and the business itself."""

import zlib

from tests.story.tales import World, day

ADDRESS = {"line1": "Keizersgracht 1", "postal_code": "1015 CJ", "city": "Amsterdam"}
BUSINESS = {
    "name": "Jansen BV",
    "address": {"line1": "Herengracht 10", "postal_code": "1015 BL", "city": "Amsterdam"},
    "country": "NL",
    "email": "post@jansen.example",
    "vat_id": "NL123456782B90",
    "tax_number": "123456782B01",
    "iban": "NL91ABNA0417164300",
}
ACME = {
    "name": "Acme BV",
    "email": "info@acme.nl",
    "phone": "+31201234567",
    "address": ADDRESS,
    "country": "NL",
    "locale": "nl",
    "vat_id": "NL004495445B01",
    "external_id": "CRM-12345",
    "tags": ["retail"],
}
LICENCE = {
    "name": "Spont POS Licentie",
    "sku": "POS-1",
    "unit": "maand",
    "unit_price": "89.00",
    "currency": "EUR",
    "tax_rate": "21",
    "tax_behavior": "inclusive",
}


def _picture() -> bytes:
    """One grey pixel as PNG."""
    header, pixel = bytes.fromhex("00000001 00000001 08 00 00 00 00"), zlib.compress(b"\x00\x80")
    chunks = ((b"IHDR", header), (b"IDAT", pixel), (b"IEND", b""))
    written = (
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def installing(**more: object) -> dict[str, object]:
    """The line that is on most of the story's documents."""
    line = {"description": "Installatie", "quantity": "2", "unit": "uur", "unit_price": "125.00"}
    return {**line, "tax_rate": "21", **more}


async def business(world: World) -> None:
    """The seller's profile and logo."""
    tell = world.tell
    await tell.patch("/v1/business", BUSINESS)
    headers = {"content-type": "image/png"}
    await tell.ask("PUT", "/v1/business/logo", content=_picture(), headers=headers)
    await tell.get("/v1/business/logo")
    await tell.delete("/v1/business/logo")
    await tell.get("/v1/business")


async def contacts_and_products(world: World) -> None:
    """Acme, who buys; somebody who is gone soon; what is sold."""
    tell = world.tell
    acme = await tell.post("/v1/contacts", ACME)
    gone = await tell.post("/v1/contacts", {"name": "Verdwenen BV"})
    await tell.patch(f"/v1/contacts/{acme['id']}", {"tags": ["retail", "pos"]})
    await tell.delete(f"/v1/contacts/{gone['id']}")
    await tell.get(f"/v1/contacts/{acme['id']}")
    await tell.get("/v1/contacts?external_id=CRM-12345")
    licence = await tell.post("/v1/products", LICENCE)
    old = await tell.post("/v1/products", LICENCE | {"name": "Oude licentie", "sku": "POS-0"})
    await tell.patch(f"/v1/products/{licence['id']}", {"description": "Licentie per maand"})
    await tell.delete(f"/v1/products/{old['id']}")
    await tell.get(f"/v1/products/{licence['id']}")
    await tell.get("/v1/products")
    world.made |= {"contact": acme["id"], "product": licence["id"]}


async def quotes(world: World) -> None:
    """Offers: accepted, declined, withdrawn."""
    tell, made = world.tell, world.made
    until = day(30)
    fields = {"contact_id": made["contact"], "valid_until": until, "lines": [installing()]}
    one, other, third = [await tell.post("/v1/quotes", fields) for _ in range(3)]
    await tell.patch(f"/v1/quotes/{one['id']}", {"reference": "PO-7"})
    await tell.delete(f"/v1/quotes/{third['id']}")
    await tell.post(f"/v1/quotes/{one['id']}/send", {"channels": ["email"]})
    await tell.post(f"/v1/quotes/{other['id']}/send", {"channels": ["email"]})
    await tell.get(f"/v1/quotes/{one['id']}/deliveries")
    await tell.post(f"/v1/quotes/{one['id']}/accept", {"invoice_status": "draft"})
    await tell.post(f"/v1/quotes/{other['id']}/decline")
    await tell.get(f"/v1/quotes/{one['id']}")
    await tell.get(f"/v1/quotes/{one['id']}/pdf")
    await tell.get(f"/v1/quotes?contact_id={made['contact']}")
    made["quote"] = one["id"]


CHAPTERS = (business, contacts_and_products, quotes)

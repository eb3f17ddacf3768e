"""Invoices from draft to void, their lines, credit notes, documents, sends, e-invoices and reminders."""

from typing import Any

from tests.story.sales import installing
from tests.story.tales import World, day


async def an_invoice(world: World, **fields: Any) -> dict[str, Any]:
    """An invoice of Acme's: 302.50 euros in all."""
    body = {"contact_id": world.made["contact"], "lines": [installing()], **fields}
    made: dict[str, Any] = await world.tell.post("/v1/invoices", body)
    return made


async def drafts(world: World) -> None:
    """What can still be changed."""
    tell, made = world.tell, world.made
    licence = {"product_id": made["product"], "quantity": "1"}
    draft = await an_invoice(world, lines=[licence, installing()], reference="PO-7")
    path = f"/v1/invoices/{draft['id']}"
    await tell.patch(path, {"notes": "Levering binnen 5 werkdagen", "supply_date": day(-1)})
    new = {"invoice_id": draft["id"], "description": "Voorrijkosten", "quantity": "1", "unit_price": "45.00"}
    line = await tell.post("/v1/invoice-lines", {**new, "tax_rate": "21"})
    await tell.patch(f"/v1/invoice-lines/{line['id']}", {"quantity": "2"})
    await tell.get(f"/v1/invoice-lines/{line['id']}")
    await tell.get(f"/v1/invoice-lines?invoice_id={draft['id']}")
    await tell.delete(f"/v1/invoice-lines/{line['id']}")
    await tell.get("/v1/invoices/next-number")
    await tell.delete(f"/v1/invoices/{(await an_invoice(world))['id']}")
    await tell.post(f"{path}/issue")
    await tell.get(path)
    await tell.get(f"/v1/invoices?status=open&contact_id={made['contact']}")
    made["invoice"] = draft["id"]


async def ends(world: World) -> None:
    """What was wrong, and what is never paid; many at once."""
    tell = world.tell
    wrong, hopeless = [await an_invoice(world, status="open") for _ in range(2)]
    await tell.post(f"/v1/invoices/{wrong['id']}/void")
    path = f"/v1/invoices/{hopeless['id']}/write-off"
    await tell.post(path, {"amount_minor": 50, "reason": "Bank costs"})
    await tell.post(f"{path}/reverse")
    await tell.post(path)
    rate = {"currency": "EUR", "exchange_rate": "0.9205", "exchange_rate_source": "ECB"}
    abroad = {"currency": "USD", "tax_conversion": {**rate, "exchange_rate_date": day(-1)}}
    month = {"supply_start": day(-30), "supply_end": day(-1)}
    fields = {"contact_id": world.made["contact"], "lines": [installing() | month], **month, **abroad}
    await tell.post("/v1/invoices/batch", {"invoices": [fields]})


async def credit_notes(world: World) -> None:
    """An invoice that is taken back."""
    tell = world.tell
    invoice = await an_invoice(world, status="open")
    path = f"/v1/invoices/{invoice['id']}/credit-notes"
    note = await tell.post(path, {"reason": "Retour"})
    await tell.get(path)
    await tell.get("/v1/credit-notes/next-number")
    await tell.get("/v1/credit-notes")
    await tell.get(f"/v1/credit-notes/{note['id']}")
    await tell.post(f"/v1/credit-notes/{note['id']}/send", {"channels": ["email"]})
    await tell.get(f"/v1/credit-notes/{note['id']}/deliveries")
    await tell.get(f"/v1/credit-notes/{note['id']}/pdf")
    await tell.get(f"/v1/credit-notes/{note['id']}/documents")
    await tell.get(f"/v1/credit-notes/{note['id']}/ubl")


async def sending(world: World) -> None:
    """By e-mail, as a link, as an e-invoice; and what became of it."""
    tell, path = world.tell, f"/v1/invoices/{world.made['invoice']}"
    await tell.post(f"{path}/send", {"channels": ["email", "link"]})
    delivery = await tell.first(f"{path}/deliveries")
    await tell.get(f"{path}/deliveries/{delivery['id']}")
    await tell.ask("POST", f"{path}/deliveries/{delivery['id']}/retry", {"to": "present"}, may_refuse=True)
    await tell.get("/v1/document-deliveries?channel=email&limit=2&include=total")
    await tell.get(f"/v1/document-deliveries/{delivery['id']}")
    await tell.ask(
        "POST", f"/v1/document-deliveries/{delivery['id']}/retry", {"to": "present"}, may_refuse=True
    )
    await tell.post("/v1/invoices/send", {"invoice_ids": [world.made["invoice"]], "channels": ["link"]})
    e_invoice = await tell.post("/v1/e-invoices/send", {"invoice_id": world.made["invoice"]})
    await tell.get("/v1/e-invoices")
    await tell.get(f"/v1/e-invoices/{e_invoice['id']}")
    await tell.get(f"/v1/e-invoices/{e_invoice['id']}/document")
    await tell.get(f"{path}/pdf")
    await tell.get(f"{path}/documents")
    await tell.get(f"{path}/ubl")
    await tell.get(f"{path}/events")
    await tell.post(f"{path}/public-link")


async def reminders(world: World) -> None:
    """When late payers are reminded."""
    tell = world.tell
    await tell.patch("/v1/reminder-settings", {"enabled": True, "preset": "gentle"})
    await tell.get("/v1/reminder-settings")
    due = {"issue_date": day(-20)}
    late = await an_invoice(world, status="open", **due, due_date=day(-3))
    await tell.get(f"/v1/invoices/{late['id']}/reminders")
    await tell.patch(f"/v1/invoices/{late['id']}/reminders", {"paused": True})


async def channels(world: World) -> None:
    """The workspace's own mail server, and its own words."""
    tell = world.tell
    server = {"kind": "smtp", "mode": "live", "host": "smtp.example.com", "username": "jansen"}
    server |= {"secret": "not-a-real-password", "sender_email": "post@jansen.example"}
    setting = await tell.post("/v1/channel-settings", server)
    await tell.patch(f"/v1/channel-settings/{setting['id']}", {"sender_name": "Jansen BV"})
    await tell.get(f"/v1/channel-settings/{setting['id']}")
    await tell.get("/v1/channel-settings")
    await tell.delete(f"/v1/channel-settings/{setting['id']}")
    words = {"kind": "invoice", "channel": "email", "locale": "nl"}
    shown = await tell.get("/v1/message-templates/default?kind=invoice&channel=email&locale=nl")
    texts = {"subject": shown["subject"], "body": shown["body"]}
    template = await tell.post("/v1/message-templates", {**words, **texts})
    await tell.patch(f"/v1/message-templates/{template['id']}", {"subject": "Uw factuur"})
    await tell.get(f"/v1/message-templates/{template['id']}")
    await tell.get("/v1/message-templates")
    await tell.post("/v1/message-templates/preview", words)
    await tell.delete(f"/v1/message-templates/{template['id']}")


CHAPTERS = (drafts, ends, credit_notes, sending, reminders, channels)

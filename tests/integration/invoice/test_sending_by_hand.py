"""What is sent because somebody asks: again, elsewhere, as a reminder, as a quote, in a sandbox."""

from tests.integration.invoice.conftest import a_contact, a_sent_invoice, an_invoice
from tests.integration.invoice.mail_server import a_sender, html_of, send_all
from tests.integration.invoice.sending_rig import Rig


async def test_an_address_that_bounced_is_not_mailed_again_unless_somebody_insists(rig: Rig) -> None:
    client = await rig.workspace()
    rig.inbox.script["anna"] = ["550 Nobody here"]
    invoice = await a_sent_invoice(client, "anna@kunde.example")
    await send_all(a_sender(rig.database, rig.inbox))

    again = await client.post(f"/v1/invoices/{invoice['id']}/send")
    elsewhere = await client.post(f"/v1/invoices/{invoice['id']}/send", json={"email": "bo@kunde.example"})
    forced = await client.post(f"/v1/invoices/{invoice['id']}/send", json={"force": True})
    await send_all(a_sender(rig.database, rig.inbox))
    after = await client.post(f"/v1/invoices/{invoice['id']}/send")

    assert (again.status_code, again.json()["code"]) == (409, "recipient_refused")
    assert again.json()["errors"][0]["pointer"] == "/email"
    assert elsewhere.status_code == forced.status_code == after.status_code == 202
    assert [len(rig.inbox.of(name)) for name in ("anna", "bo")] == [1, 1]
    assert await rig.statuses(client, invoice) == ["queued", "sent", "sent", "bounced"]


async def test_what_failed_is_sent_when_somebody_tries_it_again(rig: Rig) -> None:
    client = await rig.workspace()
    rig.inbox.script["anna"] = ["refused"]
    invoice = await a_sent_invoice(client, "anna@kunde.example")
    await send_all(a_sender(rig.database, rig.inbox))
    (failed,) = (await client.get(f"/v1/invoices/{invoice['id']}/deliveries")).json()["data"]
    path = f"/v1/invoices/{invoice['id']}/deliveries/{failed['id']}"

    retried = await client.post(f"{path}/retry")
    early = await client.post(f"{path}/retry")
    await send_all(a_sender(rig.database, rig.inbox))
    sent = (await client.get(path)).json()

    assert (failed["status"], failed["failure_code"]) == ("failed", "rejected")
    assert failed["failure_message"] == "554 5.7.1 Not this content"
    assert (retried.status_code, retried.json()["status"]) == (200, "queued")
    assert (early.status_code, early.json()["code"]) == (409, "delivery_not_retryable")
    assert (sent["status"], sent["failure_code"], sent["attempt_count"]) == ("sent", None, 1)


async def test_what_was_paid_or_voided_meanwhile_does_not_go_out(rig: Rig) -> None:
    client = await rig.workspace()
    invoice = await a_sent_invoice(client, "anna@kunde.example")
    await client.post(f"/v1/invoices/{invoice['id']}/void")

    await send_all(a_sender(rig.database, rig.inbox))
    again = await client.post(f"/v1/invoices/{invoice['id']}/send")

    assert await rig.statuses(client, invoice) == ["canceled"]
    assert rig.inbox.mails == []
    assert (again.status_code, again.json()["code"]) == (409, "invoice_is_void")


async def test_a_sandbox_simulates_every_channel(rig: Rig) -> None:
    client = await rig.workspace("sandbox")
    who = await a_contact(client, email="bounce@kunde.example", phone="+31612345678")
    invoice = await an_invoice(client, contact_id=who["id"])
    path = f"/v1/invoices/{invoice['id']}"

    reply = await client.post(f"{path}/send", json={"channels": ["email", "sms", "link"]})
    unsent = await rig.unsent_since(invoice)
    await send_all(a_sender(rig.database, rig.inbox))
    delivered = {one["channel"]: one for one in (await client.get(f"{path}/deliveries")).json()["data"]}

    queued = reply.json()["data"]
    assert [one["status"] for one in queued] == ["queued", "queued", "sent"]
    assert queued[2]["public_url"] == (await client.get(path)).json()["public_url"]
    assert {name: one["status"] for name, one in delivered.items()} == {
        "email": "bounced",
        "sms": "delivered",
        "link": "sent",
    }
    # Its clock waits for what nobody has tried, and for nothing else.
    assert unsent is not None
    assert await rig.unsent_since(invoice) is None
    assert rig.inbox.mails == []


async def test_reminders_go_out_in_the_workspaces_words_while_something_is_due(rig: Rig) -> None:
    client = await rig.workspace()
    who = await a_contact(client, email="anna@kunde.example")
    template = {
        "kind": "reminder_1",
        "locale": "en",
        "subject": "{{ number }}?",
        "html": "<p>{{ customer_name }} owes {{ amount_due }}: {{ message }}</p>",
        "body": "{{ amount_due }}",
    }
    await client.post("/v1/message-templates", json=template)
    invoice = await an_invoice(client, contact_id=who["id"])
    path = f"/v1/invoices/{invoice['id']}"

    first = await client.post(f"{path}/send", json={"reminder": True, "message": "<now>"})
    await send_all(a_sender(rig.database, rig.inbox))
    second = await client.post(f"{path}/send", json={"reminder": True})
    await client.post(f"{path}/credit-notes")
    third = await client.post(f"{path}/send", json={"reminder": True})
    await send_all(a_sender(rig.database, rig.inbox))

    assert [one.json()["data"][0]["level"] for one in (first, second)] == [1, 2]
    assert (third.status_code, third.json()["code"]) == (409, "nothing_to_remind_of")
    (mail,) = rig.inbox.mails
    assert mail["Subject"] == f"{invoice['number']}?"
    assert html_of(mail).strip() == "<p>Acme BV owes €339.00: &lt;now&gt;</p>"
    # The credit note left nothing to remind of: the second reminder stays at home.
    assert await rig.statuses(client, invoice) == ["canceled", "sent"]


async def test_quotes_and_credit_notes_are_mailed_too(rig: Rig) -> None:
    client = await rig.workspace()
    who = await a_contact(client, email="anna@kunde.example")
    line = {"description": "Bread", "quantity": 1, "unit_price": "10", "tax_rate": "9"}
    quote = (await client.post("/v1/quotes", json={"contact_id": who["id"], "lines": [line]})).json()
    invoice = await an_invoice(client, contact_id=who["id"])
    note = (await client.post(f"/v1/invoices/{invoice['id']}/credit-notes")).json()

    offered = await client.post(f"/v1/quotes/{quote['id']}/send", json={"channels": ["email"]})
    told = await client.post(f"/v1/credit-notes/{note['id']}/send")
    await send_all(a_sender(rig.database, rig.inbox))

    assert (offered.status_code, told.status_code) == (200, 202)
    assert [mail["Subject"] for mail in rig.inbox.mails] == [
        f"Quote {offered.json()['number']} from Bakkerij de Vries B.V.",
        f"Credit note {note['number']} from Bakkerij de Vries B.V.",
    ]
    quoted = (await client.get(f"/v1/quotes/{quote['id']}/deliveries")).json()["data"]
    noted = (await client.get(f"/v1/credit-notes/{note['id']}/deliveries")).json()["data"]
    assert [(one["kind"], one["status"]) for one in (*quoted, *noted)] == [
        ("quote", "sent"),
        ("credit_note", "sent"),
    ]

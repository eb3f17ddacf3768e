"""Which mails did not arrive, over all documents, and trying again at an address that was put right."""

import re
from typing import Any
from uuid import UUID

from tests.integration.invoice.conftest import a_contact, a_sent_invoice, an_invoice
from tests.integration.invoice.mail_server import a_sender, send_all
from tests.integration.invoice.sending_rig import Rig

PATH = "/v1/document-deliveries"


async def test_mails_over_all_documents_are_one_list(rig: Rig) -> None:
    client, elsewhere = await rig.workspace("test"), await rig.workspace("test")
    first, given, note = await _sent(rig, client)
    await a_sent_invoice(elsewhere, "bounce@other.example")

    bounced = await _listed(client, status="bounced", include="total")

    assert bounced["meta"]["total"] == 3
    of_note, _, of_first = bounced["data"]
    assert (of_note["kind"], of_note["document_id"]) == ("credit_note", note["id"])
    assert (await client.get(f"{PATH}/{of_first['id']}")).json() == of_first
    for query, count in (
        ({}, 4),
        ({"status": "bounced,delivered"}, 4),
        ({"status": "failed"}, 0),
        ({"channel": "email", "document_type": "invoice"}, 3),
        ({"document_type": "quote"}, 0),
        ({"contact_id": first["contact_id"]}, 2),
        ({"document_id": given["id"]}, 1),
        ({"since": "2199-01-01T00:00:00Z"}, 0),
    ):
        assert (await _listed(client, include="total", **query))["meta"]["total"] == count, query
    pages = await _listed(client, limit=1), await _listed(client, limit=3, offset=1)
    assert [one["id"] for page in pages for one in page["data"]] == [
        one["id"] for one in (await _listed(client))["data"]
    ]
    assert (await client.get(PATH, params={"status": "lost"})).status_code == 422
    assert (await elsewhere.get(f"{PATH}/{of_first['id']}")).status_code == 404


async def test_a_bounced_mail_is_tried_again_at_the_corrected_address(rig: Rig) -> None:
    client = await rig.workspace("test")
    first, _, _ = await _sent(rig, client)
    of_note, of_given, of_first = (await _listed(client, status="bounced"))["data"]

    await client.patch(f"/v1/contacts/{first['contact_id']}", json={"email": "right@kunde.example"})
    again = await client.post(f"/v1/invoices/{first['id']}/deliveries/{of_first['id']}/retry")
    same = await client.post(f"{PATH}/{of_given['id']}/retry")
    changed = await client.post(f"{PATH}/{of_note['id']}/retry", json={"to": "present"})

    assert (again.json()["recipient"], again.json()["previous_recipient"]) == (
        "right@kunde.example",
        "bounce@kunde.example",
    )
    # It was given with the request: the contact's own address had nothing to do with it.
    assert (same.json()["recipient"], same.json()["previous_recipient"]) == ("bounce@given.example", None)
    assert changed.json()["recipient"] == "right@kunde.example"
    await send_all(a_sender(rig.database))
    assert await rig.statuses(client, first) == ["delivered"]
    [left] = (await _listed(client, status="bounced"))["data"]
    assert left["id"] == of_given["id"]
    timeline = (await client.get(f"/v1/invoices/{first['id']}/events")).json()["data"]
    assert any(re.search("right@kunde.example instead of bounce@", str(one)) for one in timeline)


async def test_the_original_address_is_tried_again_when_asked_for_or_when_there_is_no_other(rig: Rig) -> None:
    client = await rig.workspace("test")
    invoice = await a_sent_invoice(client, "bounce@kunde.example")
    await send_all(a_sender(rig.database))
    [bounced] = (await _listed(client))["data"]
    retry = f"{PATH}/{bounced['id']}/retry"

    await client.patch(f"/v1/contacts/{invoice['contact_id']}", json={"email": "right@kunde.example"})
    asked = await client.post(retry, json={"to": "original"})
    await send_all(a_sender(rig.database))
    await client.patch(f"/v1/contacts/{invoice['contact_id']}", json={"email": None})
    missing = await client.post(retry, json={"to": "present"})
    wrong = await client.post(retry, json={"to": "elsewhere"})
    left = await client.post(retry)

    assert asked.json()["recipient"] == left.json()["recipient"] == "bounce@kunde.example"
    assert (missing.status_code, missing.json()["code"]) == (422, "recipient_missing")
    assert wrong.status_code == 422


async def test_deliveries_of_quotes_are_for_whoever_may_read_quotes(rig: Rig) -> None:
    client = await rig.workspace("test")
    contact = await a_contact(client, email="anna@kunde.example")
    line = {"description": "Work", "quantity": 1, "unit_price": "10.00", "tax_rate": "21"}
    quote = await client.post("/v1/quotes", json={"contact_id": contact["id"], "lines": [line]})
    sent = await client.post(f"/v1/quotes/{quote.json()['id']}/send", json={"channels": ["email"]})
    assert sent.status_code == 200, sent.text
    [delivery] = (await _listed(client, document_type="quote"))["data"]

    async with rig.database.transaction() as tx:
        key = UUID(delivery["id"])
        workspace_id = await tx.fetchval("SELECT workspace_id FROM delivery WHERE id = $1", key)
    who = rig.a_principal(workspace_id, mode="test", scopes=frozenset({"invoices:read"}))
    reader = rig.api.client(who)

    assert (await reader.get(PATH)).json()["data"] == []
    assert (await reader.get(f"{PATH}/{delivery['id']}")).status_code == 404


async def _sent(rig: Rig, client: Any) -> tuple[Any, Any, Any]:
    """Invoices of which one bounced, one at an address that was given, and a credit note that did."""
    first = await a_sent_invoice(client, "bounce@kunde.example")
    await a_sent_invoice(client, "anna@kunde.example")
    given = await an_invoice(client, contact_id=(await a_contact(client, email="a@kunde.example"))["id"])
    await client.post(f"/v1/invoices/{given['id']}/send", json={"email": "bounce@given.example"})
    note = (await client.post(f"/v1/invoices/{first['id']}/credit-notes", json={"reason": "r"})).json()
    await client.post(f"/v1/credit-notes/{note['id']}/send", json={"email": "bounce@notes.example"})
    await send_all(a_sender(rig.database))
    return first, given, note


async def _listed(client: Any, **query: Any) -> Any:
    reply = await client.get(PATH, params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()

"""Which payment method an invoice is to be collected from."""

import httpx

from shared.kernel.ids import new_id
from tests.integration.invoice.conftest import a_contact, an_invoice


async def test_an_invoice_names_the_method_that_it_is_collected_from(client: httpx.AsyncClient) -> None:
    contact_id = (await a_contact(client))["id"]
    first, second = str(new_id()), str(new_id())

    draft = await an_invoice(client, contact_id=contact_id, status="draft", payment_method_id=first)
    changed = await client.patch(f"/v1/invoices/{draft['id']}", json={"payment_method_id": second})
    plain = await an_invoice(client, contact_id=contact_id)

    assert (draft["payment_method_id"], plain["payment_method_id"]) == (first, None)
    assert changed.json()["payment_method_id"] == second
    cleared = await client.patch(f"/v1/invoices/{draft['id']}", json={"payment_method_id": None})
    assert cleared.json()["payment_method_id"] is None


async def test_the_method_of_an_issued_invoice_is_fixed(client: httpx.AsyncClient) -> None:
    issued = await an_invoice(client)

    reply = await client.patch(f"/v1/invoices/{issued['id']}", json={"payment_method_id": str(new_id())})

    assert (reply.status_code, reply.json()["code"]) == (409, "invoice_is_issued")
    assert reply.json()["errors"][0]["pointer"] == "/payment_method_id"

"""Credit that settles an invoice is on all that its customer gets, though it was issued and sent at once."""

import asyncio
import io
from collections.abc import Callable
from typing import Any

from lxml import etree
from pypdf import PdfReader

from tests.journeys.conftest import a_contact, created

SELLER = {
    "name": "Verkoper B.V.",
    "country": "NL",
    "vat_id": "NL123456782B90",
    "registration_number": "12345678",
    "iban": "NL91ABNA0417164300",
    "address": {"line1": "Kade 1", "postal_code": "1011AB", "city": "Amsterdam"},
}
BUYER = {"name": "Klant N.V.", "country": "BE", "vat_id": "BE0403170701", "email": "b@example.nl"}
LINES = [{"description": "Advies", "quantity": "1", "unit_price": "100", "tax_rate": "21"}]
ADDRESS = {"line1": "Rue 1", "postal_code": "1000", "city": "Bruxelles"}


async def test_a_document_never_asks_for_what_credit_has_settled(
    make_workspace: Callable[..., Any],
) -> None:
    client = await make_workspace(mode="sandbox")
    await client.patch("/v1/business", json=SELLER)
    contact = await a_contact(client, **BUYER, address=ADDRESS)
    money = {"contact_id": contact["id"], "amount_minor": 5000, "currency": "EUR", "method": "bank_transfer"}
    await created(client, "/v1/payments", money)
    draft = await created(client, "/v1/invoices", {"contact_id": contact["id"], "lines": LINES})

    sent = await client.post(
        "/v1/e-invoices/send", json={"invoice_id": draft["id"], "receiver": "0106:00000001"}
    )
    printed = await client.get(f"/v1/invoices/{draft['id']}/pdf")
    assert sent.status_code == 202, sent.text
    path = f"/v1/e-invoices/{sent.json()['id']}"
    for _ in range(300):
        if (await client.get(path)).json()["status"] not in ("queued", "validating", "submitting"):
            break
        await asyncio.sleep(0.1)
    document = await client.get(f"{path}/document")

    text = " ".join(PdfReader(io.BytesIO(printed.content)).pages[0].extract_text().split())
    assert "Settled from your credit −€50.00 Amount due €71.00" in text.replace("\u00a0", " ")
    root = etree.fromstring(document.content)
    amounts = {name: root.findtext(f".//{{*}}{name}") for name in ("PrepaidAmount", "PayableAmount", "ID")}
    assert (amounts["PrepaidAmount"], amounts["PayableAmount"]) == ("50.00", "71.00")
    ubl = await client.get(f"/v1/invoices/{draft['id']}/ubl")
    assert etree.fromstring(ubl.content).findtext(".//{*}PayableAmount") == "71.00"

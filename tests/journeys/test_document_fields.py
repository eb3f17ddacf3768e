"""A seller in euros bills a month in dollars: what it says is on the page, in its data and in its event."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from lxml import etree

from shared.testing.eventually import eventually
from tests.journeys.conftest import a_contact, created, receiving
from tests.validation.companies import a_buyer, a_seller

NOVEMBER = {"supply_start": "2026-11-01", "supply_end": "2026-11-30"}
RATE = {"currency": "EUR", "exchange_rate": "0.9205", "exchange_rate_source": "ECB"}
TEXT = {"type": "text", "description": "Thank you for your order"}
ADVICE = {"description": "Advice", "unit_price": "1000", "tax_rate": "21", "tax_category": "S"}


@pytest.fixture
async def client(make_workspace: Callable[..., Any]) -> httpx.AsyncClient:
    """A client of a new sandbox."""
    return await make_workspace(mode="sandbox")


async def test_what_an_invoice_says_of_supply_and_tax_reaches_all_who_read_it(
    client: httpx.AsyncClient,
) -> None:
    business = await client.patch("/v1/business", json=a_seller("NL", tax_number="123456782B01"))
    contact = await a_contact(client, **a_buyer("BE", locale="nl"))
    fields = {"currency": "USD", "tax_conversion": RATE, "lines": [ADVICE, TEXT], **NOVEMBER}

    async with receiving(client) as receiver:
        quote = await created(
            client, "/v1/quotes", {"contact_id": contact["id"], "lines": [ADVICE], **NOVEMBER}
        )
        invoice = await created(
            client, "/v1/invoices", {"contact_id": contact["id"], "status": "open", **fields}
        )
        sent = await client.post(
            "/v1/e-invoices/send", json={"invoice_id": invoice["id"], "receiver": "0106:00000001"}
        )
        told = await eventually(lambda: receiver.of_type("invoice.issued"))
    page = await client.get(invoice["public_url"])
    document = await client.get(f"/v1/e-invoices/{sent.json()['id']}/document")
    note = await created(client, f"/v1/invoices/{invoice['id']}/credit-notes", {})

    assert business.json()["tax_number"] == invoice["seller"]["tax_number"] == "123456782B01"
    assert quote["supply_start"] == NOVEMBER["supply_start"]
    assert told[0]["data"]["tax_conversion"]["tax_minor"] == note["tax_conversion"]["tax_minor"] == 19331
    assert (told[0]["data"]["supply_end"], note["supply_end"]) == ("2026-11-30", "2026-11-30")
    for words in ("1 nov 2026 – 30 nov 2026", "Btw in EUR", "€\u00a0193,31", "1 USD = 0,9205 EUR (ECB)"):
        assert words in page.text
    assert sent.status_code == 202, sent.text
    said = etree.fromstring(document.content)
    names = {prefix: uri for prefix, uri in said.nsmap.items() if prefix}
    assert [found.text for found in said.findall("cac:TaxTotal/cbc:TaxAmount", names)] == ["210.00", "193.31"]
    assert said.findtext("cac:InvoicePeriod/cbc:EndDate", namespaces=names) == "2026-11-30"
    assert said.findtext("cac:InvoiceLine/cbc:Note", namespaces=names) == TEXT["description"]

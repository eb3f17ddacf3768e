"""Supply, tax numbers and tax in the seller's currency, from the request to what is stored and written."""

from datetime import date
from typing import Any

import httpx
import pytest
from lxml import etree

from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.invoice.billings import START, hear, renewed
from tests.integration.invoice.billings import a_line as a_licence
from tests.integration.invoice.conftest import a_contact, an_invoice
from tests.integration.invoice.e_invoicing import (
    Rules,
    a_bill,
    a_sender,
    sent,
    state_of,
    use_validation,
    work,
)
from tests.integration.invoice.test_documents import BUYER, SELLER
from tests.integration.invoice.test_quotes import a_quote

PERIOD = {"supply_start": "2026-11-01", "supply_end": "2026-11-30"}
EARLIER = {"supply_start": "2026-10-31", "supply_end": "2026-11-01"}
RATE = {
    "currency": "EUR",
    "exchange_rate": "0.9205",
    "exchange_rate_source": "ECB",
    "exchange_rate_date": "2026-11-27",
}
SMALL = {"name": "Klein", "vat_id": None, "tax_number": "123456782B01", "registration_number": "12345678"}


def a_row(**fields: Any) -> dict[str, Any]:
    """100.00 and 21 %."""
    return {"description": "Work", "unit_price": "100", "tax_rate": "21", **fields}


def said(reply: httpx.Response, path: str) -> list[str]:
    """What a document in XML says at a place."""
    assert reply.status_code == 200, reply.text
    root = etree.fromstring(reply.content)
    return [found.text for found in root.findall(path, {k: v for k, v in root.nsmap.items() if k})]


async def test_supply_and_converted_tax_go_from_a_draft_to_its_credit_notes(
    client: httpx.AsyncClient,
) -> None:
    await client.patch("/v1/business", json=SELLER | {"tax_number": "NL-1"})
    buyer = await a_contact(client, **BUYER)
    draft = await an_invoice(
        client, contact_id=buyer["id"], currency="USD", status="draft", lines=[a_row(**PERIOD), a_row()]
    )
    lines = [a_row(supply_start="2026-11-07", supply_end="2026-11-07"), a_row(unit_price="0.07")]
    changes = {"supply_date": "2026-11-07", **PERIOD, "tax_conversion": RATE, "lines": lines}

    changed = (await client.patch(f"/v1/invoices/{draft['id']}", json=changes)).json()
    issued = (await client.post(f"/v1/invoices/{draft['id']}/issue")).json()
    ubl = await client.get(f"/v1/invoices/{draft['id']}/ubl")
    first, rest = [
        (await client.post(f"/v1/invoices/{draft['id']}/credit-notes", json=body)).json()
        for body in ({"lines": [{"invoice_line_id": issued["lines"][1]["id"]}]}, {})
    ]
    fixed = await client.patch(f"/v1/invoices/{draft['id']}", json={"supply_date": "2026-11-08"})

    for one in (changed, issued, first, rest):
        assert {name: one[name] for name in ("supply_date", *PERIOD)} == {
            "supply_date": "2026-11-07",
            **PERIOD,
        }
    assert (issued["lines"][0]["supply_start"], issued["lines"][1]["supply_start"]) == ("2026-11-07", None)
    # 21.01 USD of tax: 19.339705 EUR, and 0.01 of it 0.009205.
    assert issued["tax_conversion"] == RATE | {"tax_minor": 1934}
    assert [note["tax_conversion"]["tax_minor"] for note in (first, rest)] == [1, 1933]
    assert said(ubl, "cac:TaxTotal/cbc:TaxAmount") == ["21.01", "19.34"]
    assert said(ubl, "cac:Delivery/cbc:ActualDeliveryDate") == ["2026-11-07"]
    of_seller = "cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID"
    assert said(ubl, of_seller) == ["NL123456782B90", "NL-1"]
    assert (fixed.status_code, fixed.json()["code"]) == (409, "invoice_is_issued")


async def test_a_quotes_supply_is_that_of_its_invoice(client: httpx.AsyncClient) -> None:
    quote = await a_quote(client, **PERIOD, supply_date="2026-11-30", lines=[a_row(**PERIOD)])
    await client.post(f"/v1/quotes/{quote['id']}/send")

    accepted = (await client.post(f"/v1/quotes/{quote['id']}/accept")).json()
    invoice = (await client.get(f"/v1/invoices/{accepted['invoice_id']}")).json()

    assert {name: invoice[name] for name in PERIOD} == PERIOD
    assert (invoice["supply_date"], invoice["lines"][0]["supply_end"]) == ("2026-11-30", "2026-11-30")


async def test_a_renewal_says_its_period_in_days_of_the_subscriptions_zone(
    api: RunningService, a_principal: Any
) -> None:
    who: Principal = a_principal()
    client = api.client(who)
    contact = await a_contact(client)

    earlier = a_licence(supply_start=date(2026, 3, 20), supply_end=date(2026, 3, 30))
    lines = [a_licence(), earlier]

    await hear(api, renewed(who.workspace_id, contact["id"], timezone="America/New_York", lines=lines))
    (invoice,) = (await client.get("/v1/invoices")).json()["data"]

    assert START.isoformat() == "2026-04-01T00:00:00+00:00"
    days = [(one["supply_start"], one["supply_end"]) for one in (*invoice["lines"], invoice)]
    assert days == [("2026-03-31", "2026-04-30"), ("2026-03-20", "2026-03-30"), ("2026-03-20", "2026-04-30")]


async def test_a_small_business_without_a_vat_number_sends_what_the_rules_take(
    client: httpx.AsyncClient,
) -> None:
    await client.patch("/v1/business", json=SELLER | SMALL)
    exempt = a_row(tax_rate="0", tax_category="E", tax_exemption_reason="KOR, art. 25 Wet OB")
    invoice = await an_invoice(
        client,
        contact_id=(await a_contact(client, **BUYER))["id"],
        lines=[exempt, exempt | {"tax_exemption_reason": "Onderwijs"}],
    )

    ubl = await client.get(f"/v1/invoices/{invoice['id']}/ubl")
    await client.patch("/v1/business", json={"tax_number": None})
    without = await an_invoice(client, contact_id=invoice["contact_id"], lines=[exempt])
    refused = await client.get(f"/v1/invoices/{without['id']}/ubl")

    assert said(ubl, "cac:TaxTotal//cbc:TaxExemptionReason") == ["KOR, art. 25 Wet OB; Onderwijs"]
    assert invoice["seller"]["tax_number"] == SMALL["tax_number"]
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/seller/vat_id")


async def test_a_void_invoice_is_no_e_invoice(client: httpx.AsyncClient) -> None:
    await client.patch("/v1/business", json=SELLER)
    invoice = await an_invoice(client, contact_id=(await a_contact(client, **BUYER))["id"])
    before = await client.get(f"/v1/invoices/{invoice['id']}/ubl")

    await client.post(f"/v1/invoices/{invoice['id']}/void")
    after = await client.get(f"/v1/invoices/{invoice['id']}/ubl")

    assert before.status_code == 200
    assert (after.status_code, after.json()["code"]) == (409, "invoice_is_void")


async def test_an_e_invoice_that_has_not_left_stays_when_its_invoice_is_voided(
    api: RunningService, a_principal: Any
) -> None:
    client = api.client(a_principal(mode="sandbox"))
    use_validation(api, Rules(None))
    bill = await a_bill(client)
    queued = await sent(client, invoice_id=bill["id"], receiver="0106:00000001")
    await client.post(f"/v1/invoices/{bill['id']}/void")

    await work(a_sender(api))

    found = await state_of(client, queued)
    assert [state["status"] for state in found["history"]] == ["queued", "failed"]
    assert (found["failure"]["code"], found["attempt_count"]) == ("invoice_is_void", 0)


async def test_what_is_outside_vat_stands_on_a_document_of_its_own(client: httpx.AsyncClient) -> None:
    outside = a_row(tax_rate="0", tax_category="O", tax_exemption_reason="Outside the scope of VAT")
    draft = await an_invoice(client, status="draft", lines=[outside, a_row()])

    refused = await client.post(f"/v1/invoices/{draft['id']}/issue")
    alone = await client.patch(f"/v1/invoices/{draft['id']}", json={"lines": [outside], "status": "open"})

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/lines")
    assert "BR-O-11" in refused.text
    assert alone.status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"supply_start": "2026-11-01"}, "/supply_end"),
        ({"supply_start": "2026-11-02", "supply_end": "2026-11-01"}, "/supply_end"),
        ({"supply_date": "soon"}, "/supply_date"),
        ({"lines": [a_row(supply_end="2026-11-01")]}, "/lines/0/supply_start"),
        (
            {**PERIOD, "lines": [a_row(supply_start="2026-10-31", supply_end="2026-11-02")]},
            "/lines/0/supply_start",
        ),
        ({"lines": [{"type": "text", "description": "x", **PERIOD}]}, "/lines/0/supply_end"),
        ({"tax_conversion": RATE | {"currency": "USD"}}, "/tax_conversion/currency"),
        ({"tax_conversion": RATE | {"currency": "XYZ"}}, "/tax_conversion/currency"),
        ({"tax_conversion": RATE | {"exchange_rate": "0"}}, "/tax_conversion/exchange_rate"),
        ({"tax_conversion": RATE | {"exchange_rate": "1e99"}}, "/tax_conversion/exchange_rate"),
        ({"tax_conversion": RATE | {"exchange_rate_source": " "}}, "/tax_conversion/exchange_rate_source"),
        ({"tax_conversion": {"currency": "EUR"}}, "/tax_conversion/exchange_rate"),
    ],
)
async def test_what_does_not_hold_is_named(
    client: httpx.AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    contact = await a_contact(client)

    reply = await client.post("/v1/invoices", json={"contact_id": contact["id"], "currency": "USD", **body})

    assert reply.status_code == 422, reply.text
    assert pointer in [error["pointer"] for error in reply.json()["errors"]]

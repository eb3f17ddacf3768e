"""Documents over HTTP: PDF and UBL of what is stored."""

import io

import facturx
import httpx
import pikepdf
import pytest
from lxml import etree

from tests.integration.invoice.conftest import a_contact, a_line, an_invoice
from tests.integration.invoice.test_quotes import a_quote

SELLER = {
    "name": "Bakkerij de Vries B.V.",
    "country": "NL",
    "vat_id": "NL123456782B90",
    "iban": "NL91ABNA0417164300",
    "registration_number": "12345678",
}
BUYER = {"country": "BE", "vat_id": "BE0403170701", "locale": "fr"}


async def test_an_issued_invoice_is_the_same_pdf_before_and_after_later_edits(
    client: httpx.AsyncClient,
) -> None:
    await client.patch("/v1/business", json=SELLER)
    contact = await a_contact(client, **BUYER)
    invoice = await an_invoice(client, contact_id=contact["id"])

    first = await client.get(f"/v1/invoices/{invoice['id']}/pdf")
    await client.patch("/v1/business", json={"name": "Renamed", "iban": None})
    await client.patch(f"/v1/contacts/{contact['id']}", json={"name": "Renamed too"})
    again = await client.get(f"/v1/invoices/{invoice['id']}/pdf")

    assert first.status_code == 200, first.text
    assert first.headers["content-type"] == "application/pdf"
    assert f'filename="{invoice["number"]}.pdf"' in first.headers["content-disposition"]
    assert again.content == first.content
    assert facturx.get_xml_from_pdf(io.BytesIO(first.content), check_xsd=True)[0] == "factur-x.xml"


async def test_a_pdf_that_the_caller_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    path = f"/v1/invoices/{(await an_invoice(client))['id']}/pdf"
    tag = (await client.get(path)).headers["etag"]

    reply = await client.get(path, headers={"if-none-match": tag})

    assert (reply.status_code, reply.content) == (304, b"")


async def test_a_draft_and_a_quote_are_shown_without_data(client: httpx.AsyncClient) -> None:
    draft, quote = await an_invoice(client, status="draft"), await a_quote(client)

    for path in (f"/v1/invoices/{draft['id']}/pdf", f"/v1/quotes/{quote['id']}/pdf"):
        reply = await client.get(path)

        assert reply.status_code == 200, reply.text
        with pikepdf.open(io.BytesIO(reply.content)) as opened:
            assert len(opened.attachments) == 0


async def test_the_ubl_is_peppols_and_sums_to_the_invoice(client: httpx.AsyncClient) -> None:
    await client.patch("/v1/business", json=SELLER)
    invoice = await an_invoice(client, contact_id=(await a_contact(client, **BUYER))["id"])

    reply = await client.get(f"/v1/invoices/{invoice['id']}/ubl")

    assert reply.status_code == 200, reply.text
    root = etree.fromstring(reply.content)
    assert root.findtext("cbc:ID", namespaces=root.nsmap) == invoice["number"]
    assert root.findtext(".//cbc:PayableAmount", namespaces=root.nsmap) == "339.00"


async def test_a_credit_note_is_a_pdf_with_data_and_ubl_too(client: httpx.AsyncClient) -> None:
    await client.patch("/v1/business", json=SELLER)
    invoice = await an_invoice(client, contact_id=(await a_contact(client, **BUYER))["id"])
    note = (await client.post(f"/v1/invoices/{invoice['id']}/credit-notes", json={"reason": "Back"})).json()

    printed = await client.get(f"/v1/credit-notes/{note['id']}/pdf")
    written = await client.get(f"/v1/credit-notes/{note['id']}/ubl")

    assert facturx.get_xml_from_pdf(io.BytesIO(printed.content), check_xsd=True)[0] == "factur-x.xml"
    root = etree.fromstring(written.content)
    assert etree.QName(root).localname == "CreditNote"
    assert root.findtext(".//cbc:PayableAmount", namespaces=root.nsmap) == "339.00"
    assert root.findtext(".//cac:InvoiceDocumentReference/cbc:ID", namespaces=root.nsmap) == invoice["number"]


@pytest.mark.parametrize("status", ["open", "draft"])
async def test_what_an_e_invoice_lacks_is_named(client: httpx.AsyncClient, status: str) -> None:
    invoice = await an_invoice(client, status=status, lines=[a_line("Work", 1, "10")])

    reply = await client.get(f"/v1/invoices/{invoice['id']}/ubl")

    assert reply.status_code == 422
    assert reply.json()["code"] == "not_an_e_invoice"
    assert reply.json()["errors"][0]["pointer"] == ("/seller/name" if status == "open" else "/number")


async def test_documents_of_other_workspaces_are_not_found(
    client: httpx.AsyncClient, api: object, a_principal: object
) -> None:
    invoice = await an_invoice(client)
    other = api.client(a_principal())  # type: ignore[attr-defined,operator]

    for ending in ("pdf", "ubl"):
        assert (await other.get(f"/v1/invoices/{invoice['id']}/{ending}")).status_code == 404

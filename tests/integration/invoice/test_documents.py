"""Documents over HTTP: PDF and UBL of what is stored."""

import io

import facturx
import httpx
import pikepdf
import pytest
from lxml import etree

from shared.testing.service import RunningService
from tests.integration.invoice.conftest import a_contact, a_line, an_invoice
from tests.integration.invoice.e_invoicing import Rules, use_validation
from tests.integration.invoice.test_quotes import a_quote

SELLER = {
    "name": "Bakkerij de Vries B.V.",
    "country": "NL",
    "vat_id": "NL123456782B90",
    "iban": "NL91ABNA0417164300",
    "registration_number": "12345678",
    "address": {"line1": "Dam 1", "postal_code": "1012 JS", "city": "Amsterdam"},
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
    assert reply.json()["errors"][0]["pointer"] == ("/seller/country" if status == "open" else "/number")


async def test_documents_of_other_workspaces_are_not_found(
    client: httpx.AsyncClient, api: object, a_principal: object
) -> None:
    invoice = await an_invoice(client)
    other = api.client(a_principal())  # type: ignore[attr-defined,operator]

    for ending in ("pdf", "ubl"):
        assert (await other.get(f"/v1/invoices/{invoice['id']}/{ending}")).status_code == 404


GERMAN = {
    "country": "DE",
    "vat_id": "DE136695976",
    "address": {"line1": "Weg 1", "postal_code": "10115", "city": "Berlin"},
}


async def test_a_pdf_carries_no_data_that_breaks_a_rule_and_says_which(
    api: RunningService, client: httpx.AsyncClient
) -> None:
    rules = Rules(None)
    use_validation(api, rules)
    # A rule that the mapper knows nothing of, as a newer release may bring one.
    rules.forbidden = b"Forbidden article"
    await client.patch("/v1/business", json=SELLER)
    lines = [a_line("Forbidden article", 1, "10")]
    invoice = await an_invoice(client, contact_id=(await a_contact(client, **BUYER))["id"], lines=lines)
    path = f"/v1/invoices/{invoice['id']}"

    printed = await client.get(f"{path}/pdf")
    written = await client.get(f"{path}/ubl")
    rules.forbidden = None
    again = await client.get(f"{path}/pdf")
    editions = (await client.get(f"{path}/documents")).json()["data"]

    assert printed.status_code == 200
    assert (printed.headers["document-data"], printed.headers["document-findings"]) == ("none", "NEW-1")
    with pikepdf.open(io.BytesIO(printed.content)) as opened:
        assert len(opened.attachments) == 0
        assert b"ConformanceLevel" not in opened.Root.Metadata.read_bytes()
    # What was given out stays as it was, though the rules would take it by now.
    assert (again.content, again.headers["document-findings"]) == (printed.content, "NEW-1")
    assert [(edition["is_archival"], edition["is_factur_x"]) for edition in editions] == [(True, False)]
    assert [found["rule"] for found in editions[0]["findings"]] == ["NEW-1"]
    assert editions[0]["rule_set"].startswith("en16931-cii 1.3.16 ")
    assert (written.status_code, written.json()["code"]) == (422, "e_invoice_invalid")
    assert written.json()["rules"] == ["NEW-1"]


async def test_what_a_document_lacks_to_be_data_is_told_with_the_pdf(client: httpx.AsyncClient) -> None:
    await client.patch("/v1/business", json={**SELLER, "vat_id": None})
    invoice = await an_invoice(client, contact_id=(await a_contact(client, **BUYER))["id"])

    printed = await client.get(f"/v1/invoices/{invoice['id']}/pdf")
    editions = (await client.get(f"/v1/invoices/{invoice['id']}/documents")).json()["data"]

    assert printed.headers["document-data"] == "none"
    assert printed.headers["document-findings"].startswith("/seller/vat_id")
    assert editions[0]["findings"][0]["rule"] == "not_an_e_invoice"


async def test_what_a_valid_document_carries_stays_as_it_was_given_out(client: httpx.AsyncClient) -> None:
    await client.patch("/v1/business", json=SELLER)
    invoice = await an_invoice(client, contact_id=(await a_contact(client, **BUYER))["id"])

    printed = await client.get(f"/v1/invoices/{invoice['id']}/pdf")
    again = await client.get(f"/v1/invoices/{invoice['id']}/pdf")
    editions = (await client.get(f"/v1/invoices/{invoice['id']}/documents")).json()["data"]

    assert printed.headers["document-data"] == "factur-x"
    assert (again.content, again.headers["document-as-issued"]) == (printed.content, "yes")
    assert [edition["is_factur_x"] for edition in editions] == [True]
    assert all(found["severity"] == "warning" for found in editions[0]["findings"])


@pytest.mark.parametrize(
    ("seller", "buyer", "pointers", "rule"),
    [
        ({}, {}, {"/seller/phone", "/seller/email"}, "DE-R-002"),
        (
            {"phone": "+4930123456", "email": "a@example.de"},
            {"address": None},
            {"/contact/address/city"},
            "DE-R-008",
        ),
        (
            {"country": "IT", "vat_id": "IT00743110157", "address": None},
            {},
            {"/seller/address/city"},
            "IT-R-003",
        ),
    ],
)
async def test_a_rule_of_a_country_names_the_field_that_is_missing(
    client: httpx.AsyncClient,
    seller: dict[str, object],
    buyer: dict[str, object],
    pointers: set[str],
    rule: str,
) -> None:
    await client.patch("/v1/business", json={"name": "Seller", **GERMAN, **seller})
    contact = await a_contact(client, **{**GERMAN, **buyer})
    invoice = await an_invoice(client, contact_id=contact["id"])

    reply = await client.get(f"/v1/invoices/{invoice['id']}/ubl")

    assert reply.status_code == 422, reply.text
    assert rule in reply.json()["rules"]
    told = {error["pointer"] for error in reply.json()["errors"] if error["message"].startswith(rule)}
    assert told == pointers

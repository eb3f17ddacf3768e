"""The dialect as a client sees it: both ways to sign in, files, its own errors and pages."""

import json
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.integration.gateway.conftest import Gateway, Workspace

GOLDEN = Path(__file__).parents[2] / "contract" / "dialects" / "fastfaktura"
BASE = "/fastfaktura/api/v1"


def _golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())


async def test_both_ways_to_send_the_key_are_equal(gateway: Gateway, workspace: Workspace) -> None:
    golden = _golden("listClients")
    gateway.behind["invoice"].answer("GET /v1/contacts", 200, golden["asks"][0]["reply"]["body"])

    async with gateway.as_key(workspace.key) as first, gateway.as_bearer(workspace.key) as second:
        replies = [await client.get(f"{BASE}/clients?page=1&q=fjord") for client in (first, second)]

    assert [reply.json() for reply in replies] == [golden["theirs"]["body"]] * 2
    assert {seen.query for seen in gateway.behind["invoice"].seen} == {
        "limit=25&offset=0&include=exact_total&archived=false&q=fjord"
    }


async def test_a_pdf_crosses_the_gateway_byte_by_byte(gateway: Gateway, workspace: Workspace) -> None:
    path = _golden("getInvoicePdf")["request"]["path"]
    content = b"%PDF-1.7\n" + bytes(range(256))
    headers = {"content_type": "application/pdf", "content_disposition": 'inline; filename="INV-1.pdf"'}
    gateway.behind["invoice"].answer(f"GET /v1{path}", 200, content, **headers, etag='"abc"')

    async with gateway.as_key(workspace.key) as client:
        reply = await client.get(f"{BASE}{path}")

    assert reply.content == content
    assert reply.headers["content-type"] == "application/pdf"
    assert reply.headers["content-disposition"] == 'inline; filename="INV-1.pdf"'
    assert reply.headers["etag"] == '"abc"'


async def test_what_a_service_does_not_offer_is_not_found(gateway: Gateway, workspace: Workspace) -> None:
    path = _golden("sendInvoice")["request"]["path"]

    async with gateway.as_key(workspace.key) as client:
        reply = await client.post(f"{BASE}{path}", json={"channels": ["email"]})

    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


async def test_an_invoice_is_shown_with_what_happened_to_it(gateway: Gateway, workspace: Workspace) -> None:
    golden = _golden("getInvoice")
    for step in golden["asks"]:
        gateway.behind["invoice"].answer(f"GET {step['ours']['target']}", 200, step["reply"]["body"])

    async with gateway.as_key(workspace.key) as client:
        reply = await client.get(f"{BASE}{golden['request']['path']}")

    assert reply.json() == golden["theirs"]["body"]
    assert reply.json()["events"][0]["type"] == "created"


async def test_the_dialect_describes_itself(gateway: Gateway) -> None:
    async with gateway.service.client() as client:
        page = await client.get(f"{BASE}/docs")
        description = (await client.get(f"{BASE}/openapi.json")).json()

    assert f'data-url="{BASE}/openapi.json"' in page.text
    OpenAPIV31SpecValidator(description).validate()
    pdf = description["paths"]["/invoices/{id}/pdf"]["get"]["responses"]["200"]["content"]
    assert list(pdf) == ["application/pdf"]

"""The dialect as a client sees it: its replies, its errors and its own pages."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator

from tests.integration.gateway.conftest import Gateway, Workspace

GOLDEN = Path(__file__).parents[2] / "contract" / "dialects" / "paydock"


def _golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())


async def test_an_amount_crosses_the_gateway_digit_by_digit(gateway: Gateway, workspace: Workspace) -> None:
    golden = _golden("createPayment")
    ours = golden["asks"][0]["reply"]["body"]
    gateway.behind["payment"].answer("POST /v1/payments", 201, ours, etag='"1"', idempotent_replayed="true")
    body = f'{{"invoice_id": "{ours["allocations"][0]["invoice_id"]}", "amount": 339.10}}'

    async with gateway.as_key(workspace.key, **{"idempotency-key": "k"}) as client:
        reply = await client.post("/paydock/api/payments", content=body)

    (seen,) = gateway.behind["payment"].seen
    assert json.loads(seen.body)["amount"] == "339.10"
    assert (seen.headers["idempotency-key"], seen.headers["prefer"]) == ("k", "wait=2")
    assert reply.status_code == 201
    assert reply.headers["content-type"] == "application/json"
    assert (reply.headers["etag"], reply.headers["idempotent-replayed"]) == ('"1"', "true")
    assert b'"amount": 339.00,' in reply.content
    assert json.loads(reply.content, parse_float=Decimal) == json.loads(
        json.dumps(golden["theirs"]["body"]), parse_float=Decimal
    )


async def test_the_dialect_tells_errors_in_its_own_way(gateway: Gateway, workspace: Workspace) -> None:
    contact = {"name": "A", "colour": "red", "phone": 5}
    async with gateway.service.client() as nobody, gateway.as_key(workspace.key) as client:
        replies = [
            await nobody.get("/paydock/api/contacts"),
            await client.get("/paydock/api/nothing"),
            await client.put("/paydock/api/invoices"),
            await client.post("/paydock/api/contacts", content=b"{"),
            await client.post("/paydock/api/contacts", json=contact),
            await client.post("/paydock/api/contacts", content=b'{"name": NaN}'),
            await client.get("/paydock/api/contacts?limit=501"),
        ]

    shown = [
        (reply.status_code, reply.json()["code"], [one["field"] for one in reply.json()["details"]])
        for reply in replies
    ]
    assert shown == [
        (401, "unauthorized", []),
        (404, "not_found", []),
        (405, "method_not_allowed", []),
        (422, "validation_error", [""]),
        (422, "validation_error", ["phone", "colour"]),
        (422, "validation_error", ["name"]),
        (422, "validation_error", ["limit"]),
    ]
    for reply in replies:
        assert reply.json()["request_id"] == reply.headers["x-request-id"]
    assert not gateway.behind["invoice"].seen


async def test_a_deleted_contact_is_gone(gateway: Gateway, workspace: Workspace) -> None:
    ours = _golden("getContact")["asks"][0]["reply"]["body"]
    path = f"/contacts/{ours['id']}"
    gateway.behind["invoice"].answer(f"DELETE /v1{path}", 204, b"")
    gateway.behind["invoice"].answer(f"GET /v1{path}", 200, {**ours, "archived_at": "2026-04-11T09:00:00Z"})
    async with gateway.as_key(workspace.key) as client:
        deleted = await client.delete(f"/paydock/api{path}")
        read = await client.get(f"/paydock/api{path}")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert read.status_code == 404


async def test_what_a_service_does_not_offer_is_not_found(gateway: Gateway, workspace: Workspace) -> None:
    async with gateway.as_key(workspace.key) as client:
        reply = await client.get("/paydock/api/quotes?status=verzonden")

    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


async def test_a_fault_inside_a_service_is_a_server_error(gateway: Gateway, workspace: Workspace) -> None:
    gateway.behind["invoice"].answer("GET /v1/contacts", 500, b"<html>oops</html>")
    async with gateway.as_key(workspace.key) as client:
        reply = await client.get("/paydock/api/contacts")

    assert (reply.status_code, reply.json()["code"]) == (500, "server_error")
    assert "html" not in reply.text


async def test_the_dialect_describes_itself(gateway: Gateway) -> None:
    async with gateway.service.client() as client:
        page = await client.get("/paydock/api/docs")
        description = await client.get("/paydock/api/openapi.json")

    assert 'data-url="/paydock/api/openapi.json"' in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    OpenAPIV30SpecValidator(description.json()).validate()
    assert description.json()["servers"] == [{"url": "/paydock/api"}]

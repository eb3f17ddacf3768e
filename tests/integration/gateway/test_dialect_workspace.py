"""The dialect as a client sees it: a user's JWT with a slug, exact amounts, its own errors and pages."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.integration.gateway.conftest import Gateway, Workspace, a_token

GOLDEN = Path(__file__).parents[2] / "contract" / "dialects" / "workspace"
BASE = "/workspace/api/v1"


def _golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())


async def test_a_user_with_a_slug_creates_an_invoice_of_exact_amounts(
    gateway: Gateway, workspace: Workspace
) -> None:
    ours = _golden("createInvoice")["asks"][0]["reply"]["body"]
    gateway.behind["invoice"].answer("POST /v1/invoices", 201, ours, etag='"1"')
    body = f'{{"customer_id": "{ours["contact_id"]}", "description": "A", "unit_price": 49.99}}'

    async with gateway.as_bearer(a_token(), **{"x-tenant-slug": workspace.slug}) as client:
        reply = await client.post(f"{BASE}/invoices", content=body, headers={"idempotency-key": "k"})

    (seen,) = gateway.behind["invoice"].seen
    assert json.loads(seen.body)["lines"] == [{"type": "item", "description": "A", "unit_price": "49.99"}]
    assert seen.headers["idempotency-key"] == "k"
    assert (reply.status_code, reply.headers["etag"]) == (201, '"1"')
    assert b'"total": 409.99,' in reply.content
    shown = json.loads(reply.content, parse_float=Decimal)
    assert shown == json.loads(json.dumps(_golden("createInvoice")["theirs"]["body"]), parse_float=Decimal)


async def test_a_draft_that_changed_meanwhile_is_not_overwritten(
    gateway: Gateway, workspace: Workspace
) -> None:
    golden = _golden("updateInvoice.single")
    path, draft = golden["asks"][0]["ours"]["target"], golden["asks"][0]["reply"]["body"]
    problem = {"code": "precondition_failed", "detail": "It has changed.", "errors": []}
    gateway.behind["invoice"].answer(f"GET {path}", 200, draft)
    gateway.behind["invoice"].answer(f"PATCH {path}", 412, problem)

    async with gateway.as_key(workspace.key) as client:
        reply = await client.patch(f"{BASE}{golden['request']['path']}", json={"quantity": 3})

    assert gateway.behind["invoice"].seen[1].headers["if-match"] == f'"{draft["version"]}"'
    assert (reply.status_code, reply.json()["code"]) == (412, "precondition_failed")


async def test_errors_name_their_fields(gateway: Gateway, workspace: Workspace) -> None:
    async with gateway.service.client() as nobody, gateway.as_key(workspace.key) as client:
        replies = [
            await nobody.get(f"{BASE}/customers"),
            await client.get(f"{BASE}/nothing"),
            await client.put(f"{BASE}/invoices"),
            await client.post(f"{BASE}/customers", json={"email": 5}),
            await client.get(f"{BASE}/invoices?limit=101"),
            await client.get(f"{BASE}/invoices?status=draft,sent"),
        ]

    shown = [
        (reply.status_code, reply.json()["code"], [one["field"] for one in reply.json()["details"]])
        for reply in replies
    ]
    assert shown == [
        (401, "unauthorized", []),
        (404, "not_found", []),
        (405, "method_not_allowed", []),
        (422, "validation_error", ["name", "email"]),
        (422, "validation_error", ["limit"]),
        (422, "validation_error", ["status"]),
    ]
    assert not gateway.behind["invoice"].seen


async def test_the_dialect_describes_itself(gateway: Gateway) -> None:
    async with gateway.service.client() as client:
        page = await client.get(f"{BASE}/docs")
        description = (await client.get(f"{BASE}/openapi.json")).json()

    assert f'data-url="{BASE}/openapi.json"' in page.text
    OpenAPIV31SpecValidator(description).validate()
    assert description["servers"] == [{"url": BASE}]
    assert description["security"] == [{"Bearer": [], "TenantSlug": []}, {"Bearer": []}]

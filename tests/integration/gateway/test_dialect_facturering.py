"""The dialect as a client sees it: JSON-LD or plain JSON, merge patches, its own errors and pages."""

import json
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.integration.gateway.conftest import Gateway, Workspace

GOLDEN = Path(__file__).parents[2] / "contract" / "dialects" / "facturering"
BASE = "/facturering"


def _golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())


async def test_a_collection_is_json_ld_or_plain_by_accept(gateway: Gateway, workspace: Workspace) -> None:
    golden = _golden("listInvoices")
    gateway.behind["invoice"].answer("GET /v1/invoices", 200, golden["asks"][0]["reply"]["body"])
    path = f"{BASE}/invoices?page=1&itemsPerPage=1"

    async with gateway.as_key(workspace.key) as client:
        linked = await client.get(path)
        plain = await client.get(path, headers={"accept": "application/json"})

    assert linked.headers["content-type"] == "application/ld+json"
    assert linked.json() == golden["theirs"]["body"]
    assert plain.headers["content-type"] == "application/json"
    assert plain.json() == [
        {name: value for name, value in member.items() if not name.startswith("@")}
        for member in linked.json()["member"]
    ]


async def test_a_merge_patch_changes_what_it_names(gateway: Gateway, workspace: Workspace) -> None:
    golden = _golden("updateInvoice")
    gateway.behind["invoice"].answer(
        f"PATCH {golden['asks'][0]['ours']['target']}", 200, golden["asks"][0]["reply"]["body"]
    )

    async with gateway.as_key(workspace.key) as client:
        reply = await client.patch(
            f"{BASE}{golden['request']['path']}",
            content=json.dumps(golden["request"]["body"]),
            headers={"content-type": "application/merge-patch+json", "if-match": '"1"'},
        )

    (seen,) = gateway.behind["invoice"].seen
    assert json.loads(seen.body) == {"due_date": "2026-05-25", "reference": None}
    assert seen.headers["if-match"] == '"1"'
    assert reply.json() == golden["theirs"]["body"]


async def test_a_setup_intent_needs_no_body(gateway: Gateway, workspace: Workspace) -> None:
    golden = _golden("createSetupIntent")
    path = "POST /v1/payment-methods/setup-intents"
    gateway.behind["payment"].answer(path, 201, golden["asks"][0]["reply"]["body"])

    async with gateway.as_key(workspace.key) as client:
        reply = await client.post(f"{BASE}/payment-methods/create-setup-intent")

    assert (reply.status_code, reply.json()) == (201, golden["theirs"]["body"])


async def test_many_are_sent_and_what_fails_is_told(gateway: Gateway, workspace: Workspace) -> None:
    golden = _golden("sendInvoices")
    ours, reply = golden["asks"][0]["ours"], golden["asks"][0]["reply"]
    gateway.behind["invoice"].answer(f"POST {ours['target']}", reply["status"], reply["body"])

    async with gateway.as_key(workspace.key) as client:
        reply = await client.post(f"{BASE}/invoices/send", json=golden["request"]["body"])

    assert [one["sent"] for one in reply.json()["member"]] == [True, False]


async def test_errors_are_problems(gateway: Gateway, workspace: Workspace) -> None:
    async with gateway.service.client() as nobody, gateway.as_key(workspace.key) as client:
        replies = [
            await nobody.get(f"{BASE}/invoices"),
            await client.get(f"{BASE}/nothing"),
            await client.get(f"{BASE}/invoice-transactions/x"),
            await client.put(f"{BASE}/invoices"),
            await client.post(f"{BASE}/invoices", json={"colour": "red"}),
            await client.get(f"{BASE}/invoices?itemsPerPage=101"),
            await client.post(f"{BASE}/e-invoices/send", json={"invoice": "7"}),
        ]

    shown = [
        (reply.status_code, reply.json()["code"], [one["propertyPath"] for one in reply.json()["violations"]])
        for reply in replies
    ]
    assert shown == [
        (401, "unauthorized", []),
        (404, "not_found", []),
        (404, "not_found", []),
        (405, "method_not_allowed", []),
        (422, "validation_error", ["contact", "colour"]),
        (422, "validation_error", ["itemsPerPage"]),
        (422, "validation_error", ["invoice"]),
    ]
    for reply in replies:
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["requestId"] == reply.headers["x-request-id"]


async def test_the_dialect_describes_itself(gateway: Gateway) -> None:
    async with gateway.service.client() as client:
        page = await client.get(f"{BASE}/docs")
        description = (await client.get(f"{BASE}/openapi.json")).json()

    assert f'data-url="{BASE}/openapi.json"' in page.text
    OpenAPIV31SpecValidator(description).validate()
    of_patch = description["paths"]["/invoices/{id}"]["patch"]["requestBody"]["content"]
    assert list(of_patch) == ["application/merge-patch+json", "application/json"]

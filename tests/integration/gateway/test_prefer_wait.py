"""`Prefer: wait` on a payment: the answer leaves once its invoices show it, and says so."""

import asyncio
import json
from typing import Any

from starlette.types import Receive, Send

from tests.integration.gateway.conftest import Gateway, Workspace

INVOICE = "01981a8e-7c00-7000-8000-000000000003"
OTHER = "01981a8e-7c00-7000-8000-000000000004"
SETTLEMENT = f"GET /internal/invoices/{INVOICE}/settlement"


def _payment() -> dict[str, Any]:
    return {"allocations": [{"invoice_id": INVOICE, "receivable_version": 2}]}


async def test_the_reply_waits_until_the_invoice_shows_the_payment(
    gateway: Gateway, workspace: Workspace
) -> None:
    gateway.behind["payment"].answer("POST /v1/payments", 201, _payment())
    gateway.behind["invoice"].answer(SETTLEMENT, 200, {"is_applied": True})

    async with gateway.as_key(workspace.key, prefer="wait=20") as client:
        reply = await client.post("/v1/payments", json={})

    (asked,) = gateway.behind["invoice"].seen
    assert reply.status_code == 201
    assert reply.headers["preference-applied"] == "wait=10"
    assert asked.query == "receivable_version=2&wait_seconds=10"
    scopes = gateway.service.tokens.verify(asked.headers["authorization"].removeprefix("Bearer ")).scopes
    assert scopes == frozenset({"invoices:read"})


async def test_all_invoices_of_a_payment_are_waited_for_at_once(
    gateway: Gateway, workspace: Workspace
) -> None:
    together, is_applied = asyncio.Barrier(2), {INVOICE: True, OTHER: True}

    def settled(invoice_id: str) -> Any:
        async def answer(_: Receive, send: Send) -> None:
            await together.wait()
            content = json.dumps({"is_applied": is_applied[invoice_id]}).encode()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": content})

        return answer

    payment = {"allocations": [{"invoice_id": one, "receivable_version": 2} for one in is_applied]}
    gateway.behind["payment"].answer("POST /v1/payments", 201, payment)
    for one in is_applied:
        gateway.behind["invoice"].behaviours[f"GET /internal/invoices/{one}/settlement"] = settled(one)
    async with gateway.as_key(workspace.key, prefer="wait=3") as client:
        shown = await client.post("/v1/payments", json={})
        is_applied[OTHER] = False
        partly = await client.post("/v1/payments", json={})

    assert shown.headers["preference-applied"] == "wait=3"
    assert (partly.status_code, partly.json()) == (201, payment)
    assert "preference-applied" not in partly.headers


async def test_a_wait_in_vain_does_not_hide_the_payment(gateway: Gateway, workspace: Workspace) -> None:
    gateway.behind["payment"].answer("POST /v1/payments", 201, _payment())
    async with gateway.as_key(workspace.key, prefer="respond-async, wait=1") as client:
        gateway.behind["invoice"].answer(SETTLEMENT, 200, {"is_applied": False})
        late = await client.post("/v1/payments", json={})
        gateway.behind["invoice"].answer(SETTLEMENT, 500, b"oops")
        broken = await client.post("/v1/payments", json={})

    for reply in (late, broken):
        assert reply.status_code == 201
        assert reply.json() == _payment()
        assert "preference-applied" not in reply.headers


async def test_nobody_waits_without_being_asked(gateway: Gateway, workspace: Workspace) -> None:
    gateway.behind["payment"].answer("POST /v1/payments", 201, _payment())
    async with gateway.as_key(workspace.key) as client:
        await client.post("/v1/payments", json={})
        await client.post("/v1/payments", json={}, headers={"prefer": "wait=0"})
        await client.post("/v1/payments", json={}, headers={"prefer": "handling=lenient"})
        gateway.behind["payment"].answer("POST /v1/payments", 422, {"errors": []})
        refused = await client.post("/v1/payments", json={}, headers={"prefer": "wait=5"})

    assert refused.status_code == 422
    assert not gateway.behind["invoice"].seen

"""The client portal: one request, all services asked at once, what is missing told honestly."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Send

from services.gateway.portal import api as portal_api
from shared.events.contact import ContactData
from shared.events.invoice import InvoiceData
from shared.events.payment import PaymentData
from tests.integration.gateway.conftest import Gateway, Workspace

GOLDEN = Path(__file__).parents[2] / "contract" / "dialects" / "paydock" / "getClientPortal.json"


def _set_up(gateway: Gateway) -> Any:
    portal = json.loads(GOLDEN.read_text())["asks"][0]["reply"]["body"]
    contact = portal["contact"]
    invoice, payment = gateway.behind["invoice"], gateway.behind["payment"]
    summary = {name: portal["summary"][name] for name in ("open_invoice_count", "open_amounts")}
    subscriptions = [{"status": status} for status in ("active", "trialing", "paused", "canceled")]
    invoice.answer("GET /v1/contacts", 200, {"data": [contact]})
    invoice.answer(f"GET /internal/contacts/{contact['id']}/summary", 200, summary)
    invoice.answer("GET /v1/invoices", 200, {"data": portal["invoices"]})
    payment.answer("GET /v1/payments", 200, {"data": portal["recent_payments"]})
    payment.answer("GET /v1/credit-balances", 200, {"data": portal["summary"]["credit_balances"]})
    gateway.behind["subscription_renewal"].answer("GET /v1/subscriptions", 200, {"data": subscriptions})
    return portal


def _invoices(said: list[Any]) -> list[InvoiceData]:
    # Fields that are newer than the recording have their default.
    return [InvoiceData.model_validate(one) for one in said]


def _payments(said: list[Any]) -> list[PaymentData]:
    return [PaymentData.model_validate(one) for one in said]


async def test_everything_about_a_customer_in_one_request(gateway: Gateway, workspace: Workspace) -> None:
    portal = _set_up(gateway)
    async with gateway.as_key(workspace.key) as client:
        reply = await client.get("/v1/client-portal/CRM%2F12%20345")

    shown = reply.json()
    assert reply.status_code == 200, reply.text
    assert ContactData.model_validate(shown["contact"]) == ContactData.model_validate(portal["contact"])
    assert _invoices(shown["invoices"]) == _invoices(portal["invoices"])
    assert _payments(shown["recent_payments"]) == _payments(portal["recent_payments"])
    assert shown["quotes"] == []
    assert shown["unavailable"] == []
    assert shown["summary"]["active_subscriptions"] == 2
    assert shown["summary"]["open_invoice_count"] == portal["summary"]["open_invoice_count"]
    assert gateway.behind["invoice"].seen[0].query == "external_id=CRM%2F12+345&limit=1"


async def test_a_service_that_is_away_leaves_a_gap_that_is_named(
    gateway: Gateway, workspace: Workspace
) -> None:
    portal = _set_up(gateway)
    gateway.take_away("payment")
    gateway.behind["subscription_renewal"].answer("GET /v1/subscriptions", 500, b"oops")
    async with gateway.as_key(workspace.key) as client:
        ours = (await client.get("/v1/client-portal/CRM-1")).json()
        theirs = (await client.get("/paydock/api/client-portal/CRM-1")).json()

    assert ours["unavailable"] == theirs["unavailable"] == ["payment", "subscription_renewal"]
    assert _invoices(ours["invoices"]) == _invoices(portal["invoices"])
    assert ours["recent_payments"] is theirs["recent_payments"] is None
    assert ours["subscriptions"] is None
    assert ours["summary"]["credit_balances"] is ours["summary"]["active_subscriptions"] is None
    assert theirs["summary"]["balance"] is None
    assert theirs["summary"]["open_invoice_count"] == portal["summary"]["open_invoice_count"]


async def test_a_text_that_no_contact_can_have_is_that_of_nobody(
    gateway: Gateway, workspace: Workspace
) -> None:
    gateway.behind["invoice"].answer("GET /v1/contacts", 422, {"detail": "has a control character"})
    async with gateway.as_key(workspace.key) as client:
        replies = [await client.get(f"{base}/client-portal/CRM%01") for base in ("/v1", "/paydock/api")]

    assert [reply.status_code for reply in replies] == [404, 404]


async def test_all_are_asked_at_once_and_one_that_is_late_is_left_out(
    gateway: Gateway, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal = _set_up(gateway)
    monkeypatch.setattr(portal_api, "PART_SECONDS", 1.0)
    together = asyncio.Barrier(3)

    async def answer_together(_: Receive, send: Send) -> None:
        await together.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'{"data": []}'})

    async def never(receive: Receive, _: Send) -> None:
        await receive()

    # These three answer only once all of them are asked.
    gateway.behind["invoice"].behaviours["GET /v1/invoices"] = answer_together
    gateway.behind["payment"].behaviours["GET /v1/payments"] = answer_together
    gateway.behind["invoice"].behaviours["GET /v1/quotes"] = answer_together
    gateway.behind["subscription_renewal"].behaviours["GET /v1/subscriptions"] = never
    async with gateway.as_key(workspace.key) as client:
        shown = (await client.get("/v1/client-portal/CRM-1")).json()

    assert ContactData.model_validate(shown["contact"]) == ContactData.model_validate(portal["contact"])
    assert shown["invoices"] == shown["recent_payments"] == shown["quotes"] == []
    assert shown["unavailable"] == ["subscription_renewal"]
    assert shown["subscriptions"] is shown["summary"]["active_subscriptions"] is None


async def test_a_customer_that_nobody_knows_is_not_found(gateway: Gateway, workspace: Workspace) -> None:
    gateway.behind["invoice"].answer("GET /v1/contacts", 200, {"data": []})
    async with gateway.as_key(workspace.key) as client:
        ours = await client.get("/v1/client-portal/CRM-9")
        theirs = await client.get("/paydock/api/client-portal/CRM-9")

    assert (ours.status_code, theirs.status_code) == (404, 404)
    assert "CRM-9" in theirs.json()["error"]


async def test_a_key_that_may_not_see_a_part_is_told_so(gateway: Gateway, workspace: Workspace) -> None:
    _set_up(gateway)
    problem = {"code": "forbidden", "detail": "The credential lacks the scope payments:read."}
    gateway.behind["payment"].answer("GET /v1/payments", 403, problem)
    async with gateway.as_key(workspace.key) as client:
        reply = await client.get("/v1/client-portal/CRM-1")

    assert (reply.status_code, reply.json()["detail"]) == (403, problem["detail"])


async def test_without_the_contact_there_is_no_portal(gateway: Gateway, workspace: Workspace) -> None:
    gateway.take_away("invoice")
    async with gateway.as_key(workspace.key) as client:
        reply = await client.get("/v1/client-portal/CRM-1")

    assert reply.status_code == 503

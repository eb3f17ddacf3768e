"""Credit of a subscription that has stopped: booked once, spent by later invoices, given back by a person."""

import httpx

from services.payment.ledger.operations import prove
from shared.events.event import Event
from shared.events.invoice import InvoiceIssued
from shared.events.subscription import SubscriptionCreditReleased
from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.payment.conftest import Issue, a_known_contact, balances, hear, recorded
from tests.unit.payment.builders import a_release, an_invoice


async def test_released_credit_is_owed_once_and_the_sale_and_its_tax_are_taken_back(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> None:
    contact_id = await a_known_contact(service, who.workspace_id)
    await issue(contact_id=contact_id, total_minor=24200, tax_minor=4200)
    released = SubscriptionCreditReleased.of(who.workspace_id, a_release(contact_id, 12100, 2100))

    await hear(service, released)
    # Again under another id, long after the inbox has forgotten the first.
    await hear(service, SubscriptionCreditReleased.of(who.workspace_id, released.data))

    [payment] = (await client.get("/v1/payments")).json()["data"]
    assert (payment["method"], payment["amount_minor"]) == ("released_credit", 12100)
    assert (payment["unallocated_minor"], payment["subscription_id"]) == (12100, str(released.subject))
    [balance] = (await client.get("/v1/credit-balances")).json()["data"]
    assert (balance["contact_id"], balance["amount_minor"]) == (str(contact_id), 12100)
    assert await balances(client) == {
        "accounts_receivable": 24200,
        "revenue": 10000,
        "tax_payable": 2100,
        "credit_balance": 12100,
    }
    entries = (await client.get("/v1/ledger/entries", params={"source_type": "credit_release"})).json()
    assert [(one["amount_minor"], one["source_id"]) for one in entries["data"]] == [
        (2100, payment["id"]),
        (10000, payment["id"]),
    ]
    assert [type_ for type_, _ in await recorded(service)] == ["payment.created", "credit_balance.updated"]
    await _is_proved(service, who)


async def test_released_credit_settles_the_next_invoice_and_the_rest_is_sent_back_by_hand(
    client: httpx.AsyncClient, service: RunningService, who: Principal
) -> None:
    contact_id = await a_known_contact(service, who.workspace_id)
    invoice = an_invoice(contact_id=contact_id, total_minor=1000, tax_minor=0)
    events: list[Event] = [
        SubscriptionCreditReleased.of(who.workspace_id, a_release(contact_id, 1500, 0)),
        InvoiceIssued.of(who.workspace_id, invoice),
    ]
    await hear(service, *events)
    [payment] = (await client.get("/v1/payments")).json()["data"]
    path = f"/v1/payments/{payment['id']}"

    voided = await client.post(f"{path}/void", json={"reason": "not ours"})
    refunded = await client.post(f"{path}/refunds", json={"amount_minor": 500})

    assert [(one["invoice_id"], one["amount_minor"]) for one in payment["allocations"]] == [
        (str(invoice.id), 1000)
    ]
    assert (voided.status_code, voided.json()["code"]) == (409, "payment_is_released_credit")
    assert (refunded.status_code, refunded.json()["method"]) == (201, "bank_transfer")
    assert await balances(client) == {"revenue": 1000 - 1500, "cash bank_transfer": -500}
    await _is_proved(service, who)


async def _is_proved(service: RunningService, who: Principal) -> None:
    async with service.parts.worker.transaction() as tx:
        findings = await prove(tx, who.workspace_id)
    assert [found.name for found in findings if found.fault_count] == []

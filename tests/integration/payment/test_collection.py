"""Collection of invoices that are charged automatically, over every test card."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from services.payment import main
from services.payment.collections.domain.collection import Delays
from services.payment.providers.provider import ProviderUnknownOutcome
from shared.events.dunning import DunningData, DunningRetryDue
from shared.events.invoice import InvoiceData, InvoiceIssued, InvoiceVoided
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.payment.collecting import Till
from tests.integration.payment.conftest import NOBODY, receivable_of
from tests.unit.payment.builders import NOW

OUTCOMES = {
    "success": ("succeeded", None),
    "declined": ("failed", ("generic_decline", "retry")),
    "insufficient": ("failed", ("insufficient_funds", "retry")),
    "expired": ("failed", ("expired_card", "new_method")),
    "requires_action": ("requires_action", None),
    "slow": ("succeeded", None),
    "timeout_then_success": ("succeeded", None),
    "timeout_then_declined": ("failed", ("generic_decline", "retry")),
    "processing": ("succeeded", None),
    "flaky_500": ("succeeded", None),
    "stored500_charged": ("succeeded", None),
    "stored500_not_charged": ("succeeded", None),
    "rate_limited": ("succeeded", None),
}


@pytest.fixture
async def till(start_service: Any, a_principal: Callable[..., Principal]) -> AsyncIterator[Till]:
    service: RunningService = await start_service(
        main.make, "payment", role="api", INVOICE_URL=NOBODY, SANDBOX_SLOW_SECONDS="0"
    )
    who = a_principal(mode="sandbox")
    async with service.client(who) as client:
        made = Till(service, who, client)
        async with service.parts.worker.transaction() as tx:
            await tx.execute("INSERT INTO contact VALUES ($1, $2)", who.workspace_id, made.contact_id)
        yield made


def a_retry(till: Till, invoice: InvoiceData) -> DunningRetryDue:
    data = DunningData(
        id=new_id(),
        version=2,
        created_at=NOW,
        updated_at=NOW,
        invoice_id=invoice.id,
        contact_id=invoice.contact_id,
        status="active",
        attempt_count=1,
        terminal_action="leave",
    )
    return DunningRetryDue.of(till.who.workspace_id, data)


@pytest.mark.parametrize("card", OUTCOMES)
async def test_an_invoice_is_collected_once_whatever_the_card_does(till: Till, card: str) -> None:
    state, failure = OUTCOMES[card]
    method = await till.keep_card(card)

    invoice = await till.issue()
    [begun] = await till.payments()
    await till.collect()

    [payment] = await till.payments(invoice_id=str(invoice.id))
    assert (begun["state"], begun["is_automatic"], begun["payment_method_id"]) == (
        "pending",
        True,
        method["id"],
    )
    assert payment["state"] == state
    assert (payment["failure"] and (payment["failure"]["code"], payment["failure"]["advice"])) == failure
    is_paid = state == "succeeded"
    assert await till.charges() == ([33900] if is_paid else [])
    receivable = await receivable_of(till.service, invoice.id)
    assert receivable["paid_minor"] == (33900 if is_paid else 0)
    recorded = await till.recorded()
    assert recorded[0] == ("payment.created", 1)
    assert (("payment.failed", payment["version"]) in recorded) == (state == "failed")
    assert sorted({sequence for _, sequence in recorded}) == list(range(1, payment["version"] + 1))


async def test_without_a_method_the_collection_has_failed_at_once(till: Till) -> None:
    await till.issue()

    [payment] = await till.payments()

    assert (payment["state"], payment["failure"]["code"]) == ("failed", "no_payment_method")
    assert payment["failure"]["advice"] == "new_method"
    assert await till.recorded() == [("payment.created", 1), ("payment.failed", 1)]


async def test_an_invoice_is_collected_again_when_dunning_says_so_and_only_then(till: Till) -> None:
    await till.keep_card("insufficient")
    invoice = await till.issue()
    await till.collect()
    good = await till.keep_card("success")
    await till.client.patch(f"/v1/payment-methods/{good['id']}", json={"is_default": True})

    await till.hear(InvoiceIssued.of(till.who.workspace_id, invoice))
    before = await till.payments()
    await till.hear(a_retry(till, invoice))
    await till.hear(a_retry(till, invoice))
    await till.collect()
    await till.hear(a_retry(till, invoice))

    assert [payment["state"] for payment in before] == ["failed"]
    assert [payment["state"] for payment in await till.payments()] == ["failed", "succeeded"]
    assert await till.charges() == [33900]


async def test_an_outcome_that_stays_unknown_needs_a_person_who_may_look_again(till: Till) -> None:
    await till.keep_card("timeout_then_success")
    await till.issue()
    sandbox = till.providers.sandbox_of
    blind = sandbox(till.who.workspace_id)

    async def nothing(_: str) -> Any:
        raise ProviderUnknownOutcome("lost")

    blind.lookup = nothing
    till.providers.sandbox_of = lambda _: blind

    await till.collect()
    [waiting] = await till.payments(state="needs_review")
    blocked = await till.client.post("/v1/payments/collect", json={"invoice_id": waiting["invoice_id"]})
    till.providers.sandbox_of = sandbox
    resolved = await till.client.post(f"/v1/payments/{waiting['id']}/resolve", json={"outcome": "look_up"})
    await till.collect()

    assert (blocked.status_code, blocked.json()["code"]) == (409, "collection_in_flight")
    assert resolved.json()["state"] == "unknown"
    assert [payment["state"] for payment in await till.payments()] == ["succeeded"]
    assert await till.charges() == [33900]


async def test_money_that_comes_after_a_person_gave_up_is_not_lost(till: Till) -> None:
    await till.keep_card("requires_action")
    invoice = await till.issue()
    await till.collect(collector=till.collector(Delays.parse("0", "0", "0", "3600")))
    [payment] = await till.payments()
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute("UPDATE collection SET state = 'needs_review', next_step_at = NULL")
        await tx.execute("UPDATE payment SET state = 'needs_review'")

    given_up = await till.client.post(f"/v1/payments/{payment['id']}/resolve", json={"outcome": "failed"})
    await till.client.post("/v1/payments", json={"invoice_id": str(invoice.id), "amount_minor": 33900})
    async with till.service.parts.worker.transaction() as tx:
        reference = await tx.fetchval("SELECT provider_reference FROM collection")
    await till.engine.authenticate_intent(reference)
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute("UPDATE collection SET next_step_at = now()")
    await till.collect()

    assert (given_up.json()["state"], given_up.json()["failure"]["code"]) == ("failed", "resolved_as_failed")
    late = (await till.client.get(f"/v1/payments/{payment['id']}")).json()
    assert (late["state"], late["unallocated_minor"], late["failure"]) == ("succeeded", 33900, None)
    [balance] = (await till.client.get("/v1/credit-balances")).json()["data"]
    assert balance["amount_minor"] == 33900


async def test_a_collection_is_canceled_where_the_invoice_is_paid_otherwise(till: Till) -> None:
    await till.keep_card("requires_action")
    invoice = await till.issue()
    collector = till.collector()
    await till.collect(collector=collector)

    await till.client.post("/v1/payments", json={"invoice_id": str(invoice.id), "amount_minor": 33900})
    await collector.cancel_outdated()
    await till.collect()

    states = [payment["state"] for payment in await till.payments()]
    assert states == ["canceled", "succeeded"]
    [intent] = await till.engine.find("payment_intent")
    assert intent["status"] == "canceled"


async def test_what_is_left_after_a_part_was_paid_is_collected_anew(till: Till) -> None:
    await till.keep_card("success")
    invoice = await till.issue()

    await till.client.post("/v1/payments", json={"invoice_id": str(invoice.id), "amount_minor": 900})
    await till.collect()

    [first, by_hand, second] = await till.payments()
    assert [first["state"], by_hand["state"], second["state"]] == ["canceled", "succeeded", "succeeded"]
    assert await till.charges() == [33000]


async def test_a_void_invoice_is_not_collected(till: Till) -> None:
    await till.keep_card("success")
    invoice = await till.issue()

    void = invoice.model_copy(update={"version": 3, "status": "void"})
    await till.hear(InvoiceVoided.of(till.who.workspace_id, void))
    await till.collect()

    assert [payment["state"] for payment in await till.payments()] == ["canceled"]
    assert await till.charges() == []


async def test_a_payer_who_never_answers_the_bank_has_failed_to_pay(till: Till) -> None:
    await till.keep_card("requires_action")
    await till.issue()

    await till.collect(collector=till.collector(Delays.parse("0", "0", "0", "0")))

    [payment] = await till.payments()
    assert (payment["state"], payment["failure"]["code"]) == ("failed", "authentication_required")


async def test_by_hand_an_invoice_is_collected_and_what_stands_against_it_is_said(till: Till) -> None:
    invoice = await till.issue(collection_method="send_invoice")
    body = {"invoice_id": str(invoice.id)}

    without = await till.client.post("/v1/payments/collect", json=body)
    method = await till.keep_card("success")
    stranger = await till.client.post(
        "/v1/payments/collect", json={**body, "payment_method_id": str(new_id())}
    )
    begun = await till.client.post("/v1/payments/collect", json={**body, "payment_method_id": method["id"]})
    twice = await till.client.post("/v1/payments/collect", json=body)
    await till.collect()
    after = await till.client.post("/v1/payments/collect", json=body)

    assert (without.status_code, without.json()["code"]) == (409, "no_payment_method")
    assert stranger.status_code == 404
    assert (begun.status_code, begun.json()["is_automatic"], begun.json()["state"]) == (201, False, "pending")
    assert (twice.status_code, twice.json()["code"]) == (409, "collection_in_flight")
    assert (after.status_code, after.json()["code"]) == (409, "nothing_due")
    assert await till.charges() == [33900]


async def test_a_collection_is_canceled_by_hand_before_money_moves(till: Till) -> None:
    await till.keep_card("success")
    await till.issue()
    [payment] = await till.payments()

    canceled = await till.client.post(f"/v1/payments/{payment['id']}/cancel")
    again = await till.client.post(f"/v1/payments/{payment['id']}/cancel")
    await till.collect()

    assert canceled.json()["state"] == "canceled"
    assert (again.status_code, again.json()["code"]) == (409, "not_cancelable")
    assert await till.charges() == []


async def test_a_refund_of_collected_money_is_sent_to_its_provider_once(till: Till) -> None:
    await till.keep_card("success")
    invoice = await till.issue()
    await till.collect()
    [payment] = await till.payments()

    begun = await till.client.post(f"/v1/payments/{payment['id']}/refunds", json={"amount_minor": 3900})
    senders = [till.refunds(), till.refunds()]
    for sender in senders:
        await sender.step()

    assert begun.status_code == 201, begun.text
    assert [refund["amount"] for refund in await till.engine.find("refund")] == [3900]
    refunded = (await till.client.get(f"/v1/payments/{payment['id']}")).json()
    assert [refund["state"] for refund in refunded["refunds"]] == ["succeeded"]
    assert (await receivable_of(till.service, invoice.id))["paid_minor"] == 30000


async def test_one_of_two_who_begin_at_once_is_told_to_wait(till: Till) -> None:
    await till.keep_card("success")
    invoice = await till.issue(collection_method="send_invoice")

    async def begin(client: httpx.AsyncClient) -> int:
        reply = await client.post("/v1/payments/collect", json={"invoice_id": str(invoice.id)})
        return reply.status_code

    codes = await asyncio.gather(*(begin(till.client) for _ in range(5)))

    assert sorted(codes) == [201, 409, 409, 409, 409]

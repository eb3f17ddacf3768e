"""Disputes that are decided and refunds that come back: each ends, once, and the books are right after it."""

import itertools
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest

from services.payment import main
from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.payment.collecting import Till
from tests.integration.payment.conftest import NOBODY, balances, receivable_of, unproved
from tests.integration.payment.test_credit_first import a_retry

Json = dict[str, Any]


@pytest.fixture
async def till(
    start_service: Callable[..., Any], a_principal: Callable[..., Principal]
) -> AsyncIterator[Till]:
    service: RunningService = await start_service(main.make, "payment", role="api", INVOICE_URL=NOBODY)
    who = a_principal(mode="sandbox", scopes=frozenset({"payments:*", "sandbox:write"}))
    async with service.client(who) as client:
        made = Till(service, who, client)
        async with service.parts.worker.transaction() as tx:
            await tx.execute("INSERT INTO contact VALUES ($1, $2)", who.workspace_id, made.contact_id)
        yield made
    assert await unproved(service) == []


async def collected(till: Till, card: str = "success", total_minor: int = 10_000) -> tuple[Json, Json]:
    """A payment that the sandbox provider took for an invoice, and the invoice's receivable."""
    await till.keep_card(card)
    invoice = await till.issue(total_minor=total_minor)
    await till.collect()
    [payment] = await till.payments(invoice_id=str(invoice.id))
    assert payment["state"] == "succeeded"
    return payment, await receivable_of(till.service, invoice.id)


async def hints(till: Till) -> None:
    """A moment passes: what the provider told of is read again and applied."""
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute("UPDATE provider_event SET next_step_at = now() WHERE next_step_at IS NOT NULL")
    await till.events().step()


async def told(till: Till, type_: str, dispute: Json) -> None:
    """One more event about the dispute, whatever it is by now."""
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute(
            """INSERT INTO provider_event (workspace_id, provider, mode, event_id, type, object_id)
            VALUES ($1, 'sandbox', 'test', gen_random_uuid()::text, $2, $3)""",
            till.who.workspace_id,
            type_,
            dispute["reference"],
        )
    await hints(till)


async def says(till: Till, payment: Json, verb: str, **body: Any) -> Json:
    reply = await till.client.post(f"/v1/sandbox/payments/{payment['id']}/{verb}", json=body)
    assert reply.status_code in (200, 201), reply.text
    found: Json = reply.json()
    return found


async def shown(till: Till, payment: Json) -> Json:
    found: Json = (await till.client.get(f"/v1/payments/{payment['id']}")).json()
    return found


async def state_of(till: Till, payment: Json) -> tuple[Any, ...]:
    now = await shown(till, payment)
    due = await receivable_of(till.service, payment["invoice_id"])
    return (
        now["amount_disputed_minor"],
        [one["status"] for one in now["disputes"]],
        due["status"],
        due["total_minor"] - due["paid_minor"],
    )


async def test_a_dispute_that_is_won_pays_the_invoice_again_and_nothing_is_charged_between(
    till: Till,
) -> None:
    payment, receivable = await collected(till)

    dispute = await says(till, payment, "dispute", reason="product_not_received")
    await hints(till)
    taken = await state_of(till, payment)
    by_hand = await till.client.post("/v1/payments/collect", json={"invoice_id": payment["invoice_id"]})
    await till.hear(a_retry(till, receivable["invoice_id"]))
    await till.collect()
    charged = await till.charges()
    books = await balances(till.client)
    await says(till, payment, "decide-dispute", outcome="won")
    await hints(till)
    after = await shown(till, payment)

    assert (dispute["status"], dispute["amount_minor"]) == ("needs_response", 10_000)
    assert taken == (10_000, ["open"], "open", 10_000)
    assert (by_hand.status_code, by_hand.json()["code"]) == (409, "dispute_undecided")
    assert charged == [10_000]
    assert (books.get("cash card", 0), books["accounts_receivable"]) == (0, 10_000)
    assert await state_of(till, payment) == (0, ["won"], "settled", 0)
    [closed] = after["disputes"]
    assert (closed["reason"], closed["amount_minor"]) == ("product_not_received", 10_000)
    assert closed["closed_at"] >= closed["opened_at"]
    assert (await balances(till.client))["cash card"] == 10_000
    recorded = await till.recorded()
    assert recorded[-2:] == [
        ("payment.updated", after["version"]),
        ("payment.dispute_closed", after["version"]),
    ]
    assert [kind for kind, _ in recorded].count("payment.disputed") == 1


WORDS = ("needs_response", "won", "lost")
ORDERS = [*itertools.product(WORDS, repeat=2), *itertools.permutations(WORDS)]


async def test_in_whatever_order_and_however_often_it_is_told_money_moves_once_each_way(till: Till) -> None:
    await till.keep_card("success")
    for order in ORDERS:
        invoice = await till.issue(total_minor=10_000)
        await till.collect()
        [payment] = await till.payments(invoice_id=str(invoice.id))
        dispute = await says(till, payment, "dispute")
        for number, status in enumerate(order):
            await _rewrite(till, dispute["reference"], status)
            await told(till, ("charge.dispute.created", "charge.dispute.closed")[number % 2], dispute)
            await told(till, "charge.dispute.funds_reinstated", dispute)

        expected = "won" if "won" in order else "lost" if "lost" in order else "open"
        taken = 0 if expected == "won" else 10_000
        assert await state_of(till, payment) == (
            taken,
            [expected],
            "open" if taken else "settled",
            taken,
        ), order
        cash = (await balances(till.client)).get("cash card", 0)
        assert cash == sum(
            one["amount_minor"] - one["amount_disputed_minor"] for one in await till.payments()
        )


async def _rewrite(till: Till, reference: str, status: str) -> None:
    """The provider's own document says this now."""
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute(
            """UPDATE sandbox_document SET body = jsonb_set(body, '{status}', to_jsonb($2::text))
            WHERE kind = 'dispute' AND key = $1""",
            reference,
            status,
        )


@pytest.mark.parametrize("status", ["warning_needs_response", "warning_closed", "prevented"])
async def test_a_question_of_the_bank_takes_nothing(till: Till, status: str) -> None:
    payment, _ = await collected(till)

    dispute = await says(till, payment, "dispute")
    await _rewrite(till, dispute["reference"], status)
    await told(till, "charge.dispute.created", dispute)

    assert await state_of(till, payment) == (0, [], "settled", 0)


async def test_what_was_paid_again_meanwhile_is_credit_when_the_dispute_is_won(till: Till) -> None:
    payment, _ = await collected(till)
    await says(till, payment, "dispute")
    await hints(till)

    again = {"invoice_id": payment["invoice_id"], "amount_minor": 10_000, "method": "bank_transfer"}
    await till.client.post("/v1/payments", json=again)
    await says(till, payment, "decide-dispute", outcome="won")
    await hints(till)

    assert await state_of(till, payment) == (0, ["won"], "settled", 0)
    assert (await shown(till, payment))["unallocated_minor"] == 10_000
    [credit] = (await till.client.get("/v1/credit-balances")).json()["data"]
    assert credit["amount_minor"] == 10_000


async def test_a_lost_dispute_lets_the_invoice_be_collected_again(till: Till) -> None:
    payment, _ = await collected(till)
    await says(till, payment, "dispute")
    await says(till, payment, "decide-dispute", outcome="lost")
    await hints(till)

    begun = await till.client.post("/v1/payments/collect", json={"invoice_id": payment["invoice_id"]})
    await till.collect()

    assert begun.status_code == 201, begun.text
    assert (await state_of(till, payment))[1:] == (["lost"], "settled", 0)
    assert await till.charges() == [10_000, 10_000]


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_all_that_left_the_bank_is_booked_after_a_part_was_refunded(till: Till, outcome: str) -> None:
    payment, _ = await collected(till)
    await till.client.post(f"/v1/payments/{payment['id']}/refunds", json={"amount_minor": 6_000})
    await till.refunds().step()

    await says(till, payment, "dispute")
    await hints(till)
    disputed, books = await shown(till, payment), await balances(till.client)
    await says(till, payment, "decide-dispute", outcome=outcome)
    await hints(till)
    after, then = await shown(till, payment), await balances(till.client)

    assert (disputed["amount_disputed_minor"], disputed["amount_overdrawn_minor"]) == (10_000, 6_000)
    assert (books["cash card"], books["overdrawn"], books["accounts_receivable"]) == (-6_000, 6_000, 10_000)
    if outcome == "won":
        assert (after["amount_disputed_minor"], after["amount_overdrawn_minor"]) == (0, 0)
        assert (then["cash card"], then["accounts_receivable"]) == (4_000, 6_000)
        assert "overdrawn" not in then
    else:
        assert (after["amount_overdrawn_minor"], then) == (6_000, books)


async def test_a_dispute_heard_of_before_its_payment_succeeded_waits_for_it(till: Till) -> None:
    await till.keep_card("disputed")
    invoice = await till.issue(total_minor=10_000)
    [payment] = await till.payments()
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute("UPDATE collection SET next_step_at = NULL")
    intent = (await till.engine.create_intent({"amount": 10_000, "currency": "eur"}, "k")).document["id"]
    await till.engine.open_dispute(intent, 10_000)
    await hints(till)
    async with till.service.parts.worker.transaction() as tx:
        waiting = await tx.fetchval("SELECT count(*) FROM provider_event WHERE next_step_at > now()")
        await tx.execute("UPDATE collection SET next_step_at = now()")
    await till.collect()
    await hints(till)

    assert waiting == 1
    assert (await state_of(till, payment))[:3] == (10_000, ["open"], "open")
    assert (await receivable_of(till.service, invoice.id))["paid_minor"] == 0


async def test_only_the_invoice_whose_money_was_taken_waits_for_the_bank(till: Till) -> None:
    payment, first = await collected(till)
    second = await till.issue(total_minor=10_000, collection_method="send_invoice")
    [allocation] = payment["allocations"]
    await till.client.delete(f"/v1/allocations/{allocation['id']}")
    moved = {"payment_id": payment["id"], "invoice_id": str(second.id)}
    assert (await till.client.post("/v1/allocations", json=moved)).status_code == 201

    await says(till, payment, "dispute")
    await hints(till)
    wanted = [str(first["invoice_id"]), str(second.id)]
    replies = [await till.client.post("/v1/payments/collect", json={"invoice_id": one}) for one in wanted]
    await till.collect()
    await says(till, payment, "decide-dispute", outcome="won")
    await hints(till)

    assert [reply.status_code for reply in replies] == [201, 409]
    assert replies[1].json()["code"] == "dispute_undecided"
    assert [(await receivable_of(till.service, UUID(one)))["status"] for one in wanted] == ["settled"] * 2
    assert await till.charges() == [10_000, 10_000]


async def test_an_invoice_is_not_charged_again_while_the_charge_that_was_refunded_is_disputed(
    till: Till,
) -> None:
    payment, _ = await collected(till)
    await till.client.post(f"/v1/payments/{payment['id']}/refunds", json={})
    await till.refunds().step()

    await says(till, payment, "dispute")
    await hints(till)
    refused = await till.client.post("/v1/payments/collect", json={"invoice_id": payment["invoice_id"]})

    assert (refused.status_code, refused.json()["code"]) == (409, "dispute_undecided")


async def test_a_dispute_in_the_payers_currency_takes_what_was_charged(till: Till) -> None:
    payment, _ = await collected(till)

    dispute = await says(till, payment, "dispute")
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute(
            """UPDATE sandbox_document SET body = body || '{"amount": 10812, "currency": "usd"}'
            WHERE kind = 'dispute' AND key = $1""",
            dispute["reference"],
        )
    await hints(till)

    assert await state_of(till, payment) == (10_000, ["open"], "open", 10_000)
    assert (await balances(till.client)).get("overdrawn", 0) == 0

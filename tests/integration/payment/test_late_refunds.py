"""Refunds that come back after they had succeeded, and what a bank can be told to do in a sandbox."""

from services.payment.providers.stripe import EVENT_TYPES
from shared.http.internal_auth import Principal
from tests.integration.payment import test_disputes
from tests.integration.payment.collecting import Till
from tests.integration.payment.conftest import balances
from tests.integration.payment.test_disputes import collected, hints, says, shown

till = test_disputes.till


async def test_a_refund_that_comes_back_is_seen_and_its_money_is_credit(till: Till) -> None:
    payment, _ = await collected(till, "refund_fails")
    begun = await till.client.post(f"/v1/payments/{payment['id']}/refunds", json={"amount_minor": 4_000})
    await till.refunds().step()
    first = (await till.client.get(f"/v1/refunds/{begun.json()['id']}")).json()
    gone = await balances(till.client)

    await hints(till)
    await hints(till)
    refund = (await till.client.get(f"/v1/refunds/{first['id']}")).json()
    after = await shown(till, payment)

    assert (first["state"], gone["cash card"]) == ("succeeded", 6_000)
    assert (refund["state"], refund["failure_reason"]) == ("failed", "lost_or_stolen_card")
    assert (after["amount_refunded_minor"], after["unallocated_minor"]) == (0, 4_000)
    assert (await balances(till.client))["cash card"] == 10_000
    kinds = [kind for kind, sequence in await till.recorded() if sequence == after["version"]]
    assert kinds == ["payment.updated", "payment.refund_failed"]


async def test_a_refund_that_fails_after_a_dispute_covers_what_was_overdrawn(till: Till) -> None:
    payment, _ = await collected(till)
    begun = await till.client.post(f"/v1/payments/{payment['id']}/refunds", json={"amount_minor": 4_000})
    early = await till.client.post(f"/v1/sandbox/refunds/{begun.json()['id']}/fail", json={})
    await till.refunds().step()
    await says(till, payment, "dispute")
    await hints(till)

    failed = await till.client.post(
        f"/v1/sandbox/refunds/{begun.json()['id']}/fail", json={"reason": "declined"}
    )
    await hints(till)
    after = await shown(till, payment)

    assert (early.status_code, early.json()["code"]) == (409, "not_of_the_sandbox_provider")
    assert failed.status_code == 200, failed.text
    assert [(one["state"], one["failure_reason"]) for one in after["refunds"]] == [("failed", "declined")]
    assert (after["amount_disputed_minor"], after["amount_overdrawn_minor"]) == (10_000, 0)
    assert after["unallocated_minor"] == 0
    assert "cash card" not in await balances(till.client)


async def test_what_a_bank_cannot_do_is_refused(till: Till) -> None:
    payment, _ = await collected(till)
    by_hand = await till.client.post(
        "/v1/payments", json={"contact_id": str(till.contact_id), "amount_minor": 5}
    )
    path = f"/v1/sandbox/payments/{payment['id']}"
    live = Principal(till.who.workspace_id, "live", till.who.scopes, mode="live")
    async with till.service.client(live) as client:
        in_earnest = await client.post(f"{path}/dispute", json={})
    too_much = await till.client.post(f"{path}/dispute", json={"amount_minor": 10_001})
    nothing = await till.client.post(f"{path}/decide-dispute", json={"outcome": "won"})
    not_its = await till.client.post(f"/v1/sandbox/payments/{by_hand.json()['id']}/dispute", json={})
    await says(till, payment, "dispute")
    twice = await till.client.post(f"{path}/dispute", json={})

    assert (in_earnest.status_code, in_earnest.json()["code"]) == (409, "not_a_sandbox")
    assert (too_much.status_code, too_much.json()["errors"][0]["pointer"]) == (422, "/amount_minor")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "dispute_state")
    assert (not_its.status_code, not_its.json()["code"]) == (409, "not_of_the_sandbox_provider")
    assert (twice.status_code, twice.json()["code"]) == (409, "dispute_state")


def test_stripe_can_list_all_events_that_are_of_use() -> None:
    assert len(EVENT_TYPES) <= 20
    assert {"charge.dispute.funds_reinstated", "charge.dispute.closed", "refund.failed"} <= set(EVENT_TYPES)

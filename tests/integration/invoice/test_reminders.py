"""Reminders on real Postgres, by the clock of each workspace."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.invoice.invoices.consumers import apply_payments
from services.invoice.invoices.repository import invoices
from services.invoice.invoices.workers.mark_overdue import mark_overdue
from shared.events.payment import DisputeData
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.integration.invoice.reminding import DUE, Sandbox, a_payment


@pytest.fixture
def sandbox(api: RunningService) -> Sandbox:
    return Sandbox(api)


async def test_levels_go_out_in_order_each_on_its_day(sandbox: Sandbox) -> None:
    invoice = await sandbox.sent_invoice()
    await sandbox.remind()

    for day in range(-9, 45):
        await sandbox.go_to(day)
        await sandbox.run()

    assert await sandbox.queued(invoice) == [(1, "email"), (2, "email"), (3, "email")]
    told = await sandbox.told(invoice)
    days = [datetime.fromisoformat(row["decided_at"]).date() - DUE.date() for row in told["data"]]
    assert [day.days for day in days] == [3, 10, 21, 35]
    assert [row["state"] for row in told["data"]] == ["sent", "sent", "sent", "handed_over"]
    assert (told["state"], told["level"], told["next_due_at"]) == ("finished", 4, None)
    timeline = (await sandbox.client.get(f"/v1/invoices/{invoice['id']}/events")).json()["data"]
    assert [entry["type"] for entry in timeline].count("invoice.reminded") == 4
    handed_over = (await sandbox.client.get("/v1/invoices?reminder_level=4")).json()["data"]
    assert [one["id"] for one in handed_over] == [invoice["id"]]
    assert (await sandbox.client.get("/v1/invoices?reminder_level=0")).json()["data"] == []


async def test_several_workers_after_an_outage_send_the_newest_level_once(sandbox: Sandbox) -> None:
    some = [await sandbox.sent_invoice() for _ in range(3)]
    await sandbox.remind()
    await sandbox.go_to(12)

    await asyncio.gather(*(sandbox.run() for _ in range(4)))
    await sandbox.run()

    for invoice in some:
        assert await sandbox.queued(invoice) == [(2, "email")]
        told = await sandbox.told(invoice)
        assert [(row["state"], row["reason"]) for row in told["data"][:2]] == [
            ("skipped", "a_later_level_was_due"),
            ("sent", None),
        ]


async def test_a_worker_that_is_cut_off_anywhere_sends_each_level_once(sandbox: Sandbox) -> None:
    invoice = await sandbox.sent_invoice()
    await sandbox.remind()
    await sandbox.go_to(3)

    for cut_off_after_ms in (0, 1, 2, 4, 8, 12, 20):
        cut_off = asyncio.create_task(sandbox.run())
        await asyncio.sleep(cut_off_after_ms / 1000)
        cut_off.cancel()
        await asyncio.gather(cut_off, return_exceptions=True)
    await sandbox.run()

    assert await sandbox.queued(invoice) == [(1, "email")]
    assert (await sandbox.told(invoice))["level"] == 1


async def test_nothing_goes_out_in_quiet_hours_and_the_time_machine_stops_where_they_end(
    sandbox: Sandbox,
) -> None:
    invoice = await sandbox.sent_invoice()
    await sandbox.remind(business_days_only=True)
    await sandbox.go_to(1)
    await mark_overdue(sandbox.api.parts.worker, 100)

    expected = await sandbox.next_due_at()
    await sandbox.go_to(10, hour=7, minute=59)
    asleep = await sandbox.next_due_at()
    await sandbox.run()
    queued_asleep = await sandbox.queued(invoice)
    await sandbox.go_to(10, hour=8)
    awake = await sandbox.next_due_at()
    await sandbox.run()
    queued_awake = await sandbox.queued(invoice)
    await sandbox.deliver()
    after = await sandbox.next_due_at()
    # The 20th day is a Sunday, the 21st a Monday.
    await sandbox.go_to(20)
    await sandbox.run()

    assert expected == datetime(2031, 3, 6, 7, tzinfo=UTC)
    assert asleep == datetime(2031, 3, 13, 7, tzinfo=UTC)
    assert queued_asleep == []
    assert awake
    assert awake <= sandbox.clock.now()
    assert queued_awake == [(2, "email")]
    assert after == datetime(2031, 3, 24, 7, tzinfo=UTC)
    assert datetime.fromisoformat((await sandbox.told(invoice))["next_due_at"]) == after
    assert await sandbox.queued(invoice) == queued_awake


HELD: dict[str, dict[str, Any]] = {
    "partial_payment": {"state": "succeeded", "paid_minor": 100},
    "collection": {"state": "requires_action", "is_collected": True},
    "dispute": {"state": "succeeded", "disputed_minor": 100},
    "not_open": {"state": "succeeded", "paid_minor": 33_900},
}


async def test_payments_keep_reminders_back(sandbox: Sandbox) -> None:
    held = {obstacle: await sandbox.sent_invoice() for obstacle in HELD}
    await sandbox.remind()
    for obstacle, payment in HELD.items():
        await sandbox.hear(a_payment(held[obstacle], **payment))
    await sandbox.go_to(5)

    await sandbox.run()

    for obstacle, invoice in held.items():
        told = await sandbox.told(invoice)
        assert await sandbox.queued(invoice) == []
        assert told["state"] == "stopped"
        assert obstacle in told["obstacles"]


async def test_reminders_go_on_when_a_collection_failed_whatever_order_that_is_heard_in(
    sandbox: Sandbox,
) -> None:
    invoice = await sandbox.sent_invoice()
    await sandbox.remind()
    begun = a_payment(invoice, state="requires_action", is_collected=True)
    failed = begun.model_copy(update={"state": "failed", "version": 3})
    await sandbox.go_to(5)

    await sandbox.hear(failed)
    await sandbox.hear(begun)
    await sandbox.run()

    assert await sandbox.queued(invoice) == [(1, "email")]


async def test_reminders_go_on_when_a_dispute_is_decided_and_not_before(sandbox: Sandbox) -> None:
    lost, undecided = await sandbox.sent_invoice(), await sandbox.sent_invoice()
    await sandbox.remind()
    for invoice, status in ((lost, "lost"), (undecided, "open")):
        taken = a_payment(invoice, state="succeeded", disputed_minor=100)
        dispute = DisputeData(reference="dp", status=status, amount_minor=100, opened_at=taken.created_at)
        await sandbox.hear(taken.model_copy(update={"disputes": [dispute]}))
        await sandbox.hear(taken.model_copy(update={"disputes": [dispute], "version": 3}))
    await sandbox.go_to(5)

    await sandbox.run()

    assert await sandbox.queued(lost) == [(1, "email")]
    assert await sandbox.queued(undecided) == []
    assert "dispute" in (await sandbox.told(undecided))["obstacles"]


async def test_a_person_stops_reminders_or_lets_them_go_on(sandbox: Sandbox) -> None:
    paused, resumed = await sandbox.sent_invoice(), await sandbox.sent_invoice()
    await sandbox.remind()
    await sandbox.hear(a_payment(resumed, state="succeeded", paid_minor=100))
    await sandbox.go_to(5)

    for invoice, word in ((paused, True), (resumed, False)):
        reply = await sandbox.client.patch(f"/v1/invoices/{invoice['id']}/reminders", json={"paused": word})
        assert (reply.status_code, reply.json()["paused"]) == (200, word)
    stale = await sandbox.client.patch(
        f"/v1/invoices/{paused['id']}/reminders", json={"paused": False}, headers={"if-match": '"1"'}
    )
    await sandbox.run()

    assert stale.status_code == 412
    assert await sandbox.queued(paused) == []
    assert (await sandbox.told(paused))["obstacles"] == ["paused"]
    assert await sandbox.queued(resumed) == [(1, "email")]


async def test_an_invoice_that_is_paid_while_it_is_due_is_not_reminded_of(sandbox: Sandbox) -> None:
    invoice = await sandbox.sent_invoice()
    paid = a_payment(invoice, state="succeeded", paid_minor=33_900)
    await sandbox.remind()
    await sandbox.go_to(5)

    async with begin(sandbox.api.parts.worker) as unit:
        # Locked by somebody else: the worker leaves it alone, and finds it paid the next time.
        await invoices.lock(unit.tx, sandbox.workspace_id, UUID(invoice["id"]))
        await sandbox.run()
        await apply_payments(unit, [sandbox.told_of(paid)])
    await sandbox.run()

    assert await sandbox.queued(invoice) == []


async def test_a_level_that_reaches_nobody_is_skipped_and_the_next_may_reach_somebody(
    sandbox: Sandbox,
) -> None:
    invoice = await sandbox.sent_invoice(contact={"phone": "+31612345678"})
    levels = [
        {"level": 1, "days_after_due": 3},
        {"level": 2, "days_after_due": 10, "channels": ["email", "sms"]},
        {"level": 4, "days_after_due": 20, "channels": []},
    ]
    await sandbox.remind(levels=levels)

    for day in (3, 4, 10, 20):
        await sandbox.go_to(day)
        await sandbox.run()

    assert await sandbox.queued(invoice) == [(2, "sms")]
    rows = (await sandbox.told(invoice))["data"]
    assert [(row["level"], row["state"], row["reason"]) for row in rows] == [
        (1, "skipped", "recipient_missing"),
        (2, "sent", None),
        (4, "handed_over", None),
    ]


async def test_a_reminder_by_hand_counts_as_its_level(sandbox: Sandbox) -> None:
    invoice = await sandbox.sent_invoice()
    await sandbox.remind()
    await sandbox.go_to(1)

    for _ in range(2):
        reply = await sandbox.client.post(f"/v1/invoices/{invoice['id']}/send", json={"reminder": True})
        assert reply.status_code == 202, reply.text
    by_hand = await sandbox.told(invoice)
    for day in (3, 9, 10):
        await sandbox.go_to(day)
        await sandbox.run()

    assert [(row["state"], row["is_by_hand"]) for row in by_hand["data"][:2]] == [
        ("sent", True),
        ("planned", False),
    ]
    assert by_hand["next_level"] == 2
    assert await sandbox.queued(invoice) == [(1, "email"), (2, "email")]
    timeline = (await sandbox.client.get(f"/v1/invoices/{invoice['id']}/events")).json()["data"]
    assert [entry["type"] for entry in timeline].count("invoice.reminded") == 2


async def test_a_fee_is_said_in_the_message_and_not_added_to_the_invoice(sandbox: Sandbox) -> None:
    invoice = await sandbox.sent_invoice(contact={"email": "info@acme.nl", "locale": "nl"})
    fee = {"amount_minor": 1500, "currency": "EUR"}
    await sandbox.remind(levels=[{"level": 3, "days_after_due": 21, "fee": fee}])
    await sandbox.go_to(21)

    await sandbox.run()

    async with sandbox.api.parts.worker.transaction() as tx:
        said = await tx.fetchval("SELECT message FROM delivery WHERE invoice_id = $1", UUID(invoice["id"]))
    shown = (await sandbox.client.get(f"/v1/invoices/{invoice['id']}")).json()
    assert "€\u00a015,00 in rekening" in said
    assert shown["amount_due_minor"] == invoice["amount_due_minor"]


async def test_others_are_never_reminded(sandbox: Sandbox) -> None:
    disabled = Sandbox(sandbox.api)
    unasked = await disabled.sent_invoice()
    automatic = await sandbox.sent_invoice(collection_method="charge_automatically")
    await sandbox.remind()
    await disabled.go_to(30)
    await sandbox.go_to(30)

    await sandbox.run()

    assert await disabled.queued(unasked) == []
    assert (await disabled.told(unasked))["obstacles"] == ["disabled"]
    assert await sandbox.queued(automatic) == []
    assert (await sandbox.told(automatic))["obstacles"] == ["collected_automatically"]
    assert await disabled.next_due_at() is not None


async def test_what_was_due_before_reminders_were_switched_on_is_passed_over(sandbox: Sandbox) -> None:
    invoice = await sandbox.sent_invoice()
    await sandbox.go_to(12)
    settings = await sandbox.remind()

    await sandbox.run()
    at_once = await sandbox.queued(invoice)
    await sandbox.go_to(21)
    await sandbox.run()

    assert settings["counts_from"] == (DUE.date() + timedelta(days=12)).isoformat()
    assert at_once == []
    assert await sandbox.queued(invoice) == [(3, "email")]

"""Each finding on the snapshot that it is about, and none on an invoice that is simply open."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.gateway.explanations.domain import explaining
from services.gateway.explanations.domain.snapshot import Snapshot

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
DOMAIN = Path(explaining.__file__).parent


def an_invoice(**fields: Any) -> dict[str, Any]:
    """An open invoice of 1,210.00 that is due in the future and was sent."""
    return {
        "id": "i-1",
        "contact_id": "c-1",
        "currency": "EUR",
        "status": "open",
        "number": "2026-0042",
        "due_date": "2026-12-07",
        "total_minor": 121000,
        "amount_paid_minor": 0,
        "amount_credited_minor": 0,
        "amount_written_off_minor": 0,
        "amount_due_minor": 121000,
        "collection_method": "send_invoice",
        "payment_method_id": None,
        "edition": 1,
        "sent_at": "2026-11-07T09:00:00Z",
        **fields,
    }


def a_payment(**fields: Any) -> dict[str, Any]:
    """Money that came in on 3 November."""
    return {
        "id": "p-1",
        "created_at": "2026-11-03T09:00:00Z",
        "updated_at": "2026-11-03T09:05:00Z",
        "currency": "EUR",
        "state": "succeeded",
        "amount_minor": 50000,
        "paid_on": "2026-11-03",
        "unallocated_minor": 0,
        "amount_refunded_minor": 0,
        "refunds": [],
        "disputes": [],
        "provider": None,
        **fields,
    }


def a_delivery(**fields: Any) -> dict[str, Any]:
    """A mail that was delivered."""
    return {
        "id": "d-1",
        "created_at": "2026-11-07T09:00:00Z",
        "channel": "email",
        "level": 0,
        "status": "delivered",
        "recipient": "old@acme.nl",
        **fields,
    }


def a_webhook(**fields: Any) -> dict[str, Any]:
    """A delivery to an endpoint."""
    return {
        "id": "w-1",
        "webhook_id": "msg_1",
        "event_type": "invoice.paid",
        "endpoint_id": "e-1",
        "state": "pending",
        "attempt_count": 4,
        "next_attempt_at": "2026-11-28T13:05:00Z",
        "finished_at": "2026-11-28T09:05:00Z",
        "last_attempt": {"at": "2026-11-28T09:00:00Z", "status": 500, "error": None, "reason": None},
        **fields,
    }


def a_campaign(**fields: Any) -> dict[str, Any]:
    """Retries of a collection."""
    return {
        "id": "dun-1",
        "status": "active",
        "attempt_count": 2,
        "remaining_attempts": ["2026-12-01T09:00:00Z"],
        "next_attempt_at": "2026-12-01T09:00:00Z",
        "last_failure_code": "insufficient_funds",
        "terminal_action": "cancel",
        **fields,
    }


def a_plan(*obstacles: str, **fields: Any) -> dict[str, Any]:
    """How the invoice is reminded of."""
    state = "stopped" if obstacles else "scheduled"
    return {"state": state, "obstacles": list(obstacles), "level": 0, "next_due_at": None, **fields}


def a_bank_line(invoice_id: str) -> dict[str, Any]:
    """Money in suspense that may be for this invoice."""
    line = {"id": "l-1", "amount_minor": 121000, "currency": "EUR", "booked_on": "2026-11-04"}
    return {**line, "candidates": [{"invoice_id": invoice_id}]}


def a_subscription(**fields: Any) -> dict[str, Any]:
    return {"id": "s-1", "status": "active", "current_period_end": "2026-12-31T23:00:00Z", **fields}


def collected(state: str, **fields: Any) -> dict[str, Any]:
    return {"payments": [a_payment(provider="stripe", state=state, **fields)]}


def snapshot(**parts: Any) -> Snapshot:
    """What is known, of an open invoice unless told otherwise."""
    return Snapshot(**{"now": NOW, "real_now": NOW, "invoice": an_invoice(), **parts})


PAID = {"status": "paid", "amount_due_minor": 0, "paid_at": "2026-11-03T09:00:00Z"}
SETTLED = an_invoice(**PAID, amount_paid_minor=121000)
FAILURE = {"code": "insufficient_funds", "advice": "retry", "message": "Not enough money."}
REFUND = {"id": "r-1", "amount_minor": 1000, "failure_reason": "closed_account"}
DISPUTE = {"amount_minor": 1000, "opened_at": "2026-11-10T09:00:00Z"}
CONTACT = {"id": "c-1", "name": "Acme BV", "email": "new@acme.nl", "archived_at": None}
E_INVOICE = {
    "id": "x-1",
    "created_at": "2026-11-07T09:00:00Z",
    "receiver": "0106:1",
    "failure": {"code": "BR-1"},
}
ENDPOINT = {"id": "e-1", "url": "https://acme.nl/hook", "status": "enabled", "disabled_reason": None}
MESSAGE = {"id": "m-1", "webhook_id": "msg_1"}
NO_INVOICE = {"invoice": None}
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("draft_has_no_number", {"invoice": an_invoice(status="draft", number=None)}, "no number"),
    ("voided", {"invoice": an_invoice(status="void", voided_at="2026-11-03T23:30:00Z")}, "on 4 Nov 2026"),
    (
        "paid",
        {"invoice": an_invoice(**PAID, amount_paid_minor=121000), "payments": [a_payment()]},
        "1,210.00 EUR of 1,210.00 EUR came in, the last of it on 3 Nov 2026",
    ),
    (
        "marked_paid_by_credit_only",
        {"invoice": an_invoice(**PAID, amount_credited_minor=121000)},
        "all of it (1,210.00 EUR) was credited",
    ),
    ("nothing_to_pay", {"invoice": an_invoice(**PAID, total_minor=0)}, "total is 0"),
    ("open_unpaid", {}, "1,210.00 EUR is due on 7 Dec 2026"),
    ("open_unpaid", {"invoice": an_invoice(due_date=None)}, "due at once"),
    (
        "open_partly_paid",
        {
            "invoice": an_invoice(amount_paid_minor=50000, amount_due_minor=71000, due_date="2026-11-07"),
            "payments": [a_payment()],
        },
        "500.00 EUR of 1,210.00 EUR was paid on 3 Nov 2026 (1 payment); "
        "710.00 EUR is due since 7 Nov 2026, 21 days late.",
    ),
    (
        "credited",
        {
            "invoice": an_invoice(amount_credited_minor=1000, amount_due_minor=120000),
            "credit_notes": [{"id": "n-1", "number": "CN-1"}],
        },
        "10.00 EUR of it was credited (CN-1)",
    ),
    (
        "written_off",
        {
            "invoice": an_invoice(
                status="uncollectible", amount_written_off_minor=121000, write_off_reason="gone"
            )
        },
        "(gone)",
    ),
    ("partly_written_off", {"invoice": an_invoice(amount_written_off_minor=5)}, "0.05 EUR of it"),
    ("edited_after_issue", {"invoice": an_invoice(edition=2, edited_at="2026-11-09T09:00:00Z")}, "edition 2"),
    ("opened_by_payer", {"invoice": an_invoice(opened_at="2026-11-09T09:30:00Z")}, "9 Nov 2026 10:30"),
    ("receivable_not_known_yet", {"knows_receivable": False}, "has not heard of it"),
    (
        "invoice_behind_receivable",
        {
            "receivable": an_invoice(amount_paid_minor=50000),
        },
        "says 500.00 EUR was paid, the invoice shows 0.00 EUR",
    ),
    (
        "bank_line_proposed",
        {"bank_lines": [a_bank_line("i-2"), a_bank_line("i-1")]},
        "A bank line over 1,210.00 EUR of 4 Nov 2026",
    ),
    (
        "credit_exists_but_not_applied",
        {"credit_balances": [{"contact_id": "c-1", "currency": "EUR", "amount_minor": 2500}]},
        "25.00 EUR of credit",
    ),
    (
        "overpaid_rest_is_credit",
        {"invoice": an_invoice(**PAID), "payments": [a_payment(unallocated_minor=100)]},
        "1.00 EUR of the payment of 3 Nov 2026",
    ),
    ("reopened_by_refund", {"payments": [a_payment(amount_refunded_minor=50000)]}, "500.00 EUR"),
    ("refund_pending", {"payments": [a_payment(refunds=[{**REFUND, "state": "pending"}])]}, "on its way"),
    ("refund_failed", {"payments": [a_payment(refunds=[{**REFUND, "state": "failed"}])]}, "(closed_account)"),
    ("payment_disputed", {"payments": [a_payment(disputes=[{**DISPUTE, "status": "open"}])]}, "10 Nov 2026"),
    ("dispute_lost", {"payments": [a_payment(disputes=[{**DISPUTE, "status": "lost"}])]}, "lost"),
    ("dispute_won", {"payments": [a_payment(disputes=[{**DISPUTE, "status": "won"}])]}, "came back"),
    ("payment_voided", {"payments": [a_payment(state="voided", void_reason="twice")]}, "voided (twice)"),
    ("payment_moved", {"payments": [a_payment(moved_from_contact_id="c-2")]}, "another contact"),
    ("collection_under_way", collected("processing"), "since 3 Nov 2026 10:05"),
    ("collected_waits_for_customer_action", collected("requires_action"), "customer to confirm"),
    ("in_review_no_other_collection", collected("needs_review"), "no other one begins"),
    ("collection_unknown", collected("unknown"), "did not say"),
    (
        "collection_failed",
        collected("failed", failure=FAILURE),
        "Not enough money. (insufficient_funds); trying",
    ),
    ("collection_failed", collected("failed", failure=None), "no reason was told"),
    ("collection_canceled", collected("canceled"), "canceled"),
    (
        "no_payment_method",
        {"invoice": an_invoice(collection_method="charge_automatically"), "payment_methods": []},
        "no payment method",
    ),
    (
        "payment_method_not_usable",
        {
            "invoice": an_invoice(collection_method="charge_automatically"),
            "payment_methods": [{"id": "pm-1", "type": "card", "status": "expired"}],
        },
        "expired",
    ),
    (
        "payment_method_not_usable",
        {
            "invoice": an_invoice(collection_method="charge_automatically", payment_method_id="pm-1"),
            "payment_methods": [
                {"id": "pm-1", "type": "card", "status": "failed"},
                {"id": "pm-2", "type": "card", "status": "active"},
            ],
        },
        "card that is failing",
    ),
    ("dunning_under_way", {"dunning": [a_campaign()]}, "(insufficient_funds): 1 attempt left"),
    (
        "dunning_waits_for_payment_method",
        {"dunning": [a_campaign(status="waiting_for_payment_method")]},
        "another payment method",
    ),
    ("dunning_exhausted", {"dunning": [a_campaign(status="exhausted")]}, "`cancel`"),
    ("dunning_recovered", {"dunning": [a_campaign(status="recovered")]}, "in the end"),
    ("dunning_canceled", {"dunning": [a_campaign(status="canceled")]}, "stopped"),
    ("not_sent", {"invoice": an_invoice(sent_at=None), "deliveries": []}, "never sent"),
    (
        "mail_bounced_address_changed_since",
        {"deliveries": [a_delivery(status="bounced", failure_code="mailbox_full")], "contact": CONTACT},
        "old@acme.nl bounced (mailbox_full); the contact's address is new@acme.nl",
    ),
    (
        "mail_bounced",
        {"deliveries": [a_delivery(status="bounced")], "contact": {**CONTACT, "email": "old@acme.nl"}},
        "no reason told",
    ),
    (
        "sending_failed",
        {"deliveries": [a_delivery(status="failed", channel="sms", level=1)]},
        "reminder by text",
    ),
    ("sending_under_way", {"deliveries": [a_delivery(status="queued")]}, "waits to be sent"),
    ("sending_unknown", {"deliveries": [a_delivery(status="unknown")]}, "Nobody told"),
    ("contact_has_no_email", {"contact": {**CONTACT, "email": None}}, "Acme BV has no e-mail"),
    ("contact_archived", {"contact": {**CONTACT, "archived_at": "2026-11-01T00:00:00Z"}}, "archived"),
    *[
        (f"not_reminded_{code}", {"reminders": a_plan(obstacle)}, "No reminder goes out by itself")
        for obstacle, code in {
            "disabled": "disabled",
            "collected_automatically": "collected_automatically",
            "not_sent": "not_sent",
            "paused": "paused",
            "partial_payment": "part_payment",
            "dispute": "dispute",
            "collection": "collection",
        }.items()
    ],
    ("reminded", {"reminders": a_plan(level=2, reminded_at="2026-11-20T09:00:00Z")}, "Reminder 2 went out"),
    (
        "reminder_planned",
        {"reminders": a_plan(next_level=1, next_due_at="2026-12-14T08:00:00Z")},
        "Reminder 1 goes out on 14 Dec 2026 09:00",
    ),
    ("ready_to_hand_over", {"reminders": a_plan(level=4)}, "handed over"),
    *[
        (f"e_invoice_{status}", {"e_invoices": [{**E_INVOICE, "status": status}]}, "(BR-1)")
        for status in ("invalid", "rejected", "refused", "failed", "unknown")
    ],
    ("e_invoice_under_way", {"e_invoices": [{**E_INVOICE, "status": "submitted"}]}, "0106:1 is on its way"),
    ("subscription_past_due", {"subscription": a_subscription(status="past_due")}, "past due"),
    ("subscription_paused", {"subscription": a_subscription(status="paused")}, "nothing is billed"),
    ("subscription_over", {"subscription": a_subscription(status="ended")}, "nothing more"),
    (
        "subscription_ends_with_period",
        {"subscription": a_subscription(cancel_at_period_end=True)},
        "on 1 Jan 2027",
    ),
    (
        "subscription_parked",
        {"subscription": a_subscription(parked_reason="too_many_lines", parked_at="2026-11-02T09:00:00Z")},
        "too_many_lines",
    ),
    (
        "billing_waits",
        {
            "waiting_billings": [
                {
                    "id": "b-1",
                    "subscription_id": "s-1",
                    "period_start": "2026-11-01T00:00:00Z",
                    "problem": {"code": "business_incomplete", "detail": "The business has no name."},
                }
            ]
        },
        "The business has no name.",
    ),
    (
        "webhook_failing",
        {"webhooks": [a_webhook()]},
        "invoice.paid is not delivered after 4 attempts, the last: 500; next on 28 Nov 2026 14:05",
    ),
    ("webhook_under_way", {"webhooks": [a_webhook(attempt_count=0, last_attempt=None)]}, "on its way"),
    (
        "message_dead_lettered",
        {"webhooks": [a_webhook(state="exhausted", last_attempt={"reason": "connection_refused"})]},
        "the last: connection_refused",
    ),
    ("webhook_held", {"webhooks": [a_webhook(state="held")]}, "is held"),
    ("webhook_dropped", {"webhooks": [a_webhook(state="cancelled")]}, "no longer wanted"),
    (
        "webhook_delivered",
        {**NO_INVOICE, "message": MESSAGE, "webhooks": [a_webhook(state="delivered")]},
        "arrived on 28 Nov 2026 10:05",
    ),
    ("no_endpoint", {"endpoints": []}, "No webhook endpoint"),
    (
        "message_not_wanted",
        {**NO_INVOICE, "message": MESSAGE, "webhooks": [], "endpoints": [ENDPOINT]},
        "No endpoint wanted it",
    ),
    ("endpoint_disabled", {"endpoints": [{**ENDPOINT, "status": "disabled"}]}, "by hand"),
    ("endpoint_paused", {"endpoints": [{**ENDPOINT, "status": "paused"}]}, "paused"),
    (
        "endpoint_failing",
        {"endpoints": [{**ENDPOINT, "failing_since": "2026-11-27T09:00:00Z"}]},
        "27 Nov 2026",
    ),
]
# What an invoice that is simply open, or its like, says besides.
BESIDES = {"open_unpaid", "open_partly_paid", "paid", "nothing_to_pay"}


@pytest.mark.parametrize(("code", "parts", "text"), CASES, ids=[code for code, _, _ in CASES])
def test_each_finding_is_named_where_it_is_so(code: str, parts: dict[str, Any], text: str) -> None:
    found = explaining.explain(snapshot(**parts))

    [finding] = [one for one in found if one.code == code]
    assert text in finding.text
    assert finding.text.endswith(".") or code == "billing_waits"
    assert {one.code for one in found} - {code} <= BESIDES
    assert all(isinstance(value, str) for value in finding.refs.values())


def test_every_finding_has_its_case() -> None:
    written = {
        code
        for file in DOMAIN.glob("*.py")
        for code in re.findall(r'^\s*(?:yield Finding\(|"\w+": \()\s*"(\w+)"', file.read_text(), re.MULTILINE)
    }
    # Codes that a variable or a pair holds.
    written |= {"open_partly_paid", "open_unpaid"}

    assert written == {code for code, _, _ in CASES}
    assert len(written) >= 40


@pytest.mark.parametrize(
    "parts",
    [
        {"invoice": SETTLED, **collected("failed")},
        {"invoice": SETTLED, "deliveries": [a_delivery(status="bounced")]},
        {"invoice": SETTLED, "reminders": a_plan("not_open")},
        {"receivable": an_invoice(), "knows_receivable": True},
        {"deliveries": [a_delivery(status="bounced"), a_delivery(created_at="2026-11-08T09:00:00Z")]},
        {"credit_balances": [{"contact_id": "c-1", "currency": "USD", "amount_minor": 2500}]},
        {"webhooks": [a_webhook(state="delivered")], "endpoints": [ENDPOINT]},
    ],
    ids=[
        "collected after all",
        "paid after a bounce",
        "not reminded of what is paid",
        "in step",
        "sent again",
        "credit of another currency",
        "all well",
    ],
)
def test_what_is_over_or_well_is_not_found(parts: dict[str, Any]) -> None:
    assert {one.code for one in explaining.explain(snapshot(**parts))} <= BESIDES


def test_problems_come_first_and_a_flood_is_cut() -> None:
    found = explaining.explain(snapshot(webhooks=[a_webhook(state="exhausted") for _ in range(30)]))

    assert [one.severity for one in found] == ["problem"] * explaining.MAX_OF_A_CODE + ["info"]


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        ({}, "open"),
        ({**NO_INVOICE, "message": MESSAGE, "webhooks": [a_webhook()]}, "pending"),
        ({**NO_INVOICE, "message": MESSAGE, "webhooks": [a_webhook(), a_webhook(state="held")]}, "mixed"),
        ({**NO_INVOICE, "message": MESSAGE, "webhooks": []}, "not_sent"),
        ({**NO_INVOICE, "subscription": a_subscription()}, "active"),
        ({**NO_INVOICE, "payments": [a_payment(state="failed")]}, "failed"),
        (NO_INVOICE, "unknown"),
    ],
)
def test_the_state_is_one_word(parts: dict[str, Any], state: str) -> None:
    assert explaining.state_of(snapshot(**parts)) == state

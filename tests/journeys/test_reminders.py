"""Reminders while a sandbox's clock is moved: every level on its day, and none of what is paid in part."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared.testing.eventually import eventually
from tests.journeys.conftest import advanced, an_invoice, created

LEVELS = [
    {"level": 1, "days_after_due": 3, "channels": ["email", "sms"]},
    {"level": 2, "days_after_due": 10},
    {"level": 3, "days_after_due": 21},
    {"level": 4, "days_after_due": 35, "channels": []},
]


async def test_reminders_fire_in_order_when_a_sandboxes_clock_is_advanced(
    make_workspace: Callable[..., Any],
) -> None:
    sandbox: httpx.AsyncClient = await make_workspace(mode="sandbox")
    settings = await sandbox.patch("/v1/reminder-settings", json={"enabled": True, "levels": LEVELS})
    assert settings.status_code == 200, settings.text
    contact = {"name": "Acme BV", "email": "info@acme.nl", "phone": "+31612345678"}
    contact_id = (await created(sandbox, "/v1/contacts", contact))["id"]
    unpaid, part_paid = [
        await an_invoice(sandbox, contact_id=contact_id, payment_terms_days=5) for _ in range(2)
    ]
    for invoice in (unpaid, part_paid):
        sent = await sandbox.post(f"/v1/invoices/{invoice['id']}/send", json={"channels": ["email"]})
        assert sent.status_code == 202, sent.text
    await created(sandbox, "/v1/payments", {"invoice_id": part_paid["id"], "amount": "100.00"})

    await advanced(sandbox, datetime.now(UTC) + timedelta(days=41))

    told = await _reminders(sandbox, unpaid)
    due_on = datetime.fromisoformat(unpaid["due_date"]).date()
    decided = [(row["level"], row["state"], _day(row["decided_at"]) - due_on) for row in told["data"]]
    assert decided == [
        (1, "sent", timedelta(days=3)),
        (2, "sent", timedelta(days=10)),
        (3, "sent", timedelta(days=21)),
        (4, "handed_over", timedelta(days=35)),
    ]
    await eventually(lambda: _all_delivered(sandbox, unpaid, 5), timeout_seconds=30)
    deliveries = (await _deliveries(sandbox, unpaid))[::-1]
    levels = [(one["level"], one["channel"]) for one in deliveries]
    assert levels == [(0, "email"), (1, "email"), (1, "sms"), (2, "email"), (3, "email")]
    assert [_day(one["sent_at"]) for one in deliveries[1:]] == [
        due_on + timedelta(days=days) for days in (3, 3, 10, 21)
    ]
    stopped = await _reminders(sandbox, part_paid)
    assert (stopped["state"], stopped["obstacles"]) == ("stopped", ["partial_payment"])
    assert [one["level"] for one in await _deliveries(sandbox, part_paid)] == [0]


async def _reminders(client: httpx.AsyncClient, invoice: dict[str, Any]) -> dict[str, Any]:
    reply = await client.get(f"/v1/invoices/{invoice['id']}/reminders")
    assert reply.status_code == 200, reply.text
    return reply.json()


async def _deliveries(client: httpx.AsyncClient, invoice: dict[str, Any]) -> list[dict[str, Any]]:
    return (await client.get(f"/v1/invoices/{invoice['id']}/deliveries")).json()["data"]


async def _all_delivered(client: httpx.AsyncClient, invoice: dict[str, Any], count: int) -> bool:
    found = await _deliveries(client, invoice)
    return len(found) == count and {one["status"] for one in found} <= {"sent", "delivered"}


def _day(instant: str) -> Any:
    return datetime.fromisoformat(instant).date()

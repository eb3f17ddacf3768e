"""Another plan or quantity over HTTP, and what its preview says before."""

import asyncio
import itertools
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.subscription_renewal.conftest import (
    Renew,
    a_product,
    events_of,
    fetched,
    periods,
    subscribed,
)

# 2026-04: 30 days, of which 15 are left at the change.
DAYS = 30


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"quantity": 1, "policy": "whenever"}, "/policy"),
    ({"quantity": 1, "proration_at": "2019-01-01T00:00:00Z"}, "/proration_at"),
    ({"quantity": 1, "proration_at": "2199-01-01T00:00:00Z"}, "/proration_at"),
    ({"quantity": 1, "interval": "year"}, "/policy"),
    ({"quantity": -1}, "/lines"),
    ({"lines": [{"description": "x", "unit_price": "1"}], "quantity": 2}, ""),
]


async def _halfway(client: httpx.AsyncClient, contact_id: UUID, **fields: Any) -> tuple[Any, str]:
    """A subscription of 30 days for 10.00 that began 15 days ago, and when the change counts."""
    start = datetime.now(UTC) - timedelta(days=15, minutes=1)
    given = {"interval": "day", "interval_count": DAYS, "start_at": start.isoformat(), **fields}
    return await subscribed(client, contact_id, **given), (start + timedelta(days=15)).isoformat()


async def test_a_larger_quantity_is_billed_at_once_for_the_rest_of_the_period(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID
) -> None:
    made, halfway = await _halfway(client, contact_id)
    path, body = f"/v1/subscriptions/{made['id']}", {"quantity": 3, "proration_at": halfway}

    preview = (await client.post(f"{path}/preview", json=body)).json()
    unchanged = await fetched(client, made["id"])
    changed = await client.post(f"{path}/change", json=body)

    assert (preview["credit_minor"], preview["charge_minor"], preview["net_minor"]) == (-500, 1500, 1000)
    assert [line["unit_price"] for line in preview["invoiced_now"]] == ["-5", "15"]
    assert preview["next_invoice"]["amount_minor"] == 3000
    assert unchanged["version"] == made["version"]
    assert changed.status_code == 200, changed.text
    assert changed.json()["lines"][0]["quantity"] == "3"
    assert changed.json()["next_billing_at"] == made["next_billing_at"]
    billed = await periods(client, made["id"])
    assert [(row["reason"], row["amount_minor"]) for row in billed] == [("cycle", 1000), ("change", 1000)]
    assert (await events_of(service, who.workspace_id))[-2:] == [
        ("subscription.updated", 3),
        ("subscription.prorated", 3),
    ]


async def test_a_credit_waits_for_the_next_invoice(
    client: httpx.AsyncClient, contact_id: UUID, renew: Renew
) -> None:
    made, halfway = await _halfway(client, contact_id, lines=[{"description": "Plan", "unit_price": "40"}])
    body = {"lines": [{"description": "Small", "unit_price": "10"}], "proration_at": halfway}

    changed = (await client.post(f"/v1/subscriptions/{made['id']}/change", json=body)).json()
    due = datetime.fromisoformat(changed["next_billing_at"])
    await renew(due)
    first = await fetched(client, made["id"])
    await renew(due + timedelta(days=DAYS))

    # 20.00 back and 5.00 due: 15.00 are carried, 10.00 fit on the next invoice and 5.00 on the one after.
    assert [line["unit_price"] for line in changed["pending_lines"]] == ["-20", "5"]
    assert [line["unit_price"] for line in first["pending_lines"]] == ["-5"]
    amounts = [row["amount_minor"] for row in await periods(client, made["id"])]
    assert amounts == [4000, 0, 500]
    assert (await fetched(client, made["id"]))["pending_lines"] == []


async def test_next_invoice_carries_both_and_next_period_changes_nothing_yet(
    client: httpx.AsyncClient, contact_id: UUID, renew: Renew
) -> None:
    carried, halfway = await _halfway(client, contact_id)
    planned, _ = await _halfway(client, contact_id)
    body = {"quantity": 2, "policy": "next_invoice", "proration_at": halfway}

    waiting = (await client.post(f"/v1/subscriptions/{carried['id']}/change", json=body)).json()
    body = {"quantity": 2, "policy": "next_period"}
    scheduled = (await client.post(f"/v1/subscriptions/{planned['id']}/change", json=body)).json()
    await renew(datetime.fromisoformat(scheduled["next_billing_at"]) + timedelta(seconds=5))

    assert [line["unit_price"] for line in waiting["pending_lines"]] == ["-5", "10"]
    assert scheduled["lines"][0]["quantity"] == "1"
    assert scheduled["scheduled_change"]["effective_at"] == planned["current_period_end"]
    assert [row["amount_minor"] for row in await periods(client, carried["id"])] == [1000, 2500]
    assert [row["amount_minor"] for row in await periods(client, planned["id"])] == [1000, 2000]
    after = await fetched(client, planned["id"])
    assert (after["scheduled_change"], after["lines"][0]["quantity"]) == (None, "2")


async def test_a_new_anchor_begins_a_period_now(client: httpx.AsyncClient, contact_id: UUID) -> None:
    made, _ = await _halfway(client, contact_id)
    body = {
        "lines": [{"description": "Yearly", "unit_price": "100"}],
        "policy": "reset_anchor",
        "interval": "year",
        "proration": "day",
    }

    changed = (await client.post(f"/v1/subscriptions/{made['id']}/change", json=body)).json()

    start, end = (datetime.fromisoformat(changed[f"current_period_{edge}"]) for edge in ("start", "end"))
    assert changed["interval"] == "year"
    assert changed["anchor_at"] == changed["current_period_start"]
    last = monthrange(end.year, end.month)[1]
    assert (end.year - start.year, end.month, end.day) == (1, start.month, min(start.day, last))
    assert [row["amount_minor"] for row in await periods(client, made["id"])] == [1000, 10_000 - 500]


async def test_a_trial_changes_its_plan_without_proration(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID
) -> None:
    product = await a_product(service, who.workspace_id)
    made = await subscribed(client, contact_id, trial_days=10)

    body = {"product_id": str(product.id), "quantity": 2}
    changed = (await client.post(f"/v1/subscriptions/{made['id']}/change", json=body)).json()

    assert (changed["status"], changed["lines"][0]["unit_price"]) == ("trialing", "89")
    assert changed["pending_lines"] == []
    assert await periods(client, made["id"]) == []


async def test_a_wrong_change_names_its_field(client: httpx.AsyncClient, contact_id: UUID) -> None:
    made, _ = await _halfway(client, contact_id)

    for verb, (body, pointer) in itertools.product(("change", "preview"), WRONG):
        reply = await client.post(f"/v1/subscriptions/{made['id']}/{verb}", json=body)

        assert reply.status_code == 422, (body, reply.text)
        assert reply.json()["errors"][0]["pointer"] == pointer


async def test_a_paused_subscription_is_resumed_before_it_is_changed(
    client: httpx.AsyncClient, contact_id: UUID
) -> None:
    made = await subscribed(client, contact_id)
    await client.post(f"/v1/subscriptions/{made['id']}/pause")

    reply = await client.post(f"/v1/subscriptions/{made['id']}/change", json={"quantity": 2})

    assert (reply.status_code, reply.json()["code"]) == (409, "subscription_is_paused")


async def test_what_waits_is_billed_when_it_is_canceled(client: httpx.AsyncClient, contact_id: UUID) -> None:
    made, halfway = await _halfway(client, contact_id)
    body = {"quantity": 2, "policy": "next_invoice", "proration_at": halfway}
    await client.post(f"/v1/subscriptions/{made['id']}/change", json=body)

    canceled = (await client.post(f"/v1/subscriptions/{made['id']}/cancel", json={"at": "now"})).json()

    assert (canceled["status"], canceled["pending_lines"]) == ("canceled", [])
    billed = await periods(client, made["id"])
    assert [(row["reason"], row["amount_minor"]) for row in billed] == [("cycle", 1000), ("change", 500)]


async def test_changes_at_the_same_time_come_one_after_the_other(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID
) -> None:
    made, _ = await _halfway(client, contact_id, lines=[{"description": "Seat", "unit_price": "1000"}])
    path = f"/v1/subscriptions/{made['id']}"

    replies = await asyncio.gather(
        *(client.post(f"{path}/change", json={"quantity": n, "proration": "day"}) for n in range(2, 8)),
        client.post(f"{path}/cancel", json={"at": "period_end"}),
    )

    assert [reply.status_code for reply in replies] == [200] * 7
    versions = sorted(reply.json()["version"] for reply in replies)
    assert versions == list(range(3, 10))
    last = await fetched(client, made["id"])
    # Whatever the order: what was billed and waits is the first period and the rest's last quantity.
    billed = sum(row["amount_minor"] for row in await periods(client, made["id"]))
    waits = sum(100 * Decimal(line["unit_price"]) for line in last["pending_lines"])
    share = Decimal(100_000) * 15 / DAYS
    assert billed + waits == 100_000 + share * (int(last["lines"][0]["quantity"]) - 1)
    sequences = [number for type_, number in await events_of(service, who.workspace_id) if "updated" in type_]
    assert sequences == list(range(2, 10))

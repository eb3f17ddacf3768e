"""Months of usage on a sandbox's clock, through the public API alone: each invoice to the cent."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared.kernel.ids import new_id
from tests.journeys.conftest import a_contact, advanced, created

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# A month of 30 days at 0.10 up to 1,000, 0.05 up to 10,000, 0.01 beyond.
TIERS = [
    {"up_to": "1000", "unit_price": "0.10"},
    {"up_to": "10000", "unit_price": "0.05"},
    {"up_to": None, "unit_price": "0.01"},
]


async def test_usage_is_billed_month_after_month_and_what_comes_late_as_a_difference(
    make_workspace: Callable[..., Any],
) -> None:
    sandbox: httpx.AsyncClient = await make_workspace(mode="sandbox")
    contact = await a_contact(sandbox)
    await created(sandbox, "/v1/meters", {"key": "tokens", "name": "Tokens", "type": "api", **SUM})
    start = datetime.now(UTC).replace(microsecond=0) + HOUR
    charge = {"key": "tokens", "meter": "tokens", "price": {"model": "graduated", "tiers": TIERS}}
    terms = {
        "contact_id": contact["id"],
        "currency": "EUR",
        "interval": "day",
        "interval_count": 30,
        "timezone": "UTC",
    }
    seats = {"description": "Seats", "quantity": "5", "unit_price": "10", "tax_rate": "21"}
    subscription = await created(
        sandbox,
        "/v1/subscriptions",
        terms | {"lines": [seats], "charges": [charge | {"tax_rate": "21"}], "start_at": start.isoformat()},
    )
    month = [start + 30 * DAY * n for n in range(5)]

    # The first month: 15,000 tokens.
    await advanced(sandbox, month[0] + 20 * DAY)
    first = [an_event(contact, 5_000, month[0] + DAY * n) for n in range(1, 4)]
    await tell(sandbox, first)
    await advanced(sandbox, month[1] + HOUR)
    after_one = await usage_invoices(sandbox, subscription)
    # The second: 500 come late, 100 are new.
    await advanced(sandbox, month[1] + DAY)
    await tell(sandbox, [an_event(contact, 500, month[1] - HOUR), an_event(contact, 100, month[1] + HOUR)])
    await advanced(sandbox, month[2] + HOUR)
    after_two = await usage_invoices(sandbox, subscription)
    # The third: 5,000 of the first are taken back before it is final, and nothing is used.
    name = {name: first[0][name] for name in ("source", "id", "time")}
    voided = await sandbox.post("/v1/usage-events/void", json={"events": [name]})
    await advanced(sandbox, month[4] - HOUR)

    assert [(invoice["subtotal_minor"], invoice["total_minor"]) for invoice in after_one] == [(60000, 72600)]
    assert [line["description"] for line in after_one[0]["lines"]] == [
        f"Tokens (tier {n})" for n in (1, 2, 3)
    ]
    assert [invoice["subtotal_minor"] for invoice in after_two] == [60000, 1500]
    assert [line["description"] for line in after_two[1]["lines"]] == [
        "Tokens: correction from 15000 to 15500",
        "Tokens (tier 1)",
    ]
    assert voided.json()["voided"] == 1
    # 10,500 cost 555.00, so 50.00 went back; 100 cost 10.00; four months of seats 200.00.
    every = (await sandbox.get(f"/v1/invoices?subscription_id={subscription['id']}")).json()["data"]
    pending = (await sandbox.get(f"/v1/subscriptions/{subscription['id']}")).json()["pending_lines"]
    assert pending == []
    assert sum(invoice["subtotal_minor"] for invoice in every) == 55_500 + 1_000 + 4 * 5_000
    periods = (await sandbox.get(f"/v1/subscriptions/{subscription['id']}/usage")).json()["periods"]
    assert [(period["state"], period["billed_minor"]) for period in reversed(periods)] == [
        ("final", 55_500),
        ("final", 1_000),
        ("billed", 0),
        ("open", 0),
    ]


SUM = {"aggregation": "sum", "value": "$.tokens"}


def an_event(contact: dict[str, Any], tokens: int, at: datetime) -> dict[str, Any]:
    """So many tokens of the contact."""
    return {
        "id": str(new_id()),
        "source": "/gateway",
        "type": "api",
        "subject": contact["id"],
        "time": at.isoformat(),
        "data": {"tokens": tokens},
    }


async def tell(sandbox: httpx.AsyncClient, events: list[dict[str, Any]]) -> None:
    """Tell the usage; it is counted once it is answered."""
    reply = await sandbox.post("/v1/usage-events", json=events)
    assert (reply.status_code, reply.json()["counted"]) == (200, len(events)), reply.text


async def usage_invoices(sandbox: httpx.AsyncClient, subscription: dict[str, Any]) -> list[dict[str, Any]]:
    """The invoices of usage, oldest first."""
    found = (await sandbox.get(f"/v1/invoices?subscription_id={subscription['id']}")).json()["data"]
    return [invoice for invoice in reversed(found) if invoice["billing_reason"] == "change"]

"""What is stored of changes, ends and pauses: backdated ones, paused runs, what is owed, what goes back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.subscription_renewal.conftest import (
    Renew,
    a_sandbox,
    events_of,
    fetched,
    periods,
    subscribed,
)
from tests.integration.subscription_renewal.dunning import Told
from tests.integration.subscription_renewal.dunning import hear as hear_of_invoices

DAYS = {"interval": "day", "interval_count": 30}


def _lines(price: str, **fields: Any) -> list[dict[str, Any]]:
    return [{"description": "Plan", "unit_price": price, **fields}]


async def _change(client: httpx.AsyncClient, made: Any, price: str, **fields: Any) -> Any:
    body = {"lines": _lines(price), "proration": "day", **fields}
    reply = await client.post(f"/v1/subscriptions/{made['id']}/change", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_a_change_counts_from_before_the_last_one_until_the_period_is_over(
    client: httpx.AsyncClient, contact_id: UUID, renew: Renew
) -> None:
    start = datetime.now(UTC) - timedelta(days=15, minutes=1)
    made = await subscribed(client, contact_id, **DAYS, start_at=start.isoformat(), lines=_lines("30"))
    early = (start + timedelta(days=1)).isoformat()

    await _change(client, made, "300")
    backdated = await _change(client, made, "60", proration_at=early)
    again = await _change(client, made, "60", proration_at=early)
    await renew(datetime.fromisoformat(made["next_billing_at"]) + timedelta(seconds=5))
    await renew(datetime.fromisoformat(made["next_billing_at"]) + timedelta(days=30, seconds=5))

    # 30.00 + 135.00 were billed; with 60 from the second day on it costs 1.00 + 58.00.
    waits = sum(int(100 * Decimal(line["unit_price"])) for line in backdated["pending_lines"])
    assert waits == 100 + 5800 - 3000 - 13500
    assert again == backdated
    amounts = [row["amount_minor"] for row in await periods(client, made["id"])]
    assert amounts == [3000, 13500, 0, 6000 - (10600 - 6000)]
    reply = await client.post(
        f"/v1/subscriptions/{made['id']}/change", json={"quantity": 2, "proration_at": early}
    )
    assert reply.status_code == 422


async def test_credit_that_is_left_is_told_once_whoever_ends_it(
    client: httpx.AsyncClient,
    service: RunningService,
    who: Principal,
    contact_id: UUID,
    renew: Renew,
) -> None:
    start = datetime.now(UTC) - timedelta(days=15, minutes=1)
    given = {**DAYS, "start_at": start.isoformat(), "lines": _lines("300")}
    now, later = [await subscribed(client, contact_id, **given) for _ in range(2)]
    for made in (now, later):
        await _change(client, made, "30")

    await client.post(f"/v1/subscriptions/{now['id']}/cancel", json={"at": "now"})
    await client.post(f"/v1/subscriptions/{now['id']}/cancel", json={"at": "now"})
    await client.post(f"/v1/subscriptions/{later['id']}/cancel", json={"at": "period_end"})
    await renew(datetime.fromisoformat(later["next_billing_at"]) + timedelta(seconds=5))

    told = [type_ for type_, _ in await events_of(service, who.workspace_id)]
    assert told.count("subscription.credit_released") == 2
    for made in (now, later):
        assert (await fetched(client, made["id"]))["pending_lines"] == []
        assert [row["amount_minor"] for row in await periods(client, made["id"])] == [30000]


async def test_an_end_that_has_come_stays_though_renewals_are_paused(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID, renew: Renew
) -> None:
    first = await subscribed(client, contact_id, interval="day")
    await renew(datetime.fromisoformat(first["next_billing_at"]) + timedelta(seconds=1))
    [run] = (await client.get("/v1/renewal-runs")).json()["data"]
    await client.post(f"/v1/renewal-runs/{run['id']}/pause")
    made = await subscribed(client, contact_id, interval="day")
    path = f"/v1/subscriptions/{made['id']}"
    await client.post(f"{path}/cancel", json={"at": "period_end"})

    in_two_days = await a_sandbox(service, who, timedelta(days=2))
    async with service.client(in_two_days) as later:
        resumed = await later.post(f"{path}/resume")
        taken_back = await later.patch(path, json={"cancel_at_period_end": False})
        refused = [await later.post(f"{path}/{verb}", json={"quantity": 2}) for verb in ("change", "preview")]
        forecast = (await later.post("/v1/renewal-runs/preview", json={})).json()

    assert {(one.status_code, one.json()["code"]) for one in (resumed, taken_back)} == {
        (409, "subscription_is_over")
    }
    assert len({(one.status_code, one.json()["code"]) for one in refused}) == 1
    assert refused[0].status_code == 409
    assert forecast["ended_count"] == 1
    assert (await fetched(client, made["id"]))["cancel_at_period_end"] is True


async def test_a_pause_keeps_what_is_owed_and_hears_of_it(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID
) -> None:
    before, meanwhile = [await subscribed(client, contact_id) for _ in range(2)]
    told = [Told(who.workspace_id, contact_id, UUID(one["id"])) for one in (before, meanwhile)]
    now = datetime.now(UTC)

    await hear_of_invoices(service, told[0].failed(now))
    for made in (before, meanwhile):
        await client.post(f"/v1/subscriptions/{made['id']}/pause")
    await hear_of_invoices(service, told[1].failed(now))
    resumed = [(await client.post(f"/v1/subscriptions/{m['id']}/resume")).json() for m in (before, meanwhile)]
    await hear_of_invoices(service, *(one.invoice("paid", now) for one in told))

    assert [one["status"] for one in resumed] == ["past_due", "past_due"]
    assert [(await fetched(client, made["id"]))["status"] for made in (before, meanwhile)] == ["active"] * 2


async def test_a_preview_of_a_run_bills_each_period_when_it_falls_due(
    client: httpx.AsyncClient, contact_id: UUID, renew: Renew
) -> None:
    # With `forgive` a look at all of them from their end would call them missed.
    made = await subscribed(client, contact_id, interval="day", catch_up="forgive")
    until = datetime.fromisoformat(made["next_billing_at"]) + timedelta(days=3, hours=1)

    preview = (await client.post("/v1/renewal-runs/preview", json={"as_of": until.isoformat()})).json()
    for day in range(4):
        await renew(datetime.fromisoformat(made["next_billing_at"]) + timedelta(days=day, seconds=5))

    assert [one["period_count"] for one in preview["subscriptions"]] == [4]
    assert len(await periods(client, made["id"])) == 1 + 4


async def test_a_double_click_on_a_new_anchor_bills_once(client: httpx.AsyncClient, contact_id: UUID) -> None:
    start = datetime.now(UTC) - timedelta(days=15, minutes=1)
    made = await subscribed(client, contact_id, **DAYS, start_at=start.isoformat())
    new = {"policy": "reset_anchor", "interval": "year"}

    once, twice = [await _change(client, made, "100", **new) for _ in range(2)]

    assert once == twice
    assert [row["amount_minor"] for row in await periods(client, made["id"])] == [1000, 10_000 - 500]

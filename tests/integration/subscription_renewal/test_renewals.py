"""What falls due is billed once: side by side, by steps of any clock, after faults and pauses."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from services.subscription_renewal.runs.domain.run import Bounds
from services.subscription_renewal.subscriptions.operations import standing
from services.subscription_renewal.subscriptions.workers import renew_due
from shared.http.internal_auth import Principal
from shared.kernel.clock import Clock
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.integration.subscription_renewal.bulk import insert_due
from tests.integration.subscription_renewal.conftest import (
    PACE,
    Renew,
    a_sandbox,
    events_of,
    fetched,
    periods,
    subscribed,
)

WEEK = timedelta(weeks=1)


async def test_workers_side_by_side_bill_each_subscription_once(
    service: RunningService, databases: Any, who: Principal, contact_id: UUID
) -> None:
    now = datetime.now(UTC)
    await insert_due(databases.admin_dsn, who.workspace_id, contact_id, now - timedelta(seconds=1), 600)
    pace = replace(PACE, batch_size=50)

    async def work() -> None:
        # A step without work may only mean that the others hold the rest.
        idle = 0
        while idle < 3:
            idle = 0 if await renew_due(service.parts.worker, pace, now) else idle + 1

    await asyncio.gather(*(work() for _ in range(3)))

    events = Counter(type_ for type_, _ in await events_of(service, who.workspace_id))
    assert events == {"subscription.updated": 600, "subscription.renewed": 600}
    async with service.parts.worker.transaction() as tx:
        billed = await tx.fetchrow("SELECT count(*), count(DISTINCT subscription_id) AS once FROM billing")
        batches = await tx.fetchval("SELECT sum(renewed_count) FROM renewal_batch")
    assert (billed["count"], billed["once"], batches) == (600, 600, 600)


async def test_a_clock_that_jumps_stops_or_goes_back_bills_each_period_once(
    client: httpx.AsyncClient, contact_id: UUID, renew: Renew
) -> None:
    made = await subscribed(client, contact_id, interval="week")
    start = datetime.fromisoformat(made["current_period_start"])

    for weeks in (0.5, 1, 1, 0.9, 1.5, 3.2, 2, 3.2, 4):
        await renew(start + weeks * WEEK)

    billed = [datetime.fromisoformat(row["period_start"]) for row in await periods(client, made["id"])]
    assert billed == [start + n * WEEK for n in range(5)]


async def test_more_missed_periods_than_the_cap_park_it_until_somebody_decides(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID, renew: Renew
) -> None:
    made = await subscribed(client, contact_id, interval="day")
    start = datetime.fromisoformat(made["current_period_start"])

    await renew(start + timedelta(days=6, hours=1))
    (run,) = (await client.get("/v1/renewal-runs")).json()["data"]
    watched = (await client.get(f"/v1/renewal-runs/{run['id']}")).json()

    assert len(await periods(client, made["id"])) == 1 + 3
    assert (run["parked_count"], run["due_count"], run["status"]) == (1, 0, "completed")
    assert watched["parked"][0]["subscription_id"] == made["id"]
    assert "3 periods" in watched["parked"][0]["reason"]

    later = replace(who, clock_offset_ms=int(timedelta(days=6, hours=1).total_seconds() * 1000))
    async with service.client(later) as future:
        body = {"subscription_id": made["id"], "catch_up": "latest"}
        retried = await future.post(f"/v1/renewal-runs/{run['id']}/retry", json=body)
        again = await future.post(f"/v1/renewal-runs/{run['id']}/retry", json=body)

    assert retried.status_code == 200, retried.text
    assert retried.json()["parked_reason"] is None
    assert datetime.fromisoformat(retried.json()["next_billing_at"]) == start + timedelta(days=7)
    assert len(await periods(client, made["id"])) == 5
    assert again.status_code == 409


async def test_a_cancellation_at_the_boundary_wins_over_the_renewal(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID, renew: Renew
) -> None:
    made = await subscribed(client, contact_id, interval="week")
    await client.post(f"/v1/subscriptions/{made['id']}/cancel", json={"at": "period_end"})

    await renew(datetime.fromisoformat(made["next_billing_at"]) + 2 * WEEK)

    assert (await fetched(client, made["id"]))["status"] == "ended"
    assert len(await periods(client, made["id"])) == 1
    (run,) = (await client.get("/v1/renewal-runs")).json()["data"]
    assert (run["ended_count"], run["renewed_count"]) == (1, 0)


async def test_paused_and_canceled_subscriptions_are_not_billed(
    client: httpx.AsyncClient, contact_id: UUID, renew: Renew
) -> None:
    paused, canceled = [await subscribed(client, contact_id) for _ in range(2)]
    await client.post(f"/v1/subscriptions/{paused['id']}/pause", json={"keep_anchor": False})
    await client.post(f"/v1/subscriptions/{canceled['id']}/cancel", json={"at": "now"})

    batches = await renew(datetime.now(UTC) + timedelta(days=100))

    assert batches == 0
    assert [len(await periods(client, one["id"])) for one in (paused, canceled)] == [1, 1]


async def test_a_sandbox_is_billed_by_its_own_clock_without_a_cap(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID, renew: Renew
) -> None:
    made = await subscribed(client, contact_id)
    ahead = timedelta(days=731)
    await a_sandbox(service, who, ahead)

    await renew(datetime.now(UTC))

    billed = await periods(client, made["id"])
    starts = [row["period_start"] for row in billed]
    assert len(billed) == 25
    assert starts[1:] == [row["period_end"] for row in billed][:-1]
    assert (await fetched(client, made["id"]))["parked_reason"] is None


async def test_a_paused_run_bills_nothing_until_it_is_resumed(
    client: httpx.AsyncClient,
    service: RunningService,
    databases: Any,
    who: Principal,
    contact_id: UUID,
    renew: Renew,
) -> None:
    now = datetime.now(UTC)
    await insert_due(databases.admin_dsn, who.workspace_id, contact_id, now - timedelta(minutes=1), 30)
    await renew_due(service.parts.worker, replace(PACE, batch_size=10), now)
    (run,) = (await client.get("/v1/renewal-runs")).json()["data"]

    paused = await client.post(f"/v1/renewal-runs/{run['id']}/pause", json={"reason": "wrong prices"})
    idle = await renew(now + timedelta(days=1))
    resumed = await client.post(f"/v1/renewal-runs/{run['id']}/resume")
    await renew(now)

    assert (run["status"], run["renewed_count"], run["due_count"]) == ("running", 10, 20)
    assert run["progress_percent"] == 33
    assert (paused.json()["status"], paused.json()["paused_reason"]) == ("paused", "wrong prices")
    assert idle == 0
    assert resumed.json()["status"] == "running"
    done = (await client.get(f"/v1/renewal-runs/{run['id']}")).json()
    assert (done["status"], done["renewed_count"], done["progress_percent"]) == ("completed", 30, 100)
    assert (await client.post(f"/v1/renewal-runs/{run['id']}/resume")).status_code == 409


async def test_a_run_of_an_absurd_size_pauses_itself(
    client: httpx.AsyncClient,
    service: RunningService,
    databases: Any,
    who: Principal,
    contact_id: UUID,
    renew: Renew,
) -> None:
    now = datetime.now(UTC)
    pace = replace(PACE, bounds=Bounds(jump_factor=5, jump_minimum_count=50, check_seconds=0))
    await insert_due(databases.admin_dsn, who.workspace_id, contact_id, now - timedelta(days=2), 10)
    await renew(now - timedelta(days=2), pace)
    await insert_due(databases.admin_dsn, who.workspace_id, contact_id, now, 60)

    idle = await renew(now, pace)
    run = (await client.get("/v1/renewal-runs")).json()["data"][0]
    await client.post(f"/v1/renewal-runs/{run['id']}/resume")
    await renew(now, pace)

    assert idle == 0
    assert (run["status"], run["renewed_count"], run["due_count"]) == ("paused", 0, 60)
    assert "51 or more" in run["paused_reason"]
    assert (await client.get(f"/v1/renewal-runs/{run['id']}")).json()["renewed_count"] == 60


async def test_a_subscription_that_cannot_be_billed_is_parked_and_the_others_go_on(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID, renew: Renew
) -> None:
    bad, good = [await subscribed(client, contact_id, interval="week") for _ in range(2)]
    due = datetime.fromisoformat(good["next_billing_at"])
    async with service.parts.worker.transaction() as tx:
        # As after a restore: the period was billed, and the subscription does not know.
        await tx.execute(
            """INSERT INTO billing SELECT workspace_id, subscription_id, 99, reason, period_end,
            period_end + interval '1 week', period_end, currency, amount_minor, NULL
            FROM billing WHERE subscription_id = $1""",
            UUID(bad["id"]),
        )

    await renew(due + timedelta(seconds=1))

    assert "billed before" in (await fetched(client, bad["id"]))["parked_reason"]
    assert (await fetched(client, good["id"]))["parked_reason"] is None
    assert len(await periods(client, good["id"])) == 2


async def test_too_many_billings_within_a_day_park_it(
    client: httpx.AsyncClient, contact_id: UUID, renew: Renew, service: RunningService
) -> None:
    made = await subscribed(client, contact_id, interval="day")
    pace = replace(PACE, limits=replace(PACE.limits, billings_a_day=2))
    tomorrow = datetime.now(UTC) + timedelta(days=1, seconds=1)
    async with service.parts.worker.transaction() as tx:
        # As a fault in the code would have it: its next period begins again and again on the same day.
        await tx.execute("UPDATE subscription SET billed_on = $1, billed_count = 2", tomorrow.date())

    await renew(tomorrow, pace)

    assert "within a day" in (await fetched(client, made["id"]))["parked_reason"]


async def test_a_preview_of_a_run_has_no_effect(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID, renew: Renew
) -> None:
    known = await subscribed(client, contact_id)
    trial = await subscribed(
        client, contact_id, trial_days=3, lines=[{"description": "Big", "unit_price": "5000"}]
    )
    ending = await subscribed(client, contact_id, interval="week")
    await client.post(f"/v1/subscriptions/{ending['id']}/cancel", json={"at": "period_end"})
    body = {"lines": [{"description": "Plan", "unit_price": "30"}], "policy": "next_period"}
    await client.post(f"/v1/subscriptions/{known['id']}/change", json=body)
    before = await events_of(service, who.workspace_id)
    # A month on, however long it is: before the trial's second billing.
    as_of = (datetime.fromisoformat(known["next_billing_at"]) + timedelta(hours=1)).isoformat()

    wanted = {"as_of": as_of, "first_bill_above_minor": 100_000, "change_above_percent": 50}
    reply = await client.post("/v1/renewal-runs/preview", json=wanted)

    found = reply.json()
    of = {one["subscription_id"]: one for one in found["subscriptions"]}
    assert (found["is_complete"], found["subscription_count"], found["ended_count"]) == (True, 3, 1)
    assert found["totals"] == [
        {"currency": "EUR", "subscription_count": 3, "period_count": 2, "amount_minor": 503_000}
    ]
    assert (of[known["id"]]["amount_minor"], of[known["id"]]["difference_minor"]) == (3000, 2000)
    assert of[known["id"]]["anomalies"] == ["change_above"]
    assert of[trial["id"]]["anomalies"] == ["first_bill_above"]
    assert of[trial["id"]]["last_amount_minor"] is None
    assert of[ending["id"]]["outcome"] == "ended"
    assert found["anomaly_count"] == 2
    assert await events_of(service, who.workspace_id) == before
    assert (await client.get("/v1/renewal-runs")).json()["data"] == []


async def test_past_due_goes_on_being_billed(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID, renew: Renew
) -> None:
    made = await subscribed(client, contact_id, interval="week")
    async with begin(service.parts.worker) as unit:
        work = unit.within(who.workspace_id, Clock())
        await standing.mark_past_due(work, UUID(made["id"]))
        repeated = await standing.mark_past_due(work, UUID(made["id"]))

    await renew(datetime.fromisoformat(made["next_billing_at"]))

    late = await fetched(client, made["id"])
    assert repeated
    assert repeated.version == made["version"] + 1
    assert (late["status"], len(await periods(client, made["id"]))) == ("past_due", 2)

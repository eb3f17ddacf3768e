"""Sending again in bulk, and the figures of an endpoint."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared.testing.eventually import eventually
from tests.integration.webhook_delivery.conftest import (
    Receiver,
    a_message,
    an_endpoint,
    are,
    listed,
)

LONG_AGO = (datetime.now(UTC) - timedelta(days=1)).isoformat()


async def ended(client: httpx.AsyncClient, path: str, job: httpx.Response) -> dict[str, Any]:
    """The job once it runs no more."""
    assert job.status_code == 202, job.text

    async def read() -> Any:
        found = (await client.get(f"{path}/jobs/{job.json()['id']}")).json()
        return found if found["status"] != "running" else None

    return dict(await eventually(read, 15))


async def test_held_deliveries_are_recovered_under_their_own_ids(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(client, receiver.url)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    await client.post(f"{path}/disable")
    published = [await a_message(client) for _ in range(3)]
    held = {one["id"] for one in await listed(client, "/v1/deliveries", state="held")}
    await client.post(f"{path}/enable")

    job = await ended(client, path, await client.post(f"{path}/recover", json={"since": LONG_AGO}))

    assert (job["status"], job["total_count"], job["queued_count"]) == ("done", 3, 3)
    await eventually(lambda: are(client, "delivered", "delivered", "delivered"))
    assert {one["id"] for one in await listed(client, "/v1/deliveries")} == held
    ids = {one.headers["webhook-id"] for one in receiver.received}
    assert ids == {one["webhook_id"] for one in published}
    [delivery] = [one for one in await listed(client, "/v1/deliveries") if one["id"] == min(held)]
    attempts = await listed(client, f"/v1/deliveries/{delivery['id']}/attempts")
    assert [one["kind"] for one in attempts] == ["manual"]


async def test_a_new_endpoint_gets_what_it_missed_and_nothing_twice(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    before = [await a_message(client) for _ in range(3)]
    await a_message(client, "parcel.created")
    endpoint = await an_endpoint(client, receiver.url, event_types=["order.*"])
    after = await a_message(client)
    await receiver.wait(1)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"

    job = await ended(client, path, await client.post(f"{path}/replay", json={"since": LONG_AGO}))
    await receiver.wait(4)

    assert (job["status"], job["seen_count"], job["queued_count"]) == ("done", 5, 3)
    assert sorted(one.headers["webhook-id"] for one in receiver.received) == sorted(
        one["webhook_id"] for one in [*before, after]
    )
    await eventually(lambda: are(client, *["delivered"] * 4))
    everything = await client.post(f"{path}/replay", json={"since": LONG_AGO, "only_missing": False})
    assert (await ended(client, path, everything))["queued_count"] == 4
    await receiver.wait(8)
    assert [one["kind"] for one in await listed(client, f"{path}/jobs")] == ["replay", "replay"]


async def test_one_job_of_an_endpoint_runs_at_a_time_and_can_be_cancelled(
    api_client: httpx.AsyncClient,
) -> None:
    endpoint = await an_endpoint(api_client, "https://example.com/")
    path = f"/v1/webhook-endpoints/{endpoint['id']}"

    first = await api_client.post(f"{path}/replay", json={"since": LONG_AGO})
    second = await api_client.post(f"{path}/recover", json={"since": LONG_AGO})
    cancelled = await api_client.post(f"{path}/jobs/{first.json()['id']}/cancel")
    again = await api_client.post(f"{path}/jobs/{first.json()['id']}/cancel")
    third = await api_client.post(f"{path}/recover", json={"since": LONG_AGO, "states": ["held"]})

    assert (first.status_code, second.json()["code"]) == (202, "job_running")
    assert (cancelled.json()["status"], again.json()["code"]) == ("cancelled", "illegal_move")
    assert third.json()["states"] == ["held"]


async def test_a_job_that_cannot_run_is_refused(api_client: httpx.AsyncClient) -> None:
    endpoint = await an_endpoint(api_client, "https://example.com/")
    path = f"/v1/webhook-endpoints/{endpoint['id']}"

    backward = await api_client.post(
        f"{path}/replay", json={"since": "2026-02-01T00:00:00Z", "until": LONG_AGO[:4] + "-01-01T00:00:00Z"}
    )
    delivered = await api_client.post(f"{path}/recover", json={"since": LONG_AGO, "states": ["delivered"]})
    await api_client.post(f"{path}/disable")
    disabled = await api_client.post(f"{path}/recover", json={"since": LONG_AGO})

    assert (backward.status_code, backward.json()["errors"][0]["pointer"]) == (422, "/since")
    assert (delivered.status_code, delivered.json()["errors"][0]["pointer"]) == (422, "/states")
    assert disabled.json()["code"] == "webhook_endpoint_disabled"


async def test_the_figures_of_an_endpoint(client: httpx.AsyncClient, receiver: Receiver) -> None:
    receiver.script = [200, 500]
    endpoint = await an_endpoint(client, receiver.url)
    for _ in range(2):
        await a_message(client)
    await receiver.wait(3, timeout_seconds=12)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"

    async def all_three() -> Any:
        found = (await client.get(f"{path}/stats")).json()
        return found if found["attempt_count"] == 3 else None

    stats = await eventually(all_three)

    assert (stats["success_count"], stats["outcomes"]) == (2, {"200": 2, "500": 1})
    assert (stats["pending_count"], stats["held_count"], stats["head_age_seconds"]) == (0, 0, None)
    assert stats["p50_ms"] <= stats["p99_ms"]
    assert stats["last_failure_at"] < stats["last_success_at"]


async def test_deliveries_are_listed_by_time(client: httpx.AsyncClient, receiver: Receiver) -> None:
    await an_endpoint(client, receiver.url)
    await a_message(client)
    await eventually(lambda: are(client, "delivered"))
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

    assert await are(client, "delivered", since=LONG_AGO, until=later)
    assert await are(client, since=later)
    assert await are(client, until=LONG_AGO)

"""Endpoints that fail for long: notices, the end, recovery."""

import json
from typing import Any

import httpx
import pytest

from shared.testing.eventually import eventually
from tests.integration.webhook_delivery.conftest import Receiver, a_message, an_endpoint, fetch, listening

DAY_AGO = "UPDATE webhook_delivery.endpoint SET failing_since = now() - interval '{}', failure_count = {}"


async def told(receiver: Receiver, type_: str) -> dict[str, Any]:
    """The notice of this type, once it has come."""

    def find() -> Any:
        bodies = [json.loads(one.body) for one in receiver.received]
        return [body for body in bodies if body["type"] == type_]

    [notice] = await eventually(find, 15)
    return dict(notice["data"])


@pytest.mark.parametrize(
    "failing_for, type_, health",
    [
        ("25 hours", "webhook_endpoint.failing", "failing"),
        ("61 hours", "webhook_endpoint.disable_warning", "warned"),
        ("121 hours", "webhook_endpoint.disabled", "sound"),
    ],
)
async def test_who_listens_is_told_of_an_endpoint_that_fails(
    client: httpx.AsyncClient, receiver: Receiver, databases: Any, failing_for: str, type_: str, health: str
) -> None:
    async with listening() as watching:
        receiver.script = [500] * 2
        endpoint = await an_endpoint(client, receiver.url, event_types=["order.*", "webhook_endpoint.*"])
        await an_endpoint(client, watching.url, event_types=["webhook_endpoint.*"])
        await fetch(
            databases, DAY_AGO.format(failing_for, 20) + f" WHERE id = '{endpoint['id']}' RETURNING id"
        )
        await a_message(client)

        notice = await told(watching, type_)

    shown = (await client.get(f"/v1/webhook-endpoints/{endpoint['id']}")).json()
    assert (notice["id"], notice["failure_count"], shown["health"]) == (endpoint["id"], 21, health)
    assert notice["version"] == shown["version"] == 2
    assert (shown["status"] == "disabled") == (type_ == "webhook_endpoint.disabled")
    # An endpoint that fails is not told so itself.
    assert {json.loads(one.body)["type"] for one in receiver.received} == {"order.packed"}


async def test_who_listens_is_told_that_an_endpoint_is_back(
    client: httpx.AsyncClient, receiver: Receiver, databases: Any
) -> None:
    async with listening() as watching:
        receiver.script = [500]
        endpoint = await an_endpoint(client, receiver.url, event_types=["order.*"])
        await an_endpoint(client, watching.url, event_types=["webhook_endpoint.*"])
        await fetch(
            databases, DAY_AGO.format("25 hours", 20) + f" WHERE id = '{endpoint['id']}' RETURNING id"
        )
        await a_message(client)
        await told(watching, "webhook_endpoint.failing")

        back = await told(watching, "webhook_endpoint.recovered")

    shown = (await client.get(f"/v1/webhook-endpoints/{endpoint['id']}")).json()
    assert (back["failing_since"], back["failure_count"], back["version"]) == (None, 0, 3)
    assert (shown["health"], shown["disables_at"]) == ("sound", None)


async def test_who_listens_is_told_of_a_message_that_was_given_up(
    client: httpx.AsyncClient, receiver: Receiver, databases: Any
) -> None:
    async with listening() as watching:
        receiver.script = [500, 503]
        endpoint = await an_endpoint(client, receiver.url, event_types=["order.*", "message.*"])
        await an_endpoint(client, watching.url, event_types=["message.exhausted"])
        message = await a_message(client)
        await receiver.wait()
        await eventually(
            lambda: fetch(
                databases,
                "UPDATE webhook_delivery.delivery_due SET attempt = 9, due_at = now() "
                "WHERE attempt = 1 RETURNING id",
            )
        )

        notice = await told(watching, "message.exhausted")

    assert notice["message_id"] == message["id"]
    assert (notice["endpoint_id"], notice["attempt_count"], notice["last_status"]) == (
        endpoint["id"],
        10,
        503,
    )
    assert len(receiver.received) == 2


async def test_an_endpoint_that_fails_ten_times_in_a_row_is_left_alone(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.script = [500] * 100
    await an_endpoint(client, receiver.url, max_concurrency=2)
    for _ in range(30):
        await a_message(client)

    await receiver.wait(10)
    await eventually(lambda: _pending_without_attempt(client, 18))

    assert len(receiver.received) <= 12


async def _pending_without_attempt(client: httpx.AsyncClient, count: int) -> bool:
    found = (await client.get("/v1/deliveries", params={"state": "pending"})).json()["data"]
    return sum(one["attempt_count"] == 0 for one in found) >= count

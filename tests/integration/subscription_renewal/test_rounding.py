"""Subscriptions round as their business does, also those that run when it begins to round in another way."""

from datetime import datetime, timedelta
from uuid import UUID

import httpx

from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.subscription_renewal.conftest import (
    Renew,
    a_business,
    a_contact,
    fetched,
    periods,
    subscribed,
)

LINES = [{"description": "Plan", "quantity": "1", "unit_price": "10.125"}]


async def test_a_change_of_rounding_counts_for_running_subscriptions(
    service: RunningService, client: httpx.AsyncClient, who: Principal, contact_id: UUID, renew: Renew
) -> None:
    running = await subscribed(client, contact_id, lines=LINES)
    assert [one["amount_minor"] for one in await periods(client, running["id"])] == [1013]

    await a_business(service, who.workspace_id, version=2, rounding_mode="half_even")
    due = datetime.fromisoformat(running["next_billing_at"])
    wanted = {"as_of": due.isoformat()}
    forecast = (await client.post("/v1/renewal-runs/preview", json=wanted)).json()
    change = {"lines": [{**LINES[0], "unit_price": "10.145"}], "policy": "next_period"}
    preview = (await client.post(f"/v1/subscriptions/{running['id']}/preview", json=change)).json()
    await renew(due + timedelta(seconds=1))

    assert [one["amount_minor"] for one in forecast["subscriptions"]] == [1012]
    assert preview["next_invoice"]["amount_minor"] == 1014
    assert [one["amount_minor"] for one in await periods(client, running["id"])] == [1013, 1012]
    after = (await client.post("/v1/renewal-runs/preview", json={"as_of": _later(due)})).json()
    assert after["subscriptions"][0]["last_amount_minor"] == 1012
    assert (await fetched(client, running["id"]))["status"] == "active"


async def test_an_older_profile_that_comes_late_changes_nothing(
    service: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    await a_business(service, who.workspace_id, version=3, rounding_mode="half_even")
    await a_business(service, who.workspace_id, version=2)
    contact_id = await a_contact(service, who.workspace_id)

    made = await subscribed(client, contact_id, lines=LINES)

    assert [one["amount_minor"] for one in await periods(client, made["id"])] == [1012]


async def test_another_workspace_rounds_by_itself(
    service: RunningService, client: httpx.AsyncClient, contact_id: UUID
) -> None:
    await a_business(service, new_id(), rounding_mode="half_even")

    made = await subscribed(client, contact_id, lines=LINES)

    assert [one["amount_minor"] for one in await periods(client, made["id"])] == [1013]


def _later(due: datetime) -> str:
    return (due + timedelta(days=45)).isoformat()

"""Subscriptions over HTTP: created, listed, changed in status."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.subscription_renewal.conftest import (
    Renew,
    a_contact,
    a_product,
    events_of,
    fetched,
    periods,
    subscribed,
)

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"interval": "fortnight"}, "/interval"),
    ({"interval_count": 0}, "/interval_count"),
    ({"timezone": "Europe/Nowhere"}, "/timezone"),
    ({"currency": "XXX"}, "/currency"),
    ({"lines": []}, "/lines"),
    ({"lines": [{"unit_price": "1"}]}, "/lines/0/description"),
    ({"lines": [{"description": "x"}]}, "/lines/0/unit_price"),
    ({"lines": [{"description": "x", "unit_price": "-1"}]}, "/lines"),
    ({"lines": [{"description": "x", "unit_price": "1", "tax_category": "S"}]}, "/lines/0/tax_rate"),
    ({"lines": [{"description": "x", "unit_price": "9e11", "quantity": 10000}]}, "/lines/0"),
    ({"quantity": 2}, ""),
    ({"trial_days": -1}, "/trial_days"),
    ({"start_at": "2026-04-11"}, "/start_at"),
    ({"start_at": "0001-01-01T00:00:00Z"}, "/start_at"),
    ({"status": "active"}, "/status"),
]


async def test_a_subscription_is_billed_as_soon_as_it_is_created(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID
) -> None:
    start = datetime.now(UTC) - timedelta(seconds=1)

    made = await subscribed(client, contact_id, start_at=start.isoformat(), external_id="S-1")

    billed = await periods(client, made["id"])
    assert made["status"] == "active"
    assert datetime.fromisoformat(made["current_period_start"]) == start
    assert made["current_period_end"] == made["next_billing_at"]
    assert [(row["reason"], row["amount_minor"]) for row in billed] == [("cycle", 1000)]
    assert billed[0]["period_end"] == made["current_period_end"]
    assert await events_of(service, who.workspace_id) == [
        ("subscription.created", 1),
        ("subscription.updated", 2),
        ("subscription.renewed", 2),
    ]


async def test_a_product_gives_its_price_of_today(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID
) -> None:
    product = await a_product(service, who.workspace_id, unit_price="89.50", currency="USD")

    made = await subscribed(client, contact_id, product_id=str(product.id), quantity=3)

    (line,) = made["lines"]
    assert made["currency"] == "USD"
    assert (line["description"], line["quantity"], line["unit_price"]) == ("Licentie", "3", "89.5")
    assert (line["tax_rate"], line["tax_behavior"], line["product_id"]) == (
        "21",
        "inclusive",
        str(product.id),
    )
    assert (await periods(client, made["id"]))[0]["amount_minor"] == 26850


async def test_a_trial_is_billed_when_it_ends(
    client: httpx.AsyncClient, contact_id: UUID, renew: Renew
) -> None:
    made = await subscribed(client, contact_id, trial_days=14)
    end = datetime.fromisoformat(made["trial_end"])

    await renew(end - timedelta(seconds=1))
    during = await fetched(client, made["id"])
    await renew(end)

    after = await fetched(client, made["id"])
    assert (made["status"], made["next_billing_at"]) == ("trialing", made["trial_end"])
    assert during["version"] == made["version"]
    assert after["status"] == "active"
    assert after["current_period_start"] == made["trial_end"]
    assert len(await periods(client, made["id"])) == 1


async def test_a_subscription_in_the_future_is_not_billed_before_it_starts(
    client: httpx.AsyncClient, contact_id: UUID, renew: Renew
) -> None:
    start = datetime.now(UTC) + timedelta(days=3)

    made = await subscribed(client, contact_id, start_at=start.isoformat())
    await renew(start - timedelta(seconds=1))
    before = await periods(client, made["id"])
    await renew(start)

    assert made["current_period_start"] is None
    assert before == []
    assert len(await periods(client, made["id"])) == 1


async def test_a_start_in_the_past_is_billed_by_its_policy(
    client: httpx.AsyncClient, contact_id: UUID
) -> None:
    start = datetime.now(UTC) - timedelta(days=7 * 5 + 1)

    for catch_up, count, is_parked in (("all", 3, True), ("latest", 1, False), ("forgive", 0, False)):
        made = await subscribed(
            client, contact_id, interval="week", start_at=start.isoformat(), catch_up=catch_up
        )

        assert len(await periods(client, made["id"])) == count
        assert (made["parked_reason"] is not None) == is_parked
        goes_on_at = start + timedelta(days=21 if is_parked else 42)
        assert datetime.fromisoformat(made["next_billing_at"]) == goes_on_at


async def test_a_wrong_field_is_named(client: httpx.AsyncClient, contact_id: UUID) -> None:
    lines = [{"description": "Plan", "unit_price": "10"}]

    for body, pointer in WRONG:
        whole = {"contact_id": str(contact_id), "interval": "month", "lines": lines, **body}
        reply = await client.post("/v1/subscriptions", json=whole)

        assert reply.status_code == 422, (body, reply.text)
        assert reply.json()["errors"][0]["pointer"] == pointer


async def test_an_external_id_is_taken_once(client: httpx.AsyncClient, contact_id: UUID) -> None:
    await subscribed(client, contact_id, external_id="S-1")

    lines = [{"description": "Plan", "unit_price": "10"}]
    body = {"contact_id": str(contact_id), "interval": "month", "lines": lines, "external_id": "S-1"}
    reply = await client.post("/v1/subscriptions", json=body)

    assert reply.status_code == 409
    assert reply.json()["code"] == "subscription_external_id_taken"


async def test_an_archived_contact_is_not_billed(
    client: httpx.AsyncClient, service: RunningService, who: Principal
) -> None:
    gone = await a_contact(service, who.workspace_id, archived_at=datetime.now(UTC))

    lines = [{"description": "Plan", "unit_price": "10"}]
    body = {"contact_id": str(gone), "interval": "month", "lines": lines}
    reply = await client.post("/v1/subscriptions", json=body)

    assert (reply.status_code, reply.json()["code"]) == (409, "contact_archived")


async def test_a_list_is_filtered(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID
) -> None:
    product = await a_product(service, who.workspace_id)
    other = await a_contact(service, who.workspace_id, name="Pietersen")
    plain = await subscribed(client, contact_id, external_id="a")
    licence = await subscribed(client, other, product_id=str(product.id), interval="year")
    await client.post(f"/v1/subscriptions/{plain['id']}/pause")
    soon = (datetime.now(UTC) + timedelta(days=200)).isoformat()

    async def ids(**query: Any) -> list[str]:
        reply = await client.get("/v1/subscriptions", params=query)
        assert reply.status_code == 200, reply.text
        return [one["id"] for one in reply.json()["data"]]

    assert await ids() == [licence["id"], plain["id"]]
    assert await ids(status="paused,canceled") == [plain["id"]]
    assert await ids(status="active") == [licence["id"]]
    assert await ids(contact_id=str(other)) == [licence["id"]]
    assert await ids(external_id="a") == [plain["id"]]
    assert await ids(product_id=str(product.id)) == [licence["id"]]
    assert await ids(next_billing_from=soon) == [licence["id"]]
    assert await ids(next_billing_before=soon) == []
    assert await ids(parked="true") == []
    assert await ids(q="pieter") == [licence["id"]]
    assert (await client.get("/v1/subscriptions?status=gone")).status_code == 422


async def test_a_change_may_name_the_version_that_it_was_made_from(
    client: httpx.AsyncClient, contact_id: UUID
) -> None:
    made = await subscribed(client, contact_id)
    path = f"/v1/subscriptions/{made['id']}"

    stale = await client.patch(path, json={"metadata": {"a": "b"}}, headers={"if-match": '"1"'})
    fresh = await client.patch(path, json={"metadata": {"a": "b"}}, headers={"if-match": '"2"'})

    assert stale.status_code == 412
    assert (fresh.status_code, fresh.headers["etag"], fresh.json()["metadata"]) == (200, '"3"', {"a": "b"})


async def test_a_pause_with_its_anchor_skips_what_began_meanwhile(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID, renew: Renew
) -> None:
    made = await subscribed(client, contact_id)
    end = datetime.fromisoformat(made["next_billing_at"])

    paused = (await client.post(f"/v1/subscriptions/{made['id']}/pause")).json()
    await renew(end + timedelta(days=1))
    resumed = (await client.post(f"/v1/subscriptions/{made['id']}/resume")).json()

    assert (paused["status"], paused["next_billing_at"]) == ("paused", None)
    assert (resumed["status"], resumed["next_billing_at"]) == ("active", made["next_billing_at"])
    assert resumed["paused_at"] is None
    assert len(await periods(client, made["id"])) == 1


async def test_a_cancellation_at_the_periods_end_can_be_taken_back(
    client: httpx.AsyncClient, contact_id: UUID, renew: Renew
) -> None:
    made = await subscribed(client, contact_id)
    path, end = f"/v1/subscriptions/{made['id']}", datetime.fromisoformat(made["next_billing_at"])

    first = (await client.post(f"{path}/cancel", json={"at": "period_end"})).json()
    back = (await client.post(f"{path}/resume")).json()
    again = (await client.patch(path, json={"cancel_at_period_end": True})).json()
    await renew(end)

    ended = await fetched(client, made["id"])
    assert (first["status"], first["cancel_at_period_end"]) == ("active", True)
    assert (back["cancel_at_period_end"], back["canceled_at"]) == (False, None)
    assert again["cancel_at_period_end"]
    assert (ended["status"], ended["next_billing_at"]) == ("ended", None)
    assert datetime.fromisoformat(ended["ended_at"]) == end
    assert len(await periods(client, made["id"])) == 1


async def test_a_status_is_patched_as_other_systems_do_it(
    client: httpx.AsyncClient, contact_id: UUID
) -> None:
    made = await subscribed(client, contact_id)
    path = f"/v1/subscriptions/{made['id']}"

    replies = [
        await client.patch(path, json={"status": status})
        for status in ("active", "paused", "active", "canceled", "canceled", "active")
    ]

    shown = [(reply.status_code, reply.json().get("status")) for reply in replies]
    assert shown[:3] == [(200, "active"), (200, "paused"), (200, "active")]
    assert shown[3:] == [(200, "canceled"), (200, "canceled"), (409, 409)]


async def test_a_canceled_subscription_only_keeps_its_notes(
    client: httpx.AsyncClient, contact_id: UUID
) -> None:
    made = await subscribed(client, contact_id)
    path = f"/v1/subscriptions/{made['id']}"
    await client.post(f"{path}/cancel")

    noted = await client.patch(path, json={"metadata": {"why": "moved"}})
    terms = await client.patch(path, json={"payment_terms_days": 5})
    change = await client.post(f"{path}/change", json={"quantity": 2})

    assert noted.status_code == 200
    assert (terms.status_code, terms.json()["code"]) == (409, "subscription_is_over")
    assert (change.status_code, change.json()["code"]) == (409, "subscription_is_over")


async def test_another_workspace_sees_nothing(
    client: httpx.AsyncClient, service: RunningService, contact_id: UUID, a_principal: Any
) -> None:
    made = await subscribed(client, contact_id)

    async with service.client(a_principal()) as stranger:
        replies = [
            await stranger.get(f"/v1/subscriptions/{made['id']}"),
            await stranger.get(f"/v1/subscriptions/{made['id']}/periods"),
            await stranger.post(f"/v1/subscriptions/{made['id']}/cancel"),
            await stranger.patch(f"/v1/subscriptions/{made['id']}", json={"metadata": {}}),
        ]
        listed = (await stranger.get("/v1/subscriptions")).json()["data"]

    assert [reply.status_code for reply in replies] == [404] * 4
    assert listed == []


async def test_a_scope_is_needed(service: RunningService, a_principal: Any) -> None:
    async with service.client(a_principal(scopes=frozenset({"invoices:*"}))) as stranger:
        replies = [
            await stranger.get("/v1/subscriptions"),
            await stranger.get("/v1/renewal-runs"),
            await stranger.post(f"/v1/subscriptions/{new_id()}/pause"),
        ]

    assert [reply.status_code for reply in replies] == [403] * 3

"""Calendars, ends and credits of subscriptions through the public API, on a sandbox's clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from shared.testing.eventually import eventually
from tests.journeys.conftest import a_contact, advanced, created, receiving, until_status
from tests.journeys.test_time_machine import a_card

ZONE = ZoneInfo("Europe/Amsterdam")


def _on(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2031, month, day, hour, tzinfo=ZONE)


def _lines(price: str, rate: int = 0) -> list[dict[str, Any]]:
    return [{"description": "Plan", "quantity": "1", "unit_price": price, "tax_rate": rate}]


async def _subscribed(client: httpx.AsyncClient, price: str, start: datetime, **fields: Any) -> str:
    """The path of a monthly subscription of a new contact."""
    contact_id = fields.pop("contact_id", None) or (await a_contact(client))["id"]
    given = {"contact_id": contact_id, "currency": "EUR", "interval": "month", "timezone": "Europe/Amsterdam"}
    lines = fields.pop("lines", _lines(price))
    body = {**given, "lines": lines, "start_at": start.isoformat(), **fields}
    return f"/v1/subscriptions/{(await created(client, '/v1/subscriptions', body))['id']}"


async def _post(client: httpx.AsyncClient, path: str, body: dict[str, Any], status: int = 200) -> Any:
    reply = await client.post(path, json=body)
    assert reply.status_code == status, reply.text
    return reply.json()


async def _billed(client: httpx.AsyncClient, path: str) -> list[tuple[str, str, int]]:
    rows = (await client.get(f"{path}/periods")).json()["data"]
    return [(_day(row["period_start"]), _day(row["period_end"]), row["amount_minor"]) for row in rows[::-1]]


async def _days(client: httpx.AsyncClient, path: str) -> list[str]:
    return [start[5:10] for start, _, _ in await _billed(client, path)]


def _day(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


async def test_credit_that_no_invoice_took_is_the_contacts_when_the_subscription_stops(
    make_workspace: Callable[..., Any],
) -> None:
    sandbox: httpx.AsyncClient = await make_workspace(mode="sandbox")
    contact = await a_contact(sandbox)
    async with receiving(sandbox) as receiver:
        plan = {"contact_id": contact["id"], "lines": _lines("300", 21)}
        now, later = [await _subscribed(sandbox, "", _on(4, 1), **plan) for _ in range(2)]
        await advanced(sandbox, _on(4, 16))
        smaller = {"lines": _lines("30", 21), "proration": "day"}
        for path in (now, later):
            await _post(sandbox, f"{path}/change", smaller)
        # A larger one again: the card is not asked while credit waits, and the same once more does nothing.
        larger = await _post(sandbox, f"{later}/change", {**smaller, "lines": _lines("60", 21)})
        again = await _post(sandbox, f"{later}/change", {**smaller, "lines": _lines("60", 21)})

        canceled = await _post(sandbox, f"{now}/cancel", {"at": "now"})
        await _post(sandbox, f"{later}/cancel", {"at": "period_end"})
        await advanced(sandbox, _on(5, 2))
        released = await eventually(
            lambda: _as_list(receiver.of_type("subscription.credit_released"), 2), timeout_seconds=60
        )

    assert again["version"] == larger["version"]
    assert (canceled["status"], canceled["pending_lines"]) == ("canceled", [])
    # 150.00 back and 15.00 for the smaller plan; of the other 30.00 instead of 15.00, from the 16th on.
    credits = sorted(one["data"]["release"]["amount_minor"] for one in released)
    assert credits == [(15000 - 3000) * 121 // 100, (15000 - 1500) * 121 // 100]
    assert [await _billed(sandbox, path) for path in (now, later)] == [
        [("2031-04-01 00:00", "2031-05-01 00:00", 30000)]
    ] * 2
    query = {"contact_id": contact["id"]}
    [balance] = (await sandbox.get("/v1/credit-balances", params=query)).json()["data"]
    assert balance["amount_minor"] == sum(credits)
    invoice = {"contact_id": contact["id"], "status": "open", "lines": _lines("50", 21)}
    made = await created(sandbox, "/v1/invoices", invoice)
    await until_status(sandbox, made["id"], "paid")
    [balance] = (await sandbox.get("/v1/credit-balances", params=query)).json()["data"]
    assert balance["amount_minor"] == sum(credits) - 6050


async def test_no_billing_day_moves_that_nobody_moved(make_workspace: Callable[..., Any]) -> None:
    sandbox: httpx.AsyncClient = await make_workspace(mode="sandbox")
    missed_since = _on(1, 10) - timedelta(days=400)
    trial = await _subscribed(sandbox, "30", _on(3, 2), trial_days=30)
    month_end = await _subscribed(sandbox, "30", _on(1, 31))
    await advanced(sandbox, _on(1, 10))
    daily = await _subscribed(sandbox, "1", missed_since, interval="day", catch_up="forgive")
    yearly = {"lines": _lines("300"), "policy": "reset_anchor", "interval": "year"}
    preview = await _post(sandbox, f"{daily}/preview", yearly)
    await _post(sandbox, f"{daily}/change", yearly)

    await advanced(sandbox, _on(2, 10))
    await _post(sandbox, f"{month_end}/pause", {"keep_anchor": False})
    await _post(sandbox, f"{month_end}/resume", {})
    await advanced(sandbox, _on(3, 20))
    shifted = await _subscribed(sandbox, "30", _on(3, 1))
    await _post(sandbox, f"{shifted}/pause", {"keep_anchor": False})
    paused_at = (await sandbox.get(shifted)).json()["paused_at"]
    await advanced(sandbox, datetime.fromisoformat(paused_at).astimezone(ZONE) + timedelta(days=10))
    await _post(sandbox, f"{shifted}/resume", {})
    await advanced(sandbox, _on(6, 15))

    [(start, end, amount)] = await _billed(sandbox, daily)
    assert (start[:10], end[:10], amount) == ("2031-01-10", "2032-01-10", 30000)
    assert preview["invoiced_now_minor"] == 30000
    assert preview["subscription"]["next_billing_at"][:10] == _utc(end)[:10]
    # The clocks change on 30 March, within the trial and within the pause.
    assert [row[0] for row in await _billed(sandbox, trial)] == [f"2031-{m:02}-01 00:00" for m in (4, 5, 6)]
    assert await _days(sandbox, month_end) == ["01-31", "02-28", "03-31", "04-30", "05-31"]
    assert await _days(sandbox, shifted) == ["03-01", "04-11", "05-11", "06-11"]


async def test_what_ends_ends_and_what_is_owed_stays_owed(make_workspace: Callable[..., Any]) -> None:
    sandbox: httpx.AsyncClient = await make_workspace(mode="sandbox")
    await advanced(sandbox, _on(4, 10))
    ending = await _subscribed(sandbox, "30", _on(4, 1))
    await _post(sandbox, f"{ending}/cancel", {"at": "period_end"})

    refused = [
        await _post(sandbox, f"{ending}/pause", {}, 409),
        await _post(sandbox, f"{ending}/change", {"quantity": 2, "policy": "reset_anchor"}, 409),
        await _post(sandbox, f"{ending}/preview", {"quantity": 2, "policy": "reset_anchor"}, 409),
    ]
    contact = await a_contact(sandbox)
    await a_card(sandbox, contact, "insufficient")
    charged = {"contact_id": contact["id"], "collection_method": "charge_automatically"}
    owing = await _subscribed(sandbox, "30", _on(4, 10), **charged)
    await eventually(lambda: _has_status(sandbox, owing, "past_due"), timeout_seconds=60)
    await _post(sandbox, f"{owing}/pause", {})
    resumed = await _post(sandbox, f"{owing}/resume", {})
    # It is heard of while it is paused: the card fails on the first day, the pause begins at once.
    paused = await _subscribed(sandbox, "30", _on(4, 10), **charged)
    await _post(sandbox, f"{paused}/pause", {})
    await eventually(lambda: _campaigns(sandbox, contact["id"], 2), timeout_seconds=60)
    late = await _post(sandbox, f"{paused}/resume", {})
    await advanced(sandbox, _on(5, 1, 1))

    assert {one["code"] for one in refused} == {"subscription_ends_with_its_period"}
    assert (resumed["status"], late["status"]) == ("past_due", "past_due")
    ended = (await sandbox.get(ending)).json()
    assert (ended["status"], _day(ended["ended_at"])) == ("ended", "2031-05-01 00:00")


async def _has_status(client: httpx.AsyncClient, path: str, status: str) -> bool:
    return bool((await client.get(path)).json()["status"] == status)


async def _campaigns(client: httpx.AsyncClient, contact_id: str, count: int) -> bool:
    reply = await client.get("/v1/dunning", params={"contact_id": contact_id})
    return len(reply.json()["data"]) >= count


async def _as_list(found: list[Any], count: int) -> list[Any] | None:
    return found if len(found) >= count else None


def _utc(local: str) -> str:
    return datetime.strptime(local, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE).astimezone(UTC).isoformat()

"""How a workspace reminds: its settings, through the API."""

from collections.abc import Callable
from typing import Any

import httpx

from shared.http.internal_auth import Principal
from shared.testing.service import RunningService

PATH = "/v1/reminder-settings"


async def test_nobody_is_reminded_unless_the_workspace_says_so(client: httpx.AsyncClient) -> None:
    reply = await client.get(PATH)

    settings = reply.json()
    assert (settings["enabled"], settings["preset"], settings["version"]) == (False, "standard", 1)
    assert [(one["level"], one["days_after_due"], one["channels"]) for one in settings["levels"]] == [
        (1, 3, ["email"]),
        (2, 10, ["email"]),
        (3, 21, ["email"]),
        (4, 35, []),
    ]
    assert settings["quiet_hours"] == {"from": "20:00", "until": "08:00"}
    assert reply.headers["etag"] == '"1"'


async def test_settings_are_changed_field_by_field(
    api: RunningService, a_principal: Callable[..., Principal]
) -> None:
    client, other = api.client(a_principal()), api.client(a_principal())
    levels = [
        {"level": 1, "days_after_due": -3, "channels": ["email", "sms"]},
        {"level": 3, "days_after_due": 14, "fee": {"amount_minor": 1000, "currency": "EUR"}},
    ]

    first = await client.patch(PATH, json={"enabled": True, "levels": levels, "quiet_hours": None})
    second = await client.patch(PATH, json={"business_days_only": True}, headers={"if-match": '"2"'})
    stale = await client.patch(PATH, json={"enabled": False}, headers={"if-match": '"2"'})
    shown = (await client.get(PATH)).json()

    assert (first.status_code, second.status_code, stale.status_code) == (200, 200, 412)
    assert (shown["enabled"], shown["preset"], shown["version"]) == (True, "custom", 3)
    assert shown["levels"][0] == {**levels[0], "fee": None}
    assert shown["levels"][1]["fee"] == {"amount_minor": 1000, "currency": "EUR"}
    assert (shown["quiet_hours"], shown["business_days_only"]) == (None, True)
    assert (await other.get(PATH)).json()["enabled"] is False


REFUSED: dict[str, dict[str, Any]] = {
    "/levels": {"preset": "firm", "levels": []},
    "/preset": {"preset": "harsh"},
    "/levels/0/level": {"levels": [{"level": 5, "days_after_due": 3}]},
    "/levels/0/channels": {"levels": [{"level": 4, "days_after_due": 3}]},
    "/levels/0/channels/0": {"levels": [{"level": 1, "days_after_due": 3, "channels": ["link"]}]},
    "/levels/0/fee/currency": {
        "levels": [{"level": 1, "days_after_due": 3, "fee": {"amount_minor": 1, "currency": "XXY"}}]
    },
    "/quiet_hours/from": {"quiet_hours": {"from": "24:00", "until": "08:00"}},
    "/quiet_hours/until": {"quiet_hours": {"from": "08:00", "until": "08:00"}},
    "/minimum_days_between": {"minimum_days_between": 0},
    "/enabled": {"enabled": None},
    "/counts_from": {"counts_from": "2026-01-01"},
}


async def test_settings_that_cannot_be_are_refused_by_their_field(client: httpx.AsyncClient) -> None:
    replies = {pointer: await client.patch(PATH, json=body) for pointer, body in REFUSED.items()}

    assert {reply.status_code for reply in replies.values()} == {422}
    assert [reply.json()["errors"][0]["pointer"] for reply in replies.values()] == list(REFUSED)
    assert (await client.get(PATH)).json()["version"] == 1

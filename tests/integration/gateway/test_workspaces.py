"""Workspaces are made by the admin token; what happens to them is announced."""

import json
from typing import Any

import asyncpg
import pytest

from tests.integration.gateway.conftest import ADMIN, Gateway, Workspace


async def _events(databases: Any) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(databases.admin_dsn)
    rows = await connection.fetch("SELECT payload FROM gateway.outbox ORDER BY position")
    await connection.close()
    return [json.loads(row["payload"]) for row in rows]


async def test_a_new_workspace_is_announced_and_its_key_works(gateway: Gateway, databases: Any) -> None:
    workspace = await gateway.create_workspace("acme", "live", zone="Europe/Oslo", currency="NOK")

    gateway.behind["invoice"].answer("GET /v1/contacts", 200, {"data": []})
    async with gateway.as_key(workspace.key) as client:
        reply = await client.get("/v1/contacts")

    assert reply.status_code == 200
    assert workspace.key.startswith("blg_live_")
    (event,) = await _events(databases)
    assert event["type"] == "workspace.created"
    assert event["workspaceid"] == event["subject"] == workspace.id
    assert event["data"]["zone"] == "Europe/Oslo"
    assert "blg_" not in json.dumps(event)


async def test_a_taken_slug_is_a_conflict(gateway: Gateway, workspace: Workspace) -> None:
    async with gateway.as_bearer(ADMIN) as admin:
        reply = await admin.post("/v1/workspaces", json={"slug": "acme", "name": "B", "mode": "live"})

    assert reply.status_code == 409
    assert reply.json()["code"] == "slug_taken"
    assert reply.json()["errors"][0]["pointer"] == "/slug"


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"slug": "No spaces"}, "/slug"),
        ({"name": ""}, "/name"),
        ({"mode": "test"}, "/mode"),
        ({"zone": "Mars/Olympus"}, "/zone"),
        ({"currency": "XXX"}, "/currency"),
        ({"colour": "red"}, "/colour"),
    ],
)
async def test_a_wrong_field_is_named(gateway: Gateway, fault: dict[str, str], pointer: str) -> None:
    async with gateway.as_bearer(ADMIN) as admin:
        body = {"slug": "acme", "name": "Acme", "mode": "live", **fault}
        reply = await admin.post("/v1/workspaces", json=body)

    assert reply.status_code == 422
    assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]


async def test_a_repeated_creation_makes_one_workspace_and_shows_its_key_once(
    gateway: Gateway, databases: Any
) -> None:
    body = {"slug": "once", "name": "Once", "mode": "sandbox"}
    async with gateway.as_bearer(ADMIN, **{"idempotency-key": "k-1"}) as admin:
        first = await admin.post("/v1/workspaces", json=body)
        second = await admin.post("/v1/workspaces", json=body)

    assert first.json()["api_key"]["key"].startswith("blg_test_")
    assert second.status_code == 201
    assert second.headers["idempotent-replayed"] == "true"
    assert second.json()["id"] == first.json()["id"]
    assert second.json()["api_key"] == {"id": first.json()["api_key"]["id"], "key": None}
    connection = await asyncpg.connect(databases.admin_dsn)
    stored = await connection.fetchval("SELECT body FROM gateway.idempotency_key")
    await connection.close()
    assert first.json()["api_key"]["key"].encode() not in stored


async def test_workspaces_are_listed_and_changed(gateway: Gateway, databases: Any) -> None:
    first = await gateway.create_workspace("first")
    await gateway.create_workspace("second")
    async with gateway.as_bearer(ADMIN) as admin:
        listed = (await admin.get("/v1/workspaces?include=total&limit=1")).json()
        rest = (await admin.get(f"/v1/workspaces?cursor={listed['meta']['next_cursor']}")).json()
        stale = await admin.patch(
            f"/v1/workspaces/{first.id}", json={"name": "New"}, headers={"if-match": '"7"'}
        )
        changed = await admin.patch(f"/v1/workspaces/{first.id}", json={"name": "New", "currency": "SEK"})
        same = await admin.patch(f"/v1/workspaces/{first.id}", json={"name": "New"})

    assert [one["slug"] for one in listed["data"] + rest["data"]] == ["second", "first"]
    assert listed["meta"]["total"] == 2
    assert stale.status_code == 412
    assert (changed.json()["name"], changed.json()["currency"], changed.json()["version"]) == (
        "New",
        "SEK",
        2,
    )
    assert (changed.headers["etag"], same.headers["etag"]) == ('"2"', '"2"')
    types = [(event["type"], event["sequence"]) for event in await _events(databases)]
    assert types == [("workspace.created", "1"), ("workspace.created", "1"), ("workspace.updated", "2")]


async def test_only_the_admin_token_opens_workspaces(gateway: Gateway, workspace: Workspace) -> None:
    async with gateway.service.client() as nobody, gateway.as_key(workspace.key) as key:
        without = await nobody.get("/v1/workspaces")
        with_key = await key.get("/v1/workspaces")
        wrong = await nobody.get("/v1/workspaces", headers={"authorization": f"Bearer {ADMIN}x"})
        elsewhere = await nobody.get("/v1/contacts", headers={"authorization": f"Bearer {ADMIN}"})

    assert [without.status_code, with_key.status_code, wrong.status_code] == [401, 403, 401]
    assert elsewhere.status_code == 401


async def test_a_sandbox_clock_is_sent_forward_only(
    gateway: Gateway, workspace: Workspace, databases: Any
) -> None:
    async with gateway.as_key(workspace.key) as client:
        before = (await client.get("/v1/sandbox/clock")).json()
        past = await client.post("/v1/sandbox/clock/advance", json={"to": "2020-01-31T00:00:00Z"})
        sent = await client.post("/v1/sandbox/clock/advance", json={"to": "2031-01-31T00:00:00+01:00"})
        further = await client.post("/v1/sandbox/clock/advance", json={"to": "2032-01-31T00:00:00Z"})
        back = await client.post("/v1/sandbox/clock/advance", json={"to": "2030-01-31T00:00:00Z"})
        far = await client.post("/v1/sandbox/clock/advance", json={"to": "9999-12-31T00:00:00Z"})
        naive = await client.post("/v1/sandbox/clock/advance", json={"to": "2032-01-31T00:00:00"})
        after = (await client.get("/v1/sandbox/clock")).json()

    assert before["now"] < "2031"
    assert (before["target"], before["progress"]) == (None, None)
    assert (sent.status_code, further.status_code) == (202, 202)
    assert sent.json()["target"] == "2031-01-30T23:00:00Z"
    assert after["target"] == further.json()["target"] == "2032-01-31T00:00:00Z"
    assert after["progress"] == {
        "began_at": sent.json()["progress"]["began_at"],
        "step_count": 0,
        "waits_for": [],
    }
    refused = [
        (reply.status_code, reply.json()["errors"][0]["pointer"]) for reply in (past, back, far, naive)
    ]
    assert refused == [(422, "/to")] * 4
    assert back.json()["code"] == "clock_target_moves_backwards"
    # Nothing is told of a target: what is told are the steps to it.
    assert [event["type"] for event in await _events(databases)] == ["workspace.created"]


async def test_a_live_clock_is_real_time(gateway: Gateway) -> None:
    workspace = await gateway.create_workspace("real", "live")
    async with gateway.as_key(workspace.key) as client:
        reply = await client.post("/v1/sandbox/clock/advance", json={"to": "2031-01-31T00:00:00Z"})

    assert (reply.status_code, reply.json()["code"]) == (409, "not_a_sandbox")

"""API keys: made, narrowed, revoked; each sees its own workspace alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.gateway.keys.domain import key_text
from shared.testing.eventually import eventually
from tests.integration.gateway.conftest import PEPPER, Gateway, Workspace


async def _create(gateway: Gateway, workspace: Workspace, **fields: Any) -> dict[str, Any]:
    async with gateway.as_key(workspace.key) as client:
        reply = await client.post("/v1/api-keys", json={"name": "Shop", **fields})
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


async def test_a_key_is_shown_once_and_stored_as_its_digest(
    gateway: Gateway, workspace: Workspace, databases: Any
) -> None:
    made = await _create(gateway, workspace, scopes=["invoices:read"])

    async with gateway.as_key(workspace.key) as client:
        shown = (await client.get(f"/v1/api-keys/{made['id']}")).json()
        listed = (await client.get("/v1/api-keys?include=total")).json()
    connection = await asyncpg.connect(databases.admin_dsn)
    digests = [row[0] for row in await connection.fetch("SELECT digest FROM gateway.api_key")]
    await connection.close()

    assert shown == {name: value for name, value in made.items() if name != "key"}
    assert (shown["prefix"], shown["last4"]) == (made["key"][:12], made["key"][-4:])
    assert listed["meta"]["total"] == 2
    assert key_text.digest(made["key"], PEPPER) in digests
    assert shown["scopes"] == ["invoices:read"]


async def test_a_repeated_creation_makes_one_key_and_keeps_no_secret(
    gateway: Gateway, workspace: Workspace
) -> None:
    async with gateway.as_key(workspace.key, **{"idempotency-key": "k-2"}) as client:
        first = (await client.post("/v1/api-keys", json={"name": "Shop"})).json()
        second = (await client.post("/v1/api-keys", json={"name": "Shop"})).json()

    assert first["key"]
    assert second == {**first, "key": None}


async def test_a_revoked_key_opens_nothing(gateway: Gateway, workspace: Workspace) -> None:
    made = await _create(gateway, workspace)
    async with gateway.as_key(made["key"]) as client, gateway.as_key(workspace.key) as owner:
        before = await client.get("/v1/api-keys")
        revoked = await owner.delete(f"/v1/api-keys/{made['id']}")
        again = await owner.delete(f"/v1/api-keys/{made['id']}")
        after = await client.get("/v1/api-keys")
        listed = (await owner.get("/v1/api-keys?revoked=true")).json()["data"]

    assert [reply.status_code for reply in (before, revoked, again, after)] == [200, 204, 204, 401]
    assert [one["id"] for one in listed] == [made["id"]]


async def test_a_key_cannot_give_scopes_that_it_lacks(gateway: Gateway, workspace: Workspace) -> None:
    made = await _create(gateway, workspace, scopes=["api-keys:*", "invoices:read"])
    async with gateway.as_key(made["key"]) as client:
        allowed = await client.post("/v1/api-keys", json={"name": "A", "scopes": ["invoices:read"]})
        refused = await client.post("/v1/api-keys", json={"name": "B", "scopes": ["payments:write"]})
        inherited = await client.post("/v1/api-keys", json={"name": "C"})

    assert allowed.status_code == 201
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (403, "/scopes")
    assert inherited.json()["scopes"] == ["api-keys:*", "invoices:read"]


async def test_a_key_without_the_scope_is_forbidden(gateway: Gateway, workspace: Workspace) -> None:
    made = await _create(gateway, workspace, scopes=["invoices:read"])
    async with gateway.as_key(made["key"]) as client:
        replies = [
            await client.get("/v1/api-keys"),
            await client.post("/v1/api-keys", json={"name": "X"}),
            await client.post("/v1/sandbox/clock/advance", json={"to": "2031-01-31T00:00:00Z"}),
        ]

    assert [reply.status_code for reply in replies] == [403, 403, 403]


async def test_another_workspaces_key_is_not_found(gateway: Gateway, workspace: Workspace) -> None:
    other = await gateway.create_workspace("other")
    made = await _create(gateway, workspace)
    async with gateway.as_key(other.key) as client:
        read = await client.get(f"/v1/api-keys/{made['id']}")
        revoked = await client.delete(f"/v1/api-keys/{made['id']}")
        listed = (await client.get("/v1/api-keys")).json()["data"]

    assert (read.status_code, revoked.status_code) == (404, 404)
    assert made["id"] not in [one["id"] for one in listed]


async def test_a_key_expires(gateway: Gateway, workspace: Workspace, databases: Any) -> None:
    made = await _create(gateway, workspace, expires_at="2199-01-01T00:00:00Z")
    connection = await asyncpg.connect(databases.admin_dsn)
    await connection.execute("UPDATE gateway.api_key SET expires_at = now() WHERE id = $1", made["id"])
    await connection.close()

    async with gateway.as_key(made["key"]) as client, gateway.as_key(workspace.key) as owner:
        used = await client.get("/v1/api-keys")
        late = await owner.post("/v1/api-keys", json={"name": "X", "expires_at": "2001-01-01T00:00:00Z"})

    assert used.status_code == 401
    assert (late.status_code, late.json()["errors"][0]["pointer"]) == (422, "/expires_at")


async def test_the_last_use_of_a_key_is_noted(gateway: Gateway, workspace: Workspace) -> None:
    made = await _create(gateway, workspace)
    async with gateway.as_key(made["key"]) as client:
        assert made["last_used_at"] is None

        async def is_noted() -> bool:
            return bool((await client.get(f"/v1/api-keys/{made['id']}")).json()["last_used_at"])

        await eventually(is_noted, timeout_seconds=5)


async def test_the_sign_in_role_reads_keys_and_workspaces_and_nothing_else(
    gateway: Gateway, workspace: Workspace, databases: Any
) -> None:
    connection = await asyncpg.connect(databases.auth_dsn())
    count = await connection.fetchval("SELECT count(*) FROM api_key JOIN workspace USING (workspace_id)")
    for statement in (
        "SELECT * FROM outbox",
        "SELECT * FROM idempotency_key",
        "UPDATE api_key SET revoked_at = NULL",
        "DELETE FROM workspace",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()

    assert count == 1


async def test_the_api_role_sees_no_workspace_but_its_own(gateway: Gateway, databases: Any) -> None:
    first = await gateway.create_workspace("first")
    await gateway.create_workspace("second")
    connection = await asyncpg.connect(databases.api_dsn("gateway"))
    async with connection.transaction():
        unset = await connection.fetchval("SELECT count(*) FROM api_key")
        await connection.execute("SELECT set_config('app.workspace_id', $1, true)", first.id)
        slugs = [row["slug"] for row in await connection.fetch("SELECT slug FROM workspace")]
        keys = await connection.fetchval("SELECT count(*) FROM api_key")
    await connection.close()

    assert (unset, slugs, keys) == (0, ["first"], 1)


async def test_a_key_that_expires_makes_none_that_lives_longer(
    gateway: Gateway, workspace: Workspace
) -> None:
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    short = await _create(gateway, workspace, expires_at=end.isoformat())
    eternal = await _create(gateway, workspace)
    later = (end + timedelta(seconds=1)).isoformat()

    async with gateway.as_key(short["key"]) as client:
        silent = await client.post("/v1/api-keys", json={"name": "A"})
        sooner = await client.post("/v1/api-keys", json={"name": "B", "expires_at": _minus(end, 60)})
        longer = await client.post("/v1/api-keys", json={"name": "C", "expires_at": later})
        replaced = await client.post(f"/v1/api-keys/{eternal['id']}/rotate", json={})
        stretched = await client.post(
            f"/v1/api-keys/{short['id']}/rotate", json={"expires_at": _minus(end, -1e6)}
        )
        again = await client.post(f"/v1/api-keys/{short['id']}/rotate", json={})

    assert _instant(silent.json()["expires_at"]) == end
    assert _instant(sooner.json()["expires_at"]) == end - timedelta(seconds=60)
    for refused in (longer, replaced, stretched):
        assert (refused.status_code, refused.json()["code"]) == (422, "key_outlives_its_maker")
        assert refused.json()["errors"][0]["pointer"] == "/expires_at"
    assert again.status_code == 201
    assert _instant(again.json()["expires_at"]) <= end + timedelta(minutes=1)


async def test_revoking_a_key_takes_its_scopes(gateway: Gateway, workspace: Workspace) -> None:
    keeper = await _create(gateway, workspace, scopes=["api-keys:write", "api-keys:read"])
    strong = await _create(gateway, workspace, scopes=["payments:write"])
    weak = await _create(gateway, workspace, scopes=["api-keys:read"])

    async with gateway.as_key(keeper["key"]) as client:
        refused = await client.delete(f"/v1/api-keys/{strong['id']}")
        done = await client.delete(f"/v1/api-keys/{weak['id']}")

    assert (refused.status_code, refused.json()["scope"]) == (403, "payments:write")
    assert done.status_code == 204
    async with gateway.as_key(strong["key"]) as client:
        assert (await client.get("/v1/payments")).status_code != 401


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _minus(end: datetime, seconds: float) -> str:
    return (end - timedelta(seconds=seconds)).isoformat()

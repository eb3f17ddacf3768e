"""Users' tokens by published keys, memberships with their roles, and keys that take the place of others."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
from joserfc import jwt

from services.gateway.edge.jwks import REFRESH_PAUSE_SECONDS
from tests.integration.gateway.conftest import Gateway, Workspace, a_token
from tests.unit.gateway.key_server import a_key, serving_keys

ISSUER = "https://issuer.example/"


def _token(key: Any, subject: str = "ada", **claims: Any) -> str:
    whole = {"iss": ISSUER, "aud": "billing", "sub": subject, "exp": int(time.time()) + 600, **claims}
    return jwt.encode({"alg": "ES256", "kid": key.kid}, whole, key, algorithms=["ES256"])


async def _status(gateway: Gateway, token: str, path: str = "/v1/contacts", method: str = "GET") -> int:
    async with gateway.as_bearer(token, **{"x-tenant-slug": "acme"}) as client:
        return (await client.request(method, path, json={} if method == "POST" else None)).status_code


async def test_an_issuer_rotates_its_keys_and_its_users_enter_by_their_roles(
    start_gateway: Callable[..., Any],
) -> None:
    first, second = a_key("first"), a_key("second")
    async with serving_keys(first) as server:
        issuer = {
            "issuer": ISSUER,
            "audience": "billing",
            "algorithms": ["ES256"],
            "jwks_url": server.url,
            "workspaces_claim": "app_metadata.workspaces",
            "default_role": "viewer",
        }
        gateway: Gateway = await start_gateway(
            JWT_ISSUERS=json.dumps([issuer]), JWKS_ALLOW_LOOPBACK="true", CREDENTIAL_CACHE_SECONDS="0"
        )
        gateway.behind["invoice"].answer("GET /v1/contacts", 200, {"data": []})
        await gateway.create_workspace()
        named = {"app_metadata": {"workspaces": {"acme": "owner"}}}
        listed = {"app_metadata": {"workspaces": ["acme"]}}
        unknown = {"app_metadata": {"workspaces": {"acme": "emperor"}}}

        opened = [await _status(gateway, _token(first, **claims)) for claims in (named, listed)]
        as_viewer = await _status(gateway, _token(first, **listed), "/v1/api-keys", "POST")
        as_owner = await _status(gateway, _token(first, **named), "/v1/api-keys", "POST")
        refused = [await _status(gateway, _token(first, **claims)) for claims in (unknown, {})]

        server.publish(second)
        issuers = gateway.service.app.state.gateway.authenticator.issuers
        issuers._by_name[ISSUER].find_key.__self__._tried_at -= REFRESH_PAUSE_SECONDS
        rotated = [await _status(gateway, _token(key, **named)) for key in (second, first)]

    assert opened == [200, 200]
    assert (as_viewer, as_owner) == (403, 422)
    assert refused == [403, 403]
    assert rotated == [200, 401]


MEMBER = {"issuer": "billing-local", "subject": "grace", "role": "viewer"}


async def test_a_member_enters_by_its_role_until_it_is_removed(
    gateway: Gateway, workspace: Workspace
) -> None:
    gateway.behind["invoice"].answer("GET /v1/contacts", 200, {"data": []})
    grace, eve = (a_token(sub=name, workspaces=None) for name in ("grace", "eve"))
    before = await _status(gateway, grace)
    async with gateway.as_key(workspace.key) as owner:
        made = await owner.post("/v1/memberships", json=MEMBER)
        seen = (await owner.get("/v1/memberships?include=total")).json()
        entered = await _status(gateway, grace)
        beyond = await _status(gateway, grace, "/v1/memberships", "POST")
        stranger = await _status(gateway, eve)
        removed = await owner.delete(f"/v1/memberships/{made.json()['id']}")
        again = await owner.delete(f"/v1/memberships/{made.json()['id']}")
    after = await _status(gateway, grace)

    assert (made.status_code, made.json()["scopes"]) == (201, ["*:read"])
    assert (seen["meta"]["total"], seen["data"]) == (1, [made.json()])
    assert (before, entered, beyond, stranger, after) == (403, 200, 403, 403, 403)
    assert (removed.status_code, again.status_code) == (204, 404)


async def test_who_may_not_be_let_in(gateway: Gateway, workspace: Workspace) -> None:
    other = await gateway.create_workspace("other")
    faults = ({"role": "emperor"}, {"issuer": "https://nobody.example"}, {"subject": ""}, {"colour": "red"})
    async with gateway.as_key(workspace.key) as owner:
        made = await owner.post("/v1/memberships", json=MEMBER)
        again = await owner.post("/v1/memberships", json=MEMBER)
        wrong = [await owner.post("/v1/memberships", json={**MEMBER, **fault}) for fault in faults]
        narrow = (await owner.post("/v1/api-keys", json={"name": "x", "scopes": ["memberships:*"]})).json()
    async with gateway.as_key(narrow["key"]) as lesser:
        beyond = await lesser.post("/v1/memberships", json={**MEMBER, "subject": "eve"})
    async with gateway.as_key(other.key) as foreigner:
        foreign = await foreigner.delete(f"/v1/memberships/{made.json()['id']}")
        listed = (await foreigner.get("/v1/memberships")).json()["data"]

    assert (again.status_code, again.json()["code"]) == (409, "already_member")
    assert [one.status_code for one in wrong] == [422] * 4
    assert [one.json()["errors"][0]["pointer"] for one in wrong] == [
        "/role",
        "/issuer",
        "/subject",
        "/colour",
    ]
    assert (beyond.status_code, beyond.json()["errors"][0]["pointer"]) == (403, "/role")
    assert (foreign.status_code, listed) == (404, [])


async def test_a_key_takes_anothers_place_while_both_open_for_a_while(
    gateway: Gateway, workspace: Workspace, databases: Any
) -> None:
    async with gateway.as_key(workspace.key) as owner:
        old = (await owner.post("/v1/api-keys", json={"name": "Shop", "scopes": ["api-keys:read"]})).json()
        path = f"/v1/api-keys/{old['id']}/rotate"
        keyed = {"idempotency-key": "once"}
        made = await owner.post(path, json={"grace_seconds": 600}, headers=keyed)
        repeated = await owner.post(path, json={"grace_seconds": 600}, headers=keyed)
        again = await owner.post(path, json={})
        wrong = await owner.post(path, json={"grace_seconds": -1})
        before = (await owner.get(f"/v1/api-keys/{old['id']}")).json()
        new = made.json()
        async with gateway.as_key(old["key"]) as earlier, gateway.as_key(new["key"]) as later:
            both = [(await client.get("/v1/api-keys")).status_code for client in (earlier, later)]
            gateway.service.app.state.gateway.authenticator.forget(UUID(workspace.id))
            await _end(databases, old["id"])
            after = [(await client.get("/v1/api-keys")).status_code for client in (earlier, later)]
        at_once = await owner.post(f"/v1/api-keys/{new['id']}/rotate", json={"grace_seconds": 0})
        async with gateway.as_key(new["key"]) as ended:
            nothing = (await ended.get("/v1/api-keys")).status_code
        unusable = await owner.post(f"/v1/api-keys/{old['id']}/rotate", json={})
        weak = (await owner.post("/v1/api-keys", json={"name": "W", "scopes": ["api-keys:*"]})).json()
        async with gateway.as_key(weak["key"]) as weaker:
            *_, first = (await owner.get("/v1/api-keys")).json()["data"]
            stronger = await weaker.post(f"/v1/api-keys/{first['id']}/rotate", json={})
    other = await gateway.create_workspace("other")
    async with gateway.as_key(other.key) as foreigner:
        foreign = await foreigner.post(f"/v1/api-keys/{new['id']}/rotate", json={})

    assert made.status_code == 201
    assert (new["name"], new["scopes"], new["replaces_id"]) == ("Shop", ["api-keys:read"], old["id"])
    assert repeated.json() == {**new, "key": None}
    assert (again.status_code, again.json()["code"]) == (409, "key_already_rotated")
    assert wrong.status_code == 422
    assert before["expires_at"] is not None
    assert (both, after) == ([200, 200], [401, 200])
    assert (at_once.status_code, nothing) == (201, 401)
    assert (unusable.status_code, unusable.json()["code"]) == (409, "key_not_usable")
    assert (stronger.status_code, foreign.status_code) == (403, 404)


async def _end(databases: Any, key_id: str) -> None:
    connection = await asyncpg.connect(databases.admin_dsn)
    await connection.execute("UPDATE gateway.api_key SET expires_at = now() WHERE id = $1", key_id)
    await connection.close()

"""Settings > API keys, over HTTP: what becomes of keys that are made, rotated and revoked there."""

from typing import Any

from tests.integration.gateway.conftest import ADMIN, Gateway, Workspace, a_token
from tests.integration.gateway.console import KEYS, Visit, rows


async def _status(gateway: Gateway, key: str, path: str = "/v1/api-keys") -> int:
    async with gateway.as_key(key) as client:
        return (await client.get(path)).status_code


async def test_a_new_key_is_shown_once_and_works(
    gateway: Gateway, workspace: Workspace, databases: Any
) -> None:
    async with Visit(gateway) as visit:
        await visit.sign_in(slug=workspace.slug)
        key_id, text = await visit.create("Web shop")
        kept = await rows(databases, "SELECT * FROM gateway.console_session")
        again = await visit.get(f"{KEYS}/{key_id}")
        await visit.get(KEYS)
    works = await _status(gateway, text)

    assert again.status_code == 200
    assert text not in again.text
    assert text not in visit.page
    assert f"{text[:12]}<" in visit.page
    assert "Web shop" in visit.page
    assert works == 200
    secrets = (text.encode(), ADMIN.encode(), visit.cookie.encode())
    assert not any(secret in bytes(str(kept), "utf-8") for secret in secrets)


async def test_a_key_has_the_chosen_scopes_and_no_others(gateway: Gateway, workspace: Workspace) -> None:
    async with Visit(gateway) as visit:
        await visit.sign_in(slug=workspace.slug)
        narrow_id, narrow = await visit.create("Narrow", "invoices:read", "payments:write")
        _, reader = await visit.create("Reader", "api-keys:read")
    async with gateway.as_key(reader) as client:
        shown = (await client.get(f"/v1/api-keys/{narrow_id}")).json()
        writes = await client.post("/v1/api-keys", json={"name": "More"})

    assert shown["scopes"] == ["invoices:read", "payments:write"]
    assert shown["created_by"] == "admin"
    assert await _status(gateway, narrow) == 403
    assert writes.status_code == 403


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_created(
    gateway: Gateway, workspace: Workspace, databases: Any
) -> None:
    async with Visit(gateway) as visit:
        await visit.sign_in(slug=workspace.slug)
        await visit.get(f"{KEYS}/new")
        fields: dict[str, str | list[str]] = {"name": "<b>Web</b>", "access": "chosen", "expiry": "on"}
        reply = await visit.post(f"{KEYS}/new", fields)
    count = await rows(databases, "SELECT FROM gateway.api_key")

    assert reply.status_code == 422
    assert "Choose at least one scope." in visit.page
    assert "Enter the key’s last day." in visit.page
    assert "&lt;b&gt;Web&lt;/b&gt;" in reply.text
    assert len(count) == 1


async def test_a_revoked_key_is_refused_and_stays_listed(gateway: Gateway, workspace: Workspace) -> None:
    async with Visit(gateway) as visit:
        await visit.sign_in(slug=workspace.slug)
        key_id, text = await visit.create("Old shop")
        before = await _status(gateway, text)
        await visit.get(f"{KEYS}/{key_id}/revoke")
        await visit.post(f"{KEYS}/{key_id}/revoke")
        await visit.get(KEYS)
        told = visit.page
        await visit.get(f"{KEYS}?show=revoked")
        listed = visit.page
        again = await visit.get(f"{KEYS}/{key_id}/revoke")
    after = await _status(gateway, text)

    assert (before, after) == (200, 401)
    assert "“Old shop” is revoked." in told
    assert f'href="{KEYS}/{key_id}"' not in told
    assert f'href="{KEYS}/{key_id}"' in listed
    assert again.headers["location"] == f"{KEYS}/{key_id}"


async def test_a_rotated_key_gives_way_to_the_new_one(gateway: Gateway, workspace: Workspace) -> None:
    async with Visit(gateway) as visit:
        await visit.sign_in(slug=workspace.slug)
        key_id, old = await visit.create("Shop", "api-keys:read")
        await visit.get(f"{KEYS}/{key_id}/rotate")
        token = visit.form_token
        rotated = await visit.post(f"{KEYS}/{key_id}/rotate", {"grace": "0"})
        await visit.get(rotated.headers["location"])
        new = visit.shown_key
        again = await visit.post(f"{KEYS}/{key_id}/rotate", {"grace": "0"}, token)

    assert (await _status(gateway, old), await _status(gateway, new)) == (401, 200)
    assert again.status_code == 409


async def test_another_workspaces_key_is_not_there(gateway: Gateway, workspace: Workspace) -> None:
    await gateway.create_workspace("other")
    async with Visit(gateway) as owner, Visit(gateway) as visit:
        await owner.sign_in(slug="other")
        foreign_id, text = await owner.create("Theirs")
        await visit.sign_in(a_token())
        pages = [f"{KEYS}/{foreign_id}{page}" for page in ("", "/revoke", "/rotate")]
        shown = [await visit.client.get(page) for page in pages]
        await visit.get(f"{KEYS}/new")
        token = visit.form_token
        posts = [await visit.post(page, {"grace": "0"}, token) for page in pages[1:]]
        switched = await visit.post("/console/workspaces", {"slug": "other"}, token)

    assert [reply.status_code for reply in (*shown, *posts)] == [404] * 5
    assert switched.status_code == 403
    assert await _status(gateway, text) == 200

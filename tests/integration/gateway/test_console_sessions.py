"""The console's way in, over HTTP: who gets in, with what cookie, and what a form must prove."""

from typing import Any

from services.gateway.edge.attempts import Attempts
from tests.integration.gateway.conftest import ADMIN, Gateway, Workspace, a_token
from tests.integration.gateway.console import KEYS, Visit, rows


async def test_nobody_gets_past_the_sign_in_without_a_session(gateway: Gateway, workspace: Workspace) -> None:
    async with Visit(gateway) as visit:
        await visit.get("/console/sign-in")
        some_id = workspace.id
        pages = ["", "/new", f"/{some_id}", f"/{some_id}/revoke", f"/{some_id}/rotate"]
        replies = [await visit.client.get(KEYS + page) for page in pages]
        posts = ["/new", f"/{some_id}/revoke", f"/{some_id}/rotate"]
        replies += [await visit.post(KEYS + page, {"name": "x"}) for page in posts]
        replies.append(await visit.client.get("/console/workspaces"))
        replies.append(await visit.post("/console/workspaces", {"slug": "acme"}))

    assert {(reply.status_code, reply.headers["location"]) for reply in replies} == {
        (303, "/console/sign-in")
    }


async def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http(gateway: Gateway) -> None:
    async with gateway.service.client(None) as client:
        here = await client.get("/console/sign-in")
        public = await client.get("/console/sign-in", headers={"host": "billing.example"})

    name, *flags = public.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-console=")
    assert sorted(flags) == ["HttpOnly", "Max-Age=28800", "Path=/", "SameSite=strict", "Secure"]
    assert here.headers["set-cookie"].startswith("console=")
    assert "Secure" not in here.headers["set-cookie"]


async def test_every_answer_forbids_frames_foreign_scripts_and_caches(
    gateway: Gateway, workspace: Workspace
) -> None:
    async with Visit(gateway) as visit:
        await visit.sign_in(slug=workspace.slug)
        paths = [
            KEYS,
            f"{KEYS}/new",
            f"{KEYS}/nothing",
            "/console/nothing",
            "/console/workspaces",
            "/console",
        ]
        replies = [await visit.client.get(path) for path in paths]
        replies.append(await visit.post(f"{KEYS}/new", {}, form_token="wrong"))

    for reply in replies:
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["x-frame-options"] == "DENY"
        assert reply.headers["cache-control"] == "no-store"
    assert [reply.status_code for reply in replies] == [200, 200, 404, 404, 200, 303, 403]


async def test_signing_in_changes_the_cookie_and_signing_out_makes_it_worthless(
    gateway: Gateway, workspace: Workspace, databases: Any
) -> None:
    async with Visit(gateway) as visit:
        await visit.get("/console/sign-in")
        before = visit.cookie
        await visit.sign_in(slug=workspace.slug)
        inside = visit.cookie
        await visit.get(KEYS)
        await visit.post("/console/sign-out")
        visit.client.cookies.set("console", inside)
        after = await visit.get(KEYS)
    kept = await rows(databases, "SELECT * FROM gateway.console_session")

    assert before != inside
    assert (after.status_code, after.headers["location"]) == (303, "/console/sign-in")
    assert kept == []


async def test_a_session_ends_after_eight_hours(
    gateway: Gateway, workspace: Workspace, databases: Any
) -> None:
    async with Visit(gateway) as visit:
        await visit.sign_in(slug=workspace.slug)
        lives = await rows(databases, "SELECT expires_at - now() AS left FROM gateway.console_session")
        await rows(databases, "UPDATE gateway.console_session SET expires_at = now()")
        after = await visit.get(KEYS)

    assert 7.9 * 3600 < lives[0]["left"].total_seconds() <= 8 * 3600
    assert after.headers["location"] == "/console/sign-in"


WRONG_TOKENS = {
    "an admin token for tests onlx": "This token is not known, or it has expired.",
    a_token(exp=1): "This token is not known, or it has expired.",
    a_token(secret="another secret that is thirty-two characters"): "This token is not known",
    "blg_live_000000000000000000000000000000000000": "An API key is for programs",
    "": "Enter a token.",
}


async def test_a_wrong_token_is_told_beside_its_field(gateway: Gateway) -> None:
    async with Visit(gateway) as visit:
        await visit.get("/console/sign-in")
        for token, told in WRONG_TOKENS.items():
            reply = await visit.post("/console/sign-in", {"token": token})

            assert reply.status_code == 401
            assert told in visit.page
            assert not token or token not in visit.page
        inside = await visit.get(KEYS)

    assert inside.headers["location"] == "/console/sign-in"


async def test_whoever_guesses_tokens_has_to_wait(gateway: Gateway) -> None:
    gateway.service.app.state.gateway.authenticator.attempts = Attempts(3)
    async with Visit(gateway) as visit:
        await visit.get("/console/sign-in")
        token = visit.form_token
        replies = [
            await visit.post("/console/sign-in", {"token": f"guess {number}"}, form_token=token)
            for number in range(4)
        ]
        right = await visit.post("/console/sign-in", {"token": ADMIN}, form_token=token)

    assert [reply.status_code for reply in (*replies, right)] == [401, 401, 401, 429, 429]
    assert int(right.headers["retry-after"]) >= 1


async def test_a_form_counts_only_from_our_own_page_of_this_session_and_workspace(
    gateway: Gateway, workspace: Workspace
) -> None:
    await gateway.create_workspace("other")
    fields: dict[str, str | list[str]] = {"name": "Planted", "access": "full", "expiry": "never"}
    async with Visit(gateway) as visit, Visit(gateway) as stranger:
        await stranger.sign_in(slug="acme")
        await visit.sign_in(slug="acme")
        await visit.get(f"{KEYS}/new")
        token = visit.form_token
        refused = [
            await visit.post(f"{KEYS}/new", fields, form_token=""),
            await visit.post(f"{KEYS}/new", fields, form_token="ä" * 64),
            await visit.post(f"{KEYS}/new", fields, form_token=stranger.form_token),
            await visit.post(f"{KEYS}/new", fields, token, origin="https://evil.example"),
            await visit.post(f"{KEYS}/new", fields, token, origin="null"),
            await visit.post(f"{KEYS}/new", fields, token, origin=None),
            await visit.post(f"{KEYS}/new", fields, token, sec_fetch_site="same-site"),
        ]
        await visit.get("/console/workspaces")
        await visit.post("/console/workspaces", {"slug": "other"})
        refused.append(await visit.post(f"{KEYS}/new", fields, token))
        as_json = await visit.client.post(f"{KEYS}/new", json=fields, headers={"origin": visit.origin})
        await visit.get(KEYS)

    assert {reply.status_code for reply in refused} == {403}
    assert as_json.status_code == 400
    assert "Planted" not in visit.page


async def test_a_user_sees_its_own_workspaces_and_enters_an_only_one_at_once(gateway: Gateway) -> None:
    for slug in ("acme", "other", "third"):
        await gateway.create_workspace(slug)
    async with Visit(gateway) as one, Visit(gateway) as two, Visit(gateway) as none:
        entered = await one.sign_in(a_token())
        await two.sign_in(a_token(workspaces=["acme", "third", "gone"]))
        await two.get("/console/workspaces")
        await none.sign_in(a_token(workspaces=[]))
        await none.get("/console/workspaces")
        await one.create("By Ada")
        await one.get(KEYS)

    assert entered.status_code == 200
    assert [slug in two.page for slug in ("acme", "other", "third", "gone")] == [True, False, True, False]
    assert "There is no workspace for you yet" in none.page
    assert '<span class="under">ada</span>' in one.page


async def test_a_role_without_the_scope_sees_keys_but_makes_none(
    gateway: Gateway, workspace: Workspace
) -> None:
    async with Visit(gateway) as visit:
        await visit.sign_in(a_token(workspaces={"acme": "viewer"}))
        listed = visit.page
        await visit.get("/console/workspaces")
        token = visit.form_token
        refused = [
            await visit.client.get(f"{KEYS}/new"),
            await visit.post(f"{KEYS}/new", {"name": "X", "access": "read", "expiry": "never"}, token),
        ]

    assert "First key" in listed
    assert "Create key" not in listed
    assert "Revoke</a>" not in listed
    assert [reply.status_code for reply in refused] == [403, 403]


async def test_a_membership_that_is_withdrawn_ends_the_visit(
    gateway: Gateway, workspace: Workspace, databases: Any
) -> None:
    await rows(
        databases,
        f"""INSERT INTO gateway.membership VALUES ('{workspace.id}', gen_random_uuid(), 'billing-local',
            'bob', 'owner', 'test', now())""",
    )
    authenticator = gateway.service.app.state.gateway.authenticator
    async with Visit(gateway) as visit:
        before = await visit.sign_in(a_token(sub="bob", workspaces=[]))
        await rows(databases, "DELETE FROM gateway.membership")
        authenticator.forget(next(iter(authenticator._known.values())).caller.workspace.id)
        after = await visit.get(KEYS)

    assert before.status_code == 200
    assert after.headers["location"] == "/console/workspaces"

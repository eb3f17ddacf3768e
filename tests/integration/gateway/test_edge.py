"""What every request passes: headers that protect, CORS, sizes, time, retries, and replies as they come."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Send

from shared.testing.eventually import eventually
from tests.integration.gateway.conftest import ADMIN, Gateway, Workspace

PAGE = "https://shop.example"
PIECE = b"x" * 65536


@pytest.fixture(autouse=True)
async def contacts_answer(gateway: Gateway) -> None:
    """The invoice service lists contacts."""
    gateway.behind["invoice"].answer("GET /v1/contacts", 200, {"data": []})


async def _as_page(gateway: Gateway, method: str, path: str, **headers: str) -> httpx.Response:
    async with gateway.service.client(origin=PAGE) as page:
        return await page.request(method, path, headers=headers)


async def test_every_answer_has_headers_that_protect(gateway: Gateway, workspace: Workspace) -> None:
    async with gateway.as_key(workspace.key) as client:
        replies = {
            200: await client.get("/v1/contacts"),
            404: await client.get("/nowhere"),
            405: await client.request("PURGE", "/v1/contacts"),
            414: await client.get("/v1/contacts?q=" + "x" * 9000),
            431: await client.get("/v1/contacts", headers={"x-long": "x" * 40_000}),
            422: await client.post("/v1/api-keys", json={"colour": "red"}),
        }
        docs = await client.get("/docs")
        alive = await client.get("/livez")
        translated = await client.get("/paydock/api/nowhere")

    assert {status: reply.status_code for status, reply in replies.items()} == {
        status: status for status in replies
    }
    for reply in (*replies.values(), docs, alive, translated):
        assert reply.headers["x-content-type-options"] == "nosniff", reply.url
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
        assert len(reply.headers.get_list("content-security-policy")) == 1
        assert reply.headers["x-request-id"]
        assert "strict-transport-security" not in reply.headers
    assert "script" not in replies[200].headers["content-security-policy"]
    for status in (404, 405, 414, 431):
        assert replies[status].headers["content-type"] == "application/problem+json", status
        assert replies[status].json()["request_id"] == replies[status].headers["x-request-id"]


async def test_a_fault_of_ours_tells_nothing_and_is_protected_all_the_same(
    gateway: Gateway, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> Any:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(gateway.service.app.state.gateway.upstreams["invoice"], "send", fail)
    async with gateway.as_key(workspace.key) as client:
        reply = await client.get("/v1/contacts")

    assert (reply.status_code, reply.json()["code"]) == (500, "error")
    assert "secret" not in reply.text
    assert reply.headers["x-request-id"] == reply.json()["request_id"]
    assert reply.headers["x-content-type-options"] == "nosniff"


async def test_only_pages_that_the_workspace_allows_may_read_its_answers(gateway: Gateway) -> None:
    allowing, other = await gateway.create_workspace("allowing"), await gateway.create_workspace("other")
    before = await _as_page(gateway, "OPTIONS", "/v1/contacts", **{"access-control-request-method": "GET"})
    async with gateway.as_bearer(ADMIN) as admin:
        path = f"/v1/workspaces/{allowing.id}"
        wrong = await admin.patch(path, json={"allowed_origins": ["https://shop.example/"]})
        changed = await admin.patch(path, json={"allowed_origins": [PAGE, PAGE]})
    gateway.service.app.state.edge.origins._known.clear()

    asked = {"access-control-request-method": "POST", "access-control-request-headers": "x-api-key"}
    preflight = await _as_page(gateway, "OPTIONS", "/v1/invoices", **asked)
    read = await _as_page(gateway, "GET", "/v1/contacts", **{"x-api-key": allowing.key})
    hidden = await _as_page(gateway, "GET", "/v1/contacts", **{"x-api-key": other.key})
    refused = await _as_page(gateway, "GET", "/v1/contacts", **{"x-api-key": "nonsense"})

    allowed = "access-control-allow-origin"
    assert wrong.status_code == 422
    assert changed.json()["allowed_origins"] == [PAGE]
    assert (before.status_code, before.headers.get(allowed)) == (204, None)
    assert (preflight.status_code, preflight.headers[allowed]) == (204, PAGE)
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert "x-api-key" in preflight.headers["access-control-allow-headers"]
    assert (read.status_code, read.headers[allowed]) == (200, PAGE)
    assert "ratelimit" in read.headers["access-control-expose-headers"]
    assert (hidden.status_code, hidden.headers.get(allowed)) == (200, None)
    # A page is to see that its credential is refused.
    assert (refused.status_code, refused.headers[allowed]) == (401, PAGE)
    for reply in (preflight, read, hidden, refused):
        assert reply.headers["vary"] == "origin"
        assert "access-control-allow-credentials" not in reply.headers


async def test_a_request_that_was_lost_is_sent_again_only_if_it_has_no_effect(
    gateway: Gateway, workspace: Workspace
) -> None:
    lost = []

    def losing(method: str, times: int) -> Callable[[Receive, Send], Any]:
        async def lose(_: Receive, send: Send) -> None:
            lost.append(method)
            if lost.count(method) <= times:
                raise ConnectionAbortedError
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})

        return lose

    invoice = gateway.behind["invoice"]
    for method, times in (("GET", 1), ("POST", 1)):
        invoice.behaviours[f"{method} /v1/quotes"] = _hanging_up(losing(method, times))
    async with gateway.as_key(workspace.key) as client:
        read = await client.get("/v1/quotes")
        written = await client.post("/v1/quotes", json={})

    assert (read.status_code, written.status_code) == (200, 503)
    assert (lost.count("GET"), lost.count("POST")) == (2, 1)
    assert written.headers["retry-after"] == "1"


def _hanging_up(behaviour: Callable[[Receive, Send], Any]) -> Callable[[Receive, Send], Any]:
    """Where the behaviour raises, close the connection instead of answering."""

    async def act(receive: Receive, send: Send) -> None:
        try:
            await behaviour(receive, send)
        except ConnectionAbortedError:
            # An announced length that is not kept makes the server close the connection.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
            raise

    return act


async def test_a_large_reply_is_never_held_as_a_whole(gateway: Gateway, workspace: Workspace) -> None:
    sent = [0]

    def of_pieces(count: int) -> Callable[[Receive, Send], Any]:
        async def large(_: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _piece in range(count):
                await send({"type": "http.response.body", "body": PIECE, "more_body": True})
                sent[0] += 1
            await send({"type": "http.response.body", "body": b""})

        return large

    behaviours = gateway.behind["invoice"].behaviours
    upstreams = gateway.service.app.state.gateway.upstreams["invoice"]
    behaviours["GET /v1/invoices/1/pdf"] = of_pieces(40)
    behaviours["GET /v1/invoices/2/pdf"] = of_pieces(4000)
    async with gateway.as_key(workspace.key) as client:
        whole = await client.get("/v1/invoices/1/pdf")
        sent[0] = 0
        async with client.stream("GET", "/v1/invoices/2/pdf") as reply:
            # Kept: a generator that is thrown away hangs up.
            pieces = reply.aiter_raw()
            await anext(pieces)
            before = -1
            while before != sent[0]:
                before = sent[0]
                await asyncio.sleep(0.3)
            held, is_in_use = sent[0], upstreams._in_use

    await eventually(lambda: upstreams._in_use == 0, timeout_seconds=10)
    # What the operating system keeps on its way is some megabytes.
    assert held < 1000
    assert is_in_use == 1
    assert (len(whole.content), whole.headers.get("content-length")) == (40 * len(PIECE), None)


async def test_nobody_works_on_for_a_caller_that_is_gone(gateway: Gateway, workspace: Workspace) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slow(receive: Receive, send: Send) -> None:
        begun.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        ended.set()

    gateway.behind["invoice"].behaviours["GET /v1/invoices"] = slow
    async with gateway.as_key(workspace.key) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get("/v1/invoices", timeout=0.3)

    await asyncio.wait_for(ended.wait(), 10)
    assert begun.is_set()
    await eventually(lambda: not gateway.service.app.state.edge.limits.in_flight(), timeout_seconds=5)


async def test_head_says_how_long_the_body_would_be(gateway: Gateway, workspace: Workspace) -> None:
    gateway.behind["invoice"].answer("HEAD /v1/invoices/1/pdf", 200, b"", content_length="1234", etag='"1"')
    async with gateway.as_key(workspace.key) as client:
        reply = await client.head("/v1/invoices/1/pdf")

    assert (reply.status_code, reply.headers["content-length"], reply.headers["etag"]) == (200, "1234", '"1"')


@pytest.mark.parametrize("name", ["x-api-key", "authorization", "idempotency-key", "x-tenant-slug"])
async def test_what_decides_is_sent_once(gateway: Gateway, workspace: Workspace, name: str) -> None:
    """Whoever stands in front may have judged the other one of two."""
    twice = [("x-api-key", workspace.key), (name, "blg_test_other"), (name, workspace.key)]
    async with gateway.as_key(workspace.key) as client:
        reply = await client.get("/v1/contacts", headers=httpx.Headers(twice))

    assert (reply.status_code, reply.json()["code"]) == (400, "bad_request")


async def test_an_unknown_address_is_a_problem_for_programs_and_a_page_for_people(gateway: Gateway) -> None:
    async with gateway.as_bearer(ADMIN) as client:
        program = await client.get("/v2/invoices")
        person = await client.get("/nothing/here", headers={"accept": "text/html,*/*"})
        slash = await client.get("/v1/api-keys/")

    assert (program.status_code, program.json()["code"]) == (404, "no_such_route")
    assert program.json()["detail"] == "There is no route GET /v2/invoices."
    assert (person.status_code, person.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no page at this address." in person.text
    assert "default-src 'none'" in person.headers["content-security-policy"]
    assert (slash.status_code, "location" in slash.headers) == (404, False)

"""Gathered POSTs: one table of requests, asked of them and of FastAPI's routes; and what they share."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Response
from prometheus_client import REGISTRY
from pydantic import Field
from starlette.middleware import Middleware

from shared.http.app import create_app
from shared.http.fields import Body
from shared.http.gathered import Call, GatheredPost, GatheredPosts
from shared.http.idempotency import Route
from shared.http.internal_auth import InternalTokens, Principal, Who, require
from shared.http.work import Work
from shared.kernel import context
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id
from shared.messaging.work import Unit
from tests.integration.shared.conftest import OpenDatabase
from tests.integration.shared.consuming import effects
from tests.integration.shared.topic import a_contact_event

PATH = "/v1/texts"
INSERT = "INSERT INTO effect (workspace_id, text) VALUES ($1, $2)"
router = APIRouter(prefix="/v1", route_class=Route)


class Text(Body):
    text: Annotated[str, Field(max_length=100)]
    count: int = 1


def prepared(_: Principal, body: Text) -> Text:
    """The body, unless it is one that no transaction need be begun for."""
    if body.text == "reserved":
        raise Invalid("It is reserved.", field="text")
    return body


async def write(unit: Unit, calls: Sequence[Call[Text]]) -> list[Response | Exception]:
    """The effect of each; one text is a conflict, and one takes all that goes with it down."""
    replies: list[Response | Exception] = []
    for call in calls:
        if call.asked.text == "taken":
            replies.append(Conflict("It is taken.", text="taken"))
            continue
        await unit.tx.execute(INSERT, call.principal.workspace_id, call.asked.text)
        if call.asked.text == "broken":
            await unit.tx.execute("SELECT 1 / 0")
        if call.asked.text == "event":
            call.record(unit, a_contact_event(new_id(), 1))
        content = json.dumps({"text": call.asked.text, "by": call.principal.actor})
        replies.append(Response(content, 201, media_type="application/json"))
    return replies


@router.post("/texts", status_code=201, dependencies=[require("texts:write")])
async def create(body: Text, who: Who, work: Work) -> Response:
    call = Call(who, prepared(who, body), contextlib.nullcontext)  # type: ignore[arg-type]
    [reply] = await write(work, [call])
    if isinstance(reply, Exception):
        raise reply
    return reply


@pytest.fixture
async def serve(open_database: OpenDatabase, tokens: InternalTokens) -> AsyncIterator[Callable[..., Any]]:
    """Apps that answer `/v1/texts`, gathered or not."""
    posts: list[GatheredPost[Text, Text]] = []

    async def make(*, is_gathered: bool, **options: Any) -> FastAPI:
        app = create_app("gathered" if is_gathered else "plain", "Test", None)
        app.include_router(router)
        app.state.database = await open_database("api", max_size=8)
        app.state.tokens = tokens
        if is_gathered:
            post = GatheredPost(PATH, Text, scope="texts:write", prepare=prepared, write=write, **options)
            post.open(app.state.database)
            posts.append(post)
            app.user_middleware.append(Middleware(GatheredPosts, posts=[post]))
        return app

    yield make
    for post in posts:
        await post.close()


def client_of(app: FastAPI, principal: Principal) -> httpx.AsyncClient:
    """A client that speaks for the principal."""
    headers = {"authorization": f"Bearer {app.state.tokens.sign(principal)}"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)


JSON = {"content-type": "application/json"}
GOOD = b'{"text": "a"}'
REQUESTS: dict[str, Any] = {
    "plain": {"content": GOOD},
    "all fields, spaced otherwise": {"content": b' { "count" : 2 ,"text":"\\u0061" } '},
    "another content type of JSON": {
        "content": GOOD,
        "headers": {"content-type": "application/json; charset=utf-8"},
    },
    "of a vendor": {"content": GOOD, "headers": {"content-type": "application/x+json"}},
    "no JSON by its type": {"content": GOOD, "headers": {"content-type": "text/plain"}},
    "no type": {"content": GOOD, "headers": {"content-type": ""}},
    "no body": {"content": b""},
    "no object": {"content": b"[1]"},
    "null": {"content": b"null"},
    "cut off": {"content": b'{"text": "a"'},
    "not UTF-8": {"content": b'{"text": "\xff"}'},
    "UTF-16": {"content": '{"text": "a"}'.encode("utf-16")},
    "with a byte order mark": {"content": b"\xef\xbb\xbf" + GOOD},
    "a lone surrogate": {"content": b'{"text": "\\ud800"}'},
    "a control character": {"content": b'{"text": "\\u0007"}'},
    "a card number": {"content": b'{"text": "4242 4242 4242 4242"}'},
    "not a number": {"content": b'{"text": "a", "count": NaN}'},
    "a fraction": {"content": b'{"text": "a", "count": 1.5}'},
    "a whole fraction": {"content": b'{"text": "a", "count": 1.0}'},
    "digits as text": {"content": b'{"text": "a", "count": "1"}'},
    "a key twice": {"content": b'{"text": "a", "text": "b"}'},
    "an unknown field": {"content": b'{"text": "a", "texts": "b"}'},
    "a missing field": {"content": b"{}"},
    "too long": {"content": json.dumps({"text": "x" * 101}).encode()},
    "too deep": {"content": b'{"text": ' + b"[" * 4_000 + b"]" * 4_000 + b"}"},
    "far too deep": {"content": b'{"text": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"},
    "too many values": {"content": json.dumps({"text": [0] * 100_001}).encode()},
    "many faults": {"content": json.dumps({f"k{n}": 1 for n in range(900)}).encode()},
    "more faults than are told": {"content": json.dumps({"text": [{"a": 1}] * 90_000}).encode()},
    "too large": {"content": json.dumps({"text": "x" * 1_100_000}).encode()},
    "large": {"content": json.dumps({"text": "x" * 300_000}).encode()},
    "a query": {"content": GOOD, "params": {"text": "b"}},
    "an empty query": {"content": GOOD, "path": f"{PATH}?"},
    "a slash at its end": {"content": GOOD, "path": f"{PATH}/"},
    "refused beforehand": {"content": b'{"text": "reserved"}'},
    "a conflict": {"content": b'{"text": "taken"}'},
    "a fault of ours": {"content": b'{"text": "broken"}'},
    "no credential": {"content": GOOD, "headers": {"authorization": ""}},
    "another scheme": {"content": GOOD, "headers": {"authorization": "Basic eDp5"}},
    "a foreign credential": {"content": GOOD, "headers": {"authorization": "Bearer x.y.z"}},
    "no credential and no JSON": {"content": b"{", "headers": {"authorization": ""}},
    "a key": {"content": GOOD, "headers": {"idempotency-key": "k1"}},
    "the key again": {"content": b'{ "text":"a"}', "headers": {"idempotency-key": "k1"}},
    "the key for something else": {"content": b'{"text": "b"}', "headers": {"idempotency-key": "k1"}},
    "the key for what is refused": {"content": b'{"text": "reserved"}', "headers": {"idempotency-key": "k1"}},
    "the key for no JSON": {"content": b"{", "headers": {"idempotency-key": "k1"}},
    "the key with an unknown field": {"content": b'{"x": 1}', "headers": {"idempotency-key": "k1"}},
    "a key with a conflict": {"content": b'{"text": "taken"}', "headers": {"idempotency-key": "k2"}},
    "which is not kept": {"content": b'{"text": "a"}', "headers": {"idempotency-key": "k2"}},
    "an empty key": {"content": GOOD, "headers": {"idempotency-key": ""}},
    "a key too long": {"content": GOOD, "headers": {"idempotency-key": "k" * 256}},
    "a key of other letters": {"content": GOOD, "headers": {"idempotency-key": "é\x85".encode("latin-1")}},
}


async def test_the_gathered_route_answers_as_fastapis_own_does(
    serve: Any, a_principal: Any, admin: Any
) -> None:
    answered: dict[bool, list[Any]] = {}
    for is_gathered in (False, True):
        principal = a_principal(scopes=frozenset({"texts:write"}))
        async with client_of(await serve(is_gathered=is_gathered), principal) as client:
            answered[is_gathered] = [await _asked(client, request) for request in REQUESTS.values()]
        texts = await admin.fetch("SELECT text FROM effect WHERE workspace_id = $1", principal.workspace_id)
        answered[is_gathered].append(sorted(row["text"] for row in texts))

    for name, plain, gathered in zip([*REQUESTS, "effects"], answered[False], answered[True], strict=True):
        assert gathered == plain, name
    assert _answered_by("gathered") == _answered_by("plain")


async def _asked(client: httpx.AsyncClient, request: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
    headers = {**JSON, **request.get("headers", {})}
    headers = {name: value for name, value in headers.items() if value or name == "idempotency-key"}
    if "authorization" in request.get("headers", {}) and "authorization" not in headers:
        client = httpx.AsyncClient(transport=client._transport, base_url="http://test")
    path, params = request.get("path", PATH), request.get("params")
    reply = await client.post(path, content=request["content"], headers=headers, params=params)
    shown = {
        name: value for name, value in reply.headers.items() if name not in ("x-request-id", "content-length")
    }
    body = reply.json()
    assert reply.headers["x-request-id"]
    if "request_id" in body:
        assert body.pop("request_id") == reply.headers["x-request-id"]
    return reply.status_code, shown, body


def _answered_by(service: str) -> dict[tuple[str, str], float]:
    """How many requests the service's metric has, by route and status."""
    [metric] = [one for one in REGISTRY.collect() if one.name == "billing_http_requests"]
    return {
        (sample.labels["route"], sample.labels["status"]): sample.value
        for sample in metric.samples
        if sample.name.endswith("_total") and sample.labels["service"] == service
    }


async def test_a_credential_without_the_scope_is_refused_as_anywhere(serve: Any, a_principal: Any) -> None:
    async with client_of(
        await serve(is_gathered=True), a_principal(scopes=frozenset({"texts:read"}))
    ) as client:
        reply = await client.post(PATH, json={"text": "a"})

    assert (reply.status_code, reply.json()["scope"]) == (403, "texts:write")


@contextlib.asynccontextmanager
async def busy(
    client: httpx.AsyncClient, admin: Any, principal: Principal
) -> AsyncIterator[asyncio.Task[Any]]:
    """A transaction is under way until the end of the block: what comes meanwhile goes together."""
    async with admin.transaction():
        await admin.execute("LOCK TABLE effect IN ACCESS EXCLUSIVE MODE")
        first = asyncio.create_task(client.post(PATH, json={"text": "first"}))
        await asyncio.sleep(0.1)
        yield first


async def transactions(admin: Any) -> int:
    """How many transactions made the effects."""
    count: int = await admin.fetchval("SELECT count(DISTINCT xmin::text) FROM effect")
    return count


async def test_what_comes_together_shares_a_transaction_and_nobodys_fault(
    serve: Any, a_principal: Any, admin: Any
) -> None:
    principal = a_principal()
    texts = ["a", "broken", "b", "taken", "c", "reserved", "d"]
    async with client_of(await serve(is_gathered=True), principal) as client:
        async with busy(client, admin, principal):
            asked = [asyncio.create_task(client.post(PATH, json={"text": text})) for text in texts]
            await asyncio.sleep(0.2)
        replies = await asyncio.gather(*asked)

    assert [reply.status_code for reply in replies] == [201, 500, 201, 409, 201, 422, 201]
    assert sorted(await effects(admin)) == ["a", "b", "c", "d", "first"]
    assert await transactions(admin) < 5


async def test_a_key_that_comes_several_times_at_once_has_one_effect(
    serve: Any, a_principal: Any, admin: Any
) -> None:
    principal, key = a_principal(), {"idempotency-key": "k"}
    async with client_of(await serve(is_gathered=True), principal) as client:
        async with busy(client, admin, principal):
            asked = [
                asyncio.create_task(client.post(PATH, json={"text": text}, headers=key)) for text in "aaab"
            ]
            await asyncio.sleep(0.2)
        replies = await asyncio.gather(*asked)

    assert [reply.status_code for reply in replies] == [201, 201, 201, 422]
    assert replies[1].headers["idempotent-replayed"] == "true"
    assert len({reply.content for reply in replies[:3]}) == 1
    assert await effects(admin) == ["first", "a"]


async def test_who_goes_together_keeps_actor_and_trace_apart(
    serve: Any, a_principal: Any, admin: Any
) -> None:
    app = await serve(is_gathered=True)
    one = a_principal(actor="key:1")
    two = Principal(one.workspace_id, "key:2")
    traces = [context.child_traceparent(None) for _ in range(2)]
    async with client_of(app, one) as first, client_of(app, two) as second:
        async with busy(first, admin, one):
            asked = [
                asyncio.create_task(client.post(PATH, json={"text": "event"}, headers={"traceparent": trace}))
                for client, trace in zip((first, second), traces, strict=True)
            ]
            await asyncio.sleep(0.2)
        replies = await asyncio.gather(*asked)

    assert [reply.json()["by"] for reply in replies] == ["key:1", "key:2"]
    rows = await admin.fetch(
        "SELECT headers, convert_from(payload, 'UTF8') AS payload FROM outbox ORDER BY position"
    )
    told = [json.loads(row["payload"]) for row in rows]
    assert [event["actor"] for event in told] == ["key:1", "key:2"]
    assert [event["traceparent"][:36] for event in told] == [trace[:36] for trace in traces]
    assert await transactions(admin) == 2


async def test_what_the_audit_log_looks_at_goes_together_by_actor(
    serve: Any, a_principal: Any, admin: Any
) -> None:
    app = await serve(is_gathered=True, is_audited=True)
    one = a_principal(actor="key:1")
    two = Principal(one.workspace_id, "key:2")
    await admin.execute("ALTER TABLE effect ADD COLUMN actor text DEFAULT current_setting('app.actor', true)")
    async with client_of(app, one) as first, client_of(app, two) as second:
        async with busy(first, admin, one):
            asked = [
                asyncio.create_task(client.post(PATH, json={"text": f"{client is first} {n}"}))
                for n in range(3)
                for client in (first, second)
            ]
            await asyncio.sleep(0.2)
        await asyncio.gather(*asked)

    rows = await admin.fetch("SELECT text, actor FROM effect WHERE text <> 'first'")
    assert {(row["text"].partition(" ")[0], row["actor"]) for row in rows} == {
        ("True", "key:1"),
        ("False", "key:2"),
    }
    assert await transactions(admin) < 7


async def test_a_lock_that_one_waits_for_holds_the_others_up_for_a_moment_only(
    serve: Any, a_principal: Any, admin: Any, databases: Any
) -> None:
    await admin.execute("ALTER TABLE effect ADD CONSTRAINT once UNIQUE (text)")
    principal = a_principal()
    async with client_of(await serve(is_gathered=True), principal) as client:
        async with busy(client, admin, principal):
            asked = [asyncio.create_task(client.post(PATH, json={"text": text})) for text in "abc"]
            await asyncio.sleep(0.2)
            await admin.execute(INSERT, principal.workspace_id, "b")
            # The table is free, the row is not.
            await admin.execute("COMMIT; BEGIN")
            await admin.execute("UPDATE effect SET text = 'held' WHERE text = 'b'")
            done, waiting = await asyncio.wait([asked[0], asked[2]], timeout=5)
            assert not waiting
            assert [one.result().status_code for one in done] == [201, 201]
            assert not asked[1].done()
        assert (await asked[1]).status_code == 201

    assert sorted(await effects(admin)) == ["a", "b", "c", "first", "held"]


async def test_a_database_that_has_no_connection_left_is_unavailable_to_all(
    serve: Any, a_principal: Any, admin: Any
) -> None:
    app, principal = await serve(is_gathered=True), a_principal()
    app.state.database.acquire_timeout_seconds = 0.1
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(8):
            await stack.enter_async_context(app.state.database.pool.acquire())
        async with client_of(app, principal) as client:
            replies = await asyncio.gather(*(client.post(PATH, json={"text": "a"}) for _ in range(5)))

    assert {(reply.status_code, reply.headers["retry-after"]) for reply in replies} == {(503, "1")}
    assert await effects(admin) == []

"""Idempotency-Key: the first reply again, never the effect again."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Response
from pydantic import Field

from shared.http.app import create_app
from shared.http.fields import Body
from shared.http.idempotency import Route
from shared.http.internal_auth import InternalTokens, Principal, Who
from shared.http.work import Work
from shared.kernel.errors import Conflict
from tests.integration.shared.conftest import OpenDatabase
from tests.integration.shared.consuming import effects

router = APIRouter(prefix="/v1", route_class=Route)


class Text(Body):
    text: Annotated[str, Field(max_length=100)]
    fails: bool = False
    pause_seconds: int = 0


@router.post("/texts", status_code=201)
async def create(
    body: Text, work: Work, who: Who, response: Response, x: int | None = None
) -> dict[str, Any]:
    query = "INSERT INTO effect (workspace_id, text) VALUES ($1, $2) RETURNING position"
    position = await work.tx.fetchval(query, who.workspace_id, body.text)
    if body.fails:
        raise Conflict
    await work.tx.execute("SELECT pg_sleep($1)", body.pause_seconds)
    response.headers["x-position"] = str(position)
    return {"position": position, "text": body.text}


@router.post("/nothing", status_code=204)
async def nothing(work: Work, who: Who) -> None:
    await work.tx.execute("INSERT INTO effect (workspace_id, text) VALUES ($1, 'nothing')", who.workspace_id)


@router.put("/texts")
async def put(body: Text, work: Work, who: Who) -> None:
    await work.tx.execute(
        "INSERT INTO effect (workspace_id, text) VALUES ($1, $2)", who.workspace_id, body.text
    )


Client = Callable[[Principal], httpx.AsyncClient]


@pytest.fixture
async def client_of(open_database: OpenDatabase, tokens: InternalTokens) -> Client:
    app = create_app("test", "Test", None)
    app.include_router(router)
    app.state.database = await open_database("api", max_size=20)
    app.state.tokens = tokens

    def client(principal: Principal) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {tokens.sign(principal)}"}
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)

    return client


@pytest.fixture
async def client(
    client_of: Client, a_principal: Callable[..., Principal]
) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(a_principal()) as client:
        yield client


def key(text: str = "key-1") -> dict[str, str]:
    return {"idempotency-key": text}


async def test_the_same_request_gets_the_same_reply_and_has_one_effect(
    client: httpx.AsyncClient, admin: Any
) -> None:
    first = await client.post("/v1/texts", json={"text": "a"}, headers=key())
    second = await client.post("/v1/texts", json={"text": "a"}, headers=key())

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first.headers["x-position"] == second.headers["x-position"]
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert await effects(admin) == ["a"]


async def test_without_a_key_every_request_has_its_effect(client: httpx.AsyncClient, admin: Any) -> None:
    for _ in range(2):
        await client.post("/v1/texts", json={"text": "a"})

    assert await effects(admin) == ["a", "a"]


@pytest.mark.parametrize(
    "path, body",
    [("/v1/texts", {"text": "b"}), ("/v1/texts?x=1", {"text": "a"}), ("/v1/nothing", {})],
)
async def test_another_request_with_the_same_key_is_refused(
    client: httpx.AsyncClient, admin: Any, path: str, body: dict[str, str]
) -> None:
    await client.post("/v1/texts", json={"text": "a"}, headers=key())

    reply = await client.post(path, json=body, headers=key())

    assert (reply.status_code, reply.json()["code"]) == (422, "idempotency_key_reused")
    assert await effects(admin) == ["a"]


async def test_a_request_is_the_same_in_whatever_order_it_is_written(
    client: httpx.AsyncClient, admin: Any
) -> None:
    headers = {"idempotency-key": "k", "content-type": "application/json"}
    first = await client.post("/v1/texts", content='{"text": "a", "fails": false}', headers=headers)
    again = await client.post("/v1/texts", content='{ "fails":false,"text":"\\u0061"}', headers=headers)
    other = await client.post(
        "/v1/texts", content='{"text": "a", "fails": false, "pause_seconds": 0}', headers=headers
    )

    assert (first.status_code, again.headers.get("idempotent-replayed")) == (201, "true")
    assert again.json() == first.json()
    assert other.status_code == 422
    assert await effects(admin) == ["a"]


async def test_of_sixteen_at_once_one_has_an_effect(client: httpx.AsyncClient, admin: Any) -> None:
    async def send() -> httpx.Response:
        return await client.post("/v1/texts", json={"text": "a"}, headers=key())

    replies = await asyncio.gather(*(send() for _ in range(16)))

    statuses = Counter(reply.status_code for reply in replies)
    assert set(statuses) <= {201, 409}
    assert statuses[201] >= 1
    assert len({reply.content for reply in replies if reply.status_code == 201}) == 1
    for refused in (reply for reply in replies if reply.status_code == 409):
        assert refused.json()["code"] == "idempotency_key_in_flight"
        assert refused.headers["retry-after"] == "1"
    assert await effects(admin) == ["a"]
    assert (await send()).headers["idempotent-replayed"] == "true"


async def test_a_request_in_flight_keeps_the_others_out(client: httpx.AsyncClient, admin: Any) -> None:
    body = {"text": "a", "pause_seconds": 1}
    first = asyncio.create_task(client.post("/v1/texts", json=body, headers=key()))
    await asyncio.sleep(0.4)

    meanwhile = await client.post("/v1/texts", json=body, headers=key())

    assert meanwhile.status_code == 409
    assert (await first).status_code == 201
    assert await effects(admin) == ["a"]


async def test_a_request_that_failed_may_be_sent_again(client: httpx.AsyncClient, admin: Any) -> None:
    failed = await client.post("/v1/texts", json={"text": "a", "fails": True}, headers=key())
    good = await client.post("/v1/texts", json={"text": "b"}, headers=key())

    assert (failed.status_code, good.status_code) == (409, 201)
    assert await effects(admin) == ["b"]


async def test_a_request_whose_caller_went_away_may_be_sent_again(
    client: httpx.AsyncClient, admin: Any
) -> None:
    body = {"text": "a", "pause_seconds": 30}
    gone = asyncio.create_task(client.post("/v1/texts", json=body, headers=key()))
    await asyncio.sleep(0.3)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)

    again = await client.post("/v1/texts", json={"text": "a"}, headers=key())

    assert again.status_code == 201
    assert await effects(admin) == ["a"]


async def test_a_key_belongs_to_one_workspace(
    client_of: Client, a_principal: Callable[..., Principal], admin: Any
) -> None:
    for _ in range(2):
        async with client_of(a_principal()) as client:
            reply = await client.post("/v1/texts", json={"text": "a"}, headers=key())
            assert reply.status_code == 201

    assert await effects(admin) == ["a", "a"]


async def test_a_reply_without_a_body_is_replayed_too(client: httpx.AsyncClient, admin: Any) -> None:
    for _ in range(2):
        reply = await client.post("/v1/nothing", headers=key())
        assert (reply.status_code, reply.content) == (204, b"")

    assert await effects(admin) == ["nothing"]


async def test_a_method_other_than_post_needs_no_key(client: httpx.AsyncClient, admin: Any) -> None:
    for _ in range(2):
        assert (await client.put("/v1/texts", json={"text": "a"}, headers=key())).status_code == 200

    assert await effects(admin) == ["a", "a"]


@pytest.mark.parametrize("text", ["", "x" * 256, "a\tb"])
async def test_a_key_that_is_none_is_refused(client: httpx.AsyncClient, admin: Any, text: str) -> None:
    reply = await client.post("/v1/texts", json={"text": "a"}, headers=key(text))

    assert reply.status_code == 400
    assert await effects(admin) == []


async def test_without_a_token_there_is_no_transaction(client: httpx.AsyncClient, admin: Any) -> None:
    reply = await client.post("/v1/texts", json={"text": "a"}, headers={**key(), "authorization": "Bearer x"})

    assert reply.status_code == 401
    assert await effects(admin) == []


async def test_a_commit_that_fails_is_no_success(client: httpx.AsyncClient, admin: Any) -> None:
    await admin.execute(
        "ALTER TABLE effect ADD CONSTRAINT effect_once UNIQUE (text) DEFERRABLE INITIALLY DEFERRED"
    )
    await client.post("/v1/texts", json={"text": "a"}, headers=key("first"))

    reply = await client.post("/v1/texts", json={"text": "a"}, headers=key("second"))

    assert reply.status_code == 500
    assert await admin.fetchval("SELECT array_agg(key) FROM idempotency_key") == ["first"]

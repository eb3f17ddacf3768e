"""Request ids and traces: in, out, and seen by what works in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import Request

from shared.http import app as http_app
from shared.http.app import create_app
from shared.kernel import context
from shared.runtime.protocol import BoundedProtocol
from shared.testing import server

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def serving(app: Any) -> AbstractAsyncContextManager[str]:
    """The app behind a real socket, as services serve theirs."""
    config = uvicorn.Config(app, http=BoundedProtocol, log_config=None, access_log=False, lifespan="off")
    return server.serving(config)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app("test", "Test", None)

    @app.get("/seen")
    async def seen() -> dict[str, str | None]:
        return {"request_id": context.request_id.get(), "traceparent": context.traceparent.get()}

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_a_request_keeps_its_id(client: httpx.AsyncClient) -> None:
    reply = await client.get("/seen", headers={"x-request-id": "order-7.a:b_c"})

    assert reply.headers["x-request-id"] == reply.json()["request_id"] == "order-7.a:b_c"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "a\tb", '"', "a;b"])
async def test_an_id_that_is_none_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    reply = await client.get("/seen", headers={"x-request-id": given})

    assert reply.headers["x-request-id"].startswith("req_")
    assert reply.headers["x-request-id"] == reply.json()["request_id"]


async def test_a_request_works_below_its_callers_span(client: httpx.AsyncClient) -> None:
    parent = f"00-{TRACE}-00f067aa0ba902b7-01"

    seen = (await client.get("/seen", headers={"traceparent": parent})).json()["traceparent"]

    assert seen.startswith(f"00-{TRACE}-")
    assert seen != parent


async def test_a_request_without_a_trace_begins_one(client: httpx.AsyncClient) -> None:
    first, second = [(await client.get("/seen")).json()["traceparent"] for _ in range(2)]

    assert first[3:35] != second[3:35]


async def test_an_error_that_nobody_foresaw_ends_with_its_answer() -> None:
    """Raised on, the server would hang up on the next request over the same connection."""
    app = create_app("test", "Test", None)

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("a bug")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        reply = await client.get("/bug")

    assert (reply.status_code, reply.json()["code"]) == (500, "error")
    assert reply.headers["x-request-id"] == reply.json()["request_id"]
    assert "a bug" not in reply.text


async def test_a_body_that_never_ends_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_app, "BODY_SECONDS", 0.2)
    app = create_app("test", "Test", None)

    @app.post("/taken")
    async def taken(request: Request) -> int:
        return len(await request.body())

    async with serving(app) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(b"POST /taken HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nx")
        late = await asyncio.wait_for(reader.readuntil(b"}"), 10)
        writer.close()
        async with httpx.AsyncClient() as client:
            whole = await client.post(f"{url}/taken", content=b"x" * 100_000)

    assert b"408 Request Timeout" in late
    assert b"body_too_slow" in late
    assert whole.json() == 100_000

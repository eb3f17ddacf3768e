"""Request ids and traces: in, out, and seen by what works in between."""

from collections.abc import AsyncIterator

import httpx
import pytest

from shared.http.app import create_app
from shared.kernel import context

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


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

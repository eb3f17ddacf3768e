"""Query parameters that a route does not have are refused by name, and numbers are ASCII digits."""

from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote

import httpx
import pytest
from fastapi import APIRouter, Query

from shared.http import idempotency, queries
from shared.http.app import create_app
from shared.kernel import text as texts

PLAIN = APIRouter(prefix="/plain", route_class=queries.Route)
PAGES = APIRouter(prefix="/pages", route_class=queries.Route, include_in_schema=False)


async def _list(
    status: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    due: Annotated[int | None, Query(alias="amount_due")] = None,
) -> dict[str, int]:
    return {"limit": limit}


@pytest.fixture(params=["/plain", "/keyed"])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app("test", "Test", None)
    keyed = APIRouter(prefix="/keyed", route_class=idempotency.Route)
    for router in (PLAIN, PAGES, keyed):
        if not router.routes:
            router.get("")(_list)
        app.include_router(router)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        client.headers["x-place"] = request.param
        yield client


async def _get(client: httpx.AsyncClient, query: str) -> httpx.Response:
    return await client.get(f"{client.headers['x-place']}?{query}")


async def _faults(client: httpx.AsyncClient, query: str) -> dict[str, str]:
    reply = await _get(client, query)
    assert reply.status_code == 422, reply.text
    return {error["pointer"]: error["message"] for error in reply.json()["errors"]}


@pytest.mark.parametrize("query", ["", "status=a&limit=5", "limit=5&limit=6", "amount_due=-3", "status="])
async def test_known_parameters_are_taken(client: httpx.AsyncClient, query: str) -> None:
    assert (await _get(client, query)).status_code == 200


@pytest.mark.parametrize(
    "query, name, hint",
    [
        ("statsu=a", "statsu", "did you mean status?"),
        ("amount_du=1", "amount_du", "did you mean amount_due?"),
        ("due=1", "due", "known: amount_due, limit, status"),
        ("zzz", "zzz", "known: amount_due, limit, status"),
        ("limit%00=5", "limit", texts.FAULT),
    ],
)
async def test_an_unknown_parameter_is_named_with_the_nearest(
    client: httpx.AsyncClient, query: str, name: str, hint: str
) -> None:
    assert hint in (await _faults(client, query))[name]


async def test_every_unknown_parameter_is_named(client: httpx.AsyncClient) -> None:
    assert set(await _faults(client, "a=1&limit=2&b=3")) == {"a", "b"}


@pytest.mark.parametrize("text", ["1_0", "\uff11", "+1", " 1", "1.0", "0x1", "1e1", "", "\u0663", "--1"])
async def test_a_number_is_ascii_digits(client: httpx.AsyncClient, text: str) -> None:
    assert set(await _faults(client, f"limit={quote(text)}")) == {"limit"}


@pytest.mark.parametrize("text", ["\x00", "a\x07", "\x1b[2J", "\ufffe"])
async def test_a_value_that_nothing_could_hold_is_refused(client: httpx.AsyncClient, text: str) -> None:
    assert await _faults(client, f"status={quote(text)}") == {"status": texts.FAULT}


async def test_pages_take_what_others_add_to_their_links(client: httpx.AsyncClient) -> None:
    assert (await client.get("/pages?utm_source=mail&limit=5")).status_code == 200


async def test_a_route_that_does_not_exist_is_named(client: httpx.AsyncClient) -> None:
    reply = await client.get("/plain/")

    assert (reply.status_code, reply.json()["code"]) == (404, "no_such_route")
    assert reply.json()["detail"] == "There is no route GET /plain/."


def test_a_described_route_that_passes_over_unknown_parameters_does_not_start() -> None:
    loose = APIRouter(prefix="/v1/loose")

    @loose.get("")
    async def read() -> None: ...

    with pytest.raises(TypeError, match="/v1/loose"):
        queries.require_held(loose)
    hidden = APIRouter(prefix="/v1/loose", include_in_schema=False)
    hidden.add_api_route("", read)
    queries.require_held(hidden)

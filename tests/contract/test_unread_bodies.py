"""A route that reads no body refuses one: whoever sends fields believes that they count."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import RouteContext, iter_route_contexts

from deploy.schemas import services
from shared.http.app import create_app
from shared.http.fields import Body
from shared.http.idempotency import Route
from shared.postgres.roles import SERVICES

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
READ_RAW = {"/v1/business/logo", "/v1/bank-imports", "/v1/usage-events"}
"""Paths below /v1 whose bodies are read as bytes: a picture, a bank's file, usage in several forms."""
router = APIRouter(route_class=Route)


class Wish(Body):
    reason: str


@router.post("/void")
@router.delete("/void")
async def void() -> dict[str, str]:
    return {"status": "void"}


@router.get("/found")
async def found() -> dict[str, str]:
    return {"status": "found"}


@router.post("/cancel")
async def cancel(wish: Wish | None = None) -> dict[str, str]:
    return {"reason": wish.reason if wish else ""}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app("test", "Test", None)
    app.include_router(router)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as open_client:
        yield open_client


@pytest.mark.parametrize("package", SERVICES)
def test_every_public_route_without_a_body_refuses_what_it_would_not_read(package: str) -> None:
    app = services.app_of(package)
    changing = [
        route
        for route in iter_route_contexts(app.routes)
        if CHANGING & set(route.methods or ()) and str(route.path).startswith("/v1/")
    ]

    assert len(changing) >= len(list(_described(app.openapi())))
    assert [f"{route.methods} {route.path}" for route in changing if _is_unread(route)] == []


async def test_a_large_body_that_comes_with_a_get_is_passed_over(client: httpx.AsyncClient) -> None:
    response = await client.request("GET", "/found", json={"text": "x" * 300 * 1024})

    assert response.status_code == 200


def test_a_route_that_would_ignore_a_body_is_found() -> None:
    app, plain = FastAPI(), APIRouter(prefix="/v1")
    plain.post("/planted")(void)
    app.include_router(plain)

    found = [route.path for route in iter_route_contexts(app.routes) if _is_unread(route)]

    assert "/v1/planted" in found


def _is_unread(route: RouteContext) -> bool:
    is_strict = isinstance(route.original_route, Route)
    return getattr(route, "body_field", None) is None and not is_strict and route.path not in READ_RAW


def _described(document: dict[str, Any]) -> Iterator[str]:
    for path, operations in document["paths"].items():
        if path.startswith("/v1/"):
            yield from (f"{method} {path}" for method in operations if method.upper() in CHANGING)


@pytest.mark.parametrize("content", ["", "{}", "null"])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", ""])
async def test_nothing_is_taken_for_nothing(client: httpx.AsyncClient, content: str, kind: str) -> None:
    for method in ("POST", "DELETE"):
        reply = await client.request(method, "/void", content=content, headers={"content-type": kind})

        assert (reply.status_code, reply.json()) == (200, {"status": "void"})


@pytest.mark.parametrize(
    ("content", "pointers"),
    [
        ('{"reason": "x", "a/b": 1}', ["/reason", "/a~1b"]),
        ('{"amount_minor": null}', ["/amount_minor"]),
        ("[1]", [""]),
        ('"all"', [""]),
        ("amount=1", [""]),
    ],
)
async def test_what_is_not_read_is_refused_by_name(
    client: httpx.AsyncClient, content: str, pointers: list[str]
) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        for method in ("POST", "DELETE"):
            reply = await client.request(method, "/void", content=content, headers={"content-type": kind})

            assert reply.status_code == 422
            assert [one["pointer"] for one in reply.json()["errors"]] == pointers


async def test_a_body_that_is_read_is_left_to_its_model(client: httpx.AsyncClient) -> None:
    said = await client.post("/cancel", json={"reason": "late"})

    assert (said.status_code, said.json()) == (200, {"reason": "late"})
    assert (await client.post("/cancel")).json() == {"reason": ""}

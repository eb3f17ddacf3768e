"""Every error leaves as RFC 9457 `application/problem+json`, whatever raised it."""

from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.exceptions import HTTPException

from shared.http import app as app_module
from shared.http.fields import Body, ExactDecimal
from shared.http.idempotency import Route
from shared.kernel import errors as kernel_errors
from shared.kernel.errors import BillingError, FieldError, Invalid, NotFound, Unauthorized, Unavailable

router = APIRouter(route_class=Route)
RAISED: dict[str, Callable[[], Exception]] = {
    "not-found": lambda: NotFound("There is no invoice 7.", resource="invoice"),
    "unauthorized": Unauthorized,
    "unavailable": lambda: Unavailable(retry_after_seconds=3),
    "field": lambda: Invalid("Too much.", field="lines.0.quantity"),
    "fields": lambda: Invalid(errors=(FieldError("/a", "one"), FieldError("/b", "two"))),
    "bug": lambda: RuntimeError("secret detail"),
    "teapot": lambda: HTTPException(418, "short and stout"),
}


class Line(Body):
    quantity: Annotated[ExactDecimal, Field(gt=0, le=10)]


class Order(Body):
    name: str
    lines: list[Line]


@router.get("/raise/{name}")
async def raise_it(name: str) -> None:
    raise RAISED[name]()


@router.post("/orders")
async def order(order: Order, page: Annotated[int, Query(ge=1)] = 1) -> dict[str, str]:
    return {"quantity": str(order.lines[0].quantity)}


async def _lines_of(order: Order) -> int:
    return len(order.lines)


@router.post("/counted-orders")
async def counted(order: Order, lines: Annotated[int, Depends(_lines_of)]) -> dict[str, Any]:
    return {"name": order.name, "lines": lines}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = app_module.create_app("test", "Test", None)
    app.include_router(router)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def _pointers(problem: dict[str, Any]) -> list[str]:
    return [error["pointer"] for error in problem["errors"]]


@pytest.mark.parametrize("error", sorted(BillingError.__subclasses__(), key=lambda error: error.code))
def test_every_kind_of_error_has_a_code_a_status_and_a_message(error: type[BillingError]) -> None:
    assert error.code != BillingError.code
    assert error.status >= HTTPStatus.BAD_REQUEST
    assert error.__doc__ is not None
    assert error.__doc__.endswith((".", "again."))


def test_codes_are_used_once() -> None:
    found: list[Any] = [kind for kind in vars(kernel_errors).values() if isinstance(kind, type)]
    codes = [kind.code for kind in found if issubclass(kind, BillingError)]

    assert len(codes) == len(set(codes))


async def test_a_problem_has_the_members_of_rfc_9457_and_ours(client: httpx.AsyncClient) -> None:
    reply = await client.get("/raise/not-found", headers={"x-request-id": "abc-1"})

    assert reply.status_code == 404
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json() == {
        "type": "urn:billing:error:not_found",
        "title": "There is no such resource in this workspace.",
        "status": 404,
        "detail": "There is no invoice 7.",
        "code": "not_found",
        "errors": [],
        "request_id": "abc-1",
        "resource": "invoice",
    }


@pytest.mark.parametrize(
    "name, status, code, pointers",
    [
        ("unauthorized", 401, "unauthorized", []),
        ("unavailable", 503, "unavailable", []),
        ("field", 422, "invalid", ["/lines/0/quantity"]),
        ("fields", 422, "invalid", ["/a", "/b"]),
        ("bug", 500, "error", []),
        ("teapot", 418, "i'm_a_teapot", []),
    ],
)
async def test_an_error_becomes_its_problem(
    client: httpx.AsyncClient, name: str, status: int, code: str, pointers: list[str]
) -> None:
    reply = await client.get(f"/raise/{name}")

    assert (reply.status_code, reply.json()["status"]) == (status, status)
    assert reply.json()["code"] == code
    assert _pointers(reply.json()) == pointers


async def test_headers_say_what_to_do(client: httpx.AsyncClient) -> None:
    assert (await client.get("/raise/unavailable")).headers["retry-after"] == "3"
    assert (await client.get("/raise/unauthorized")).headers["www-authenticate"] == "Bearer"


async def test_a_bug_tells_nothing_of_itself(client: httpx.AsyncClient) -> None:
    assert "secret detail" not in (await client.get("/raise/bug")).text


async def test_a_route_that_is_not_there_is_a_problem_too(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nowhere")).json()["code"] == "no_such_route"
    assert (await client.delete("/orders")).json()["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "body, pointers",
    [
        ('{"name": "a", "lines": [{"quantity": 1}], "colour": "red"}', ["/colour"]),
        ('{"name": "a", "lines": [{"quantity": 1, "size": 2}]}', ["/lines/0/size"]),
        ('{"name": "a", "lines": [{"quantity": 1}, {"quantity": "x"}]}', ["/lines/1/quantity"]),
        ('{"name": "a", "lines": [{"quantity": NaN}]}', ["/lines/0/quantity"]),
        ('{"name": "a", "lines": [{"quantity": 1e400}]}', ["/lines/0/quantity"]),
        ('{"name": "a", "lines": [{"quantity": "NaN"}]}', ["/lines/0/quantity"]),
        ('{"name": "a", "lines": [{"quantity": true}]}', ["/lines/0/quantity"]),
        ('{"name": "a\\u0000", "lines": []}', ["/name"]),
        ('{"lines": {}}', ["/name", "/lines"]),
        ("[]", [""]),
        ("{", [""]),
        ("", [""]),
    ],
)
async def test_a_fault_in_the_body_names_its_field(
    client: httpx.AsyncClient, body: str, pointers: list[str]
) -> None:
    reply = await client.post("/orders", content=body, headers={"content-type": "application/json"})

    assert reply.status_code == 422
    assert _pointers(reply.json()) == pointers


async def test_a_fault_in_a_parameter_names_the_parameter(client: httpx.AsyncClient) -> None:
    reply = await client.post("/orders?page=0", json={"name": "a", "lines": [{"quantity": 1}]})

    assert (reply.status_code, _pointers(reply.json())) == (422, ["page"])


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "application/merge+json"]
)
@pytest.mark.parametrize("number", ["0.1234567890123456789", '"0.1234567890123456789"'])
async def test_a_number_reaches_the_route_with_every_digit(
    client: httpx.AsyncClient, kind: str, number: str
) -> None:
    content = f'{{"name": "a", "lines": [{{"quantity": {number}}}]}}'

    reply = await client.post("/orders", content=content, headers={"content-type": kind})

    assert reply.json() == {"quantity": "0.1234567890123456789"}


async def test_a_body_above_one_mebibyte_is_413(client: httpx.AsyncClient) -> None:
    content = b'{"name": "' + b"a" * app_module.MAX_BODY_BYTES + b'"}'

    reply = await client.post("/orders", content=content, headers={"content-type": "application/json"})

    assert (reply.status_code, reply.json()["code"]) == (413, "body_too_large")


async def test_a_body_above_the_limit_is_413_even_without_a_length(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    reply = await client.post("/orders", content=chunks(), headers={"content-type": "application/json"})

    assert (reply.status_code, reply.json()["code"]) == (413, "body_too_large")


async def test_a_fault_of_a_body_that_two_read_is_told_once(client: httpx.AsyncClient) -> None:
    reply = await client.post("/counted-orders", json={"lines": [{"quantity": "0"}]})
    assert _pointers(reply.json()) == ["/name", "/lines/0/quantity"]

"""Requests are passed on as they came, and answers back as they are."""

import asyncio
from uuid import UUID

from services.gateway.canonical.api import routes as canonical
from tests.integration.gateway.conftest import Gateway, Workspace

INVOICE = "01981a8e-7c00-7000-8000-000000000003"


async def test_a_request_reaches_its_service_unchanged(gateway: Gateway, workspace: Workspace) -> None:
    body = b'{"price": 0.1234567890123456789}'
    passed_on = {"content-type": "application/json", "idempotency-key": "k", "if-match": '"2"', "prefer": "x"}
    kept_back = {"cookie": "secret=1", "x-forwarded-for": "10.0.0.1", "te": "trailers", "range": "bytes=0-1"}
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    followed = {"x-request-id": "from-outside", "traceparent": trace}
    gateway.behind["invoice"].answer("POST /v1/invoices/a b/issue", 200, {})

    async with gateway.as_key(workspace.key) as client:
        url = "/v1/invoices/a%20b/issue?x=1&x=%C3%A9&y"
        reply = await client.post(url, content=body, headers={**passed_on, **kept_back, **followed})

    (seen,) = gateway.behind["invoice"].seen
    assert (seen.method, seen.path, seen.query) == ("POST", "/v1/invoices/a%20b/issue", "x=1&x=%C3%A9&y")
    assert seen.body == body
    assert passed_on.items() <= seen.headers.items()
    assert not {"x-api-key", *kept_back} & seen.headers.keys()
    assert workspace.key not in str(seen)
    assert seen.headers["x-request-id"] == reply.headers["x-request-id"] == "from-outside"
    assert seen.headers["traceparent"].startswith(trace[:36])


async def test_an_answer_comes_back_unchanged(gateway: Gateway, workspace: Workspace) -> None:
    headers = {"etag": '"3"', "location": "/v1/x/1", "idempotent-replayed": "true", "retry-after": "2"}
    gateway.behind["payment"].answer("PATCH /v1/payments/1", 201, {"a": 1}, **headers, connection="close")

    async with gateway.as_key(workspace.key) as client:
        reply = await client.patch("/v1/payments/1", json={})

    assert (reply.status_code, reply.json()) == (201, {"a": 1})
    assert headers.items() <= reply.headers.items()
    assert "connection" not in reply.headers
    assert len(reply.headers.get_list("x-request-id")) == len(reply.headers.get_list("content-length")) == 1


async def test_a_redirect_leads_to_the_gateway(gateway: Gateway, workspace: Workspace) -> None:
    invoice = gateway.behind["invoice"]
    invoice.answer("GET /v1/contacts/", 307, b"", location=f"{invoice.url}/v1/contacts")

    async with gateway.as_key(workspace.key) as client:
        reply = await client.get("/v1/contacts/")

    assert (reply.status_code, reply.headers["location"]) == (307, "/v1/contacts")


async def test_the_service_learns_who_asks(gateway: Gateway, workspace: Workspace) -> None:
    gateway.behind["payment"].answer("GET /v1/payments", 200, {"data": []})
    async with gateway.as_key(workspace.key) as client:
        await client.get("/v1/payments")
        await client.get("/v1/payments")

    first, second = gateway.behind["payment"].seen
    principal = gateway.service.tokens.verify(first.headers["authorization"].removeprefix("Bearer "))
    assert principal.workspace_id == UUID(workspace.id)
    assert principal.actor.startswith("key:")
    assert (principal.scopes, principal.mode) == (frozenset({"*"}), "sandbox")
    assert first.headers["authorization"] == second.headers["authorization"]
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


async def test_every_resource_has_its_service(gateway: Gateway, workspace: Workspace) -> None:
    async with gateway.as_key(workspace.key) as client:
        for resource, service in canonical.SERVICE_OF.items():
            gateway.behind[service].answer(f"DELETE /v1/{resource}/1", 204, b"")
            reply = await client.delete(f"/v1/{resource}/1")

            assert (resource, reply.status_code, reply.content) == (resource, 204, b"")


INSIDE = (
    "/internal/invoices/1/settlement",
    "/v1/invoices/../../internal/invoices/1",
    "/v1/invoices/%2e%2e/%2e%2e/internal/contacts/1",
    "/v1/invoices/..%2f..%2finternal",
    "/v1/invoices/..%5c..%5cinternal",
    "/v1/invoices/..",
    "/v1/internal/contacts/1",
    "//internal/contacts",
    "/V1/contacts",
    "/v1",
    "/v1/nothing",
    "/metrics/..",
)


async def test_nothing_leads_to_a_services_inside(gateway: Gateway, workspace: Workspace) -> None:
    for path in INSIDE:
        reply = await _as_it_stands(gateway, path, workspace.key)

        assert reply.split()[1] == b"404", path
    assert not any(upstream.seen for upstream in gateway.behind.values())


async def _as_it_stands(gateway: Gateway, path: str, key: str) -> bytes:
    """The reply to these very bytes: httpx would tidy the path up."""
    host, port = gateway.service.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"GET {path} HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\nconnection: close\r\n\r\n"
    writer.write(head.encode())
    reply = await reader.read()
    writer.close()
    return reply


async def test_a_body_above_one_mebibyte_is_too_large(gateway: Gateway, workspace: Workspace) -> None:
    async def in_pieces() -> object:
        for _ in range(40):
            yield b"x" * 64 * 1024

    async with gateway.as_key(workspace.key) as client:
        announced = await client.post("/v1/contacts", content=b"x" * 2 * 1024 * 1024)
        chunked = await client.post("/v1/contacts", content=in_pieces())
        own = await client.post("/v1/api-keys", content=b"x" * 2 * 1024 * 1024)
        dialect = await client.post("/paydock/api/contacts", content=b"x" * 2 * 1024 * 1024)

    for reply in (announced, chunked, own):
        assert reply.status_code == 413
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["code"] == "body_too_large"
        assert reply.headers["x-request-id"]
    assert (dialect.status_code, dialect.json()["code"]) == (413, "payload_too_large")
    assert not gateway.behind["invoice"].seen


async def test_a_service_that_is_away_is_unavailable(gateway: Gateway, workspace: Workspace) -> None:
    gateway.take_away("payment")

    async with gateway.as_key(workspace.key) as client:
        reply = await client.get("/v1/payments")
        dialect = await client.get("/paydock/api/payments")

    assert reply.status_code == 503
    assert reply.headers["retry-after"] == "1"
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["code"] == "unavailable"
    assert (dialect.status_code, dialect.headers["retry-after"]) == (503, "1")
    assert dialect.json()["code"] == "service_unavailable"


async def test_a_services_refusal_comes_back_as_it_is(gateway: Gateway, workspace: Workspace) -> None:
    problem = {"code": "illegal_move", "status": 409, "errors": []}
    gateway.behind["invoice"].answer(f"POST /v1/invoices/{INVOICE}/void", 409, problem, retry_after="7")
    async with gateway.as_key(workspace.key) as client:
        reply = await client.post(f"/v1/invoices/{INVOICE}/void")

    assert (reply.status_code, reply.json(), reply.headers["retry-after"]) == (409, problem, "7")


async def test_an_unknown_method_is_refused(gateway: Gateway, workspace: Workspace) -> None:
    async with gateway.as_key(workspace.key) as client:
        reply = await client.request("PURGE", "/v1/contacts")

    assert reply.status_code == 405
    assert not gateway.behind["invoice"].seen


async def test_an_unauthenticated_body_is_not_read(gateway: Gateway) -> None:
    async with gateway.service.client() as client:
        reply = await client.post("/v1/contacts", content=b"x" * 500_000)

    assert reply.status_code == 401
    assert reply.headers["www-authenticate"] == "Bearer"

"""What tests work out only once stays true to the libraries whose private names it takes."""

import ssl
import subprocess
import sys

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from httpx._transports import default as httpx_transports

router = APIRouter(prefix="/things")


def who() -> str:
    return "nobody"


@router.get("/{number}", responses={404: {"description": "None."}})
def get(number: int, name: str = Depends(who)) -> dict[str, str | int]:
    return {"number": number, "name": name}


def an_app(**options: object) -> FastAPI:
    app = FastAPI()
    app.include_router(router, **options)  # type: ignore[arg-type]
    return app


def test_clients_of_httpx_share_what_they_know_of_authorities() -> None:
    contexts = [_ssl_context(httpx.AsyncClient()) for _ in range(2)]

    assert contexts[0] is contexts[1]
    assert contexts[0].verify_mode is ssl.CERT_REQUIRED
    assert _ssl_context(httpx.AsyncClient(verify=False)).verify_mode is ssl.CERT_NONE


def _ssl_context(client: httpx.AsyncClient) -> ssl.SSLContext:
    transport = client._transport
    assert isinstance(transport, httpx_transports.AsyncHTTPTransport)
    context: ssl.SSLContext = transport._pool._ssl_context  # type: ignore[assignment]
    return context


def test_routes_are_worked_out_once_for_apps_that_include_them_alike() -> None:
    contexts = [_contexts(an_app()) for _ in range(2)]

    assert contexts[0]
    assert all(first is second for first, second in zip(*contexts, strict=True))


async def test_an_app_that_includes_them_otherwise_has_others() -> None:
    plain, prefixed = an_app(), an_app(prefix="/v2", tags=["others"])

    statuses = [
        (await asked(app, path)).status_code
        for app in (plain, prefixed)
        for path in ("/things/1", "/v2/things/1", "/v2/things/x")
    ]

    assert statuses == [200, 404, 404, 404, 200, 422]
    assert [list(app.openapi()["paths"]) for app in (plain, prefixed)] == [
        ["/things/{number}"],
        ["/v2/things/{number}"],
    ]
    assert prefixed.openapi()["paths"]["/v2/things/{number}"]["get"]["tags"] == ["others"]


async def test_an_app_that_replaces_a_dependency_is_heard_or_told_that_it_is_too_late() -> None:
    plain, replaced = an_app(), an_app()
    replaced.dependency_overrides[who] = lambda: "somebody"

    names = [(await asked(app, "/things/1")).json()["name"] for app in (plain, replaced)]

    assert names == ["nobody", "somebody"]
    with pytest.raises(TypeError, match="does not support item assignment"):
        plain.dependency_overrides[who] = lambda: "somebody"


async def asked(app: FastAPI, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        return await client.get(path)


def _contexts(app: FastAPI) -> list[object]:
    included = [route for route in app.routes if type(route).__name__ == "_IncludedRouter"]
    return [context for one in included for context in one.effective_candidates()]


def test_the_grammar_of_identifiers_is_compiled_when_it_is_asked_for() -> None:
    script = """
import sys
from tests import shortcuts
shortcuts.take()
import jsonschema
from jsonschema import Draft202012Validator, FormatChecker
assert "lark" not in sys.modules, "compiled already"
checker = Draft202012Validator({"format": "iri"}, format_checker=FormatChecker())
assert checker.is_valid("https://example.com/ü"), "an IRI is none"
assert not checker.is_valid("https://exa mple"), "what is none is one"
assert "lark" in sys.modules, "not compiled"
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr

"""Who gets in, and who does not: keys, users' tokens and the workspace that they name."""

import base64
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from services.gateway.keys.domain import key_text
from tests.integration.gateway.conftest import JWT_SECRET, Gateway, Workspace, a_token


@pytest.fixture(autouse=True)
async def contacts_answer(gateway: Gateway) -> None:
    """The invoice service lists contacts."""
    gateway.behind["invoice"].answer("GET /v1/contacts", 200, {"data": []})


def _unsigned(**claims: Any) -> str:
    whole = {"iss": "billing-local", "aud": "billing", "sub": "a", "exp": int(time.time()) + 60, **claims}
    parts = [{"alg": "none", "typ": "JWT"}, {"workspaces": ["acme"], **whole}]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts) + "."


async def _status(gateway: Gateway, **headers: Any) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with gateway.service.client(None, **named) as client:
        reply = await client.get("/v1/contacts")
    if reply.status_code != 200:
        assert reply.headers["content-type"] == "application/problem+json"
    return reply.status_code


async def test_a_key_counts_in_either_header(gateway: Gateway, workspace: Workspace) -> None:
    statuses = [
        await _status(gateway, x_api_key=workspace.key),
        await _status(gateway, authorization=f"Bearer {workspace.key}"),
        await _status(gateway, authorization=f"bearer {workspace.key}"),
        await _status(gateway, x_api_key=workspace.key, x_tenant_slug="acme"),
    ]

    assert statuses == [200] * 4


async def test_a_key_with_another_workspaces_slug_is_forbidden(
    gateway: Gateway, workspace: Workspace
) -> None:
    await gateway.create_workspace("other")

    statuses = [
        await _status(gateway, x_api_key=workspace.key, x_tenant_slug="other"),
        await _status(gateway, x_api_key=workspace.key, x_tenant_slug="nobody"),
        await _status(gateway, x_api_key=workspace.key),
        await _status(gateway, x_api_key=workspace.key, x_tenant_slug="other"),
    ]

    assert statuses == [403, 403, 200, 403]


async def test_what_is_no_key_of_ours_is_refused(gateway: Gateway, workspace: Workspace) -> None:
    mistyped = workspace.key[:-1] + ("a" if workspace.key[-1] != "a" else "b")
    for header in ("x_api_key", "authorization"):
        scheme = "Bearer " if header == "authorization" else ""
        for text in (mistyped, key_text.make("live"), "ftj_your_api_key_here", "blg_test_", "é", "x" * 9000):
            value = (scheme + text).encode()
            assert await _status(gateway, **{header: value}) == 401, text
    assert await _status(gateway) == 401
    assert await _status(gateway, x_api_key="") == 401
    assert await _status(gateway, authorization=f"Basic {workspace.key}") == 401


async def test_a_key_with_a_wrong_checksum_never_reaches_the_database(
    gateway: Gateway, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    authenticator = gateway.service.app.state.gateway.authenticator

    async def fail() -> Any:
        raise AssertionError("looked up")

    monkeypatch.setattr(type(authenticator), "database", lambda self: fail())
    mistyped = workspace.key[:-1] + ("a" if workspace.key[-1] != "a" else "b")

    assert await _status(gateway, x_api_key=mistyped) == 401


async def test_a_users_token_opens_the_workspaces_that_it_lists(
    gateway: Gateway, workspace: Workspace
) -> None:
    await gateway.create_workspace("other")
    token = f"Bearer {a_token()}"

    statuses = [
        await _status(gateway, authorization=token, x_tenant_slug="acme"),
        await _status(gateway, authorization=token, x_tenant_slug="other"),
        await _status(gateway, authorization=token, x_tenant_slug="nobody"),
        await _status(gateway, authorization=f"Bearer {a_token(workspaces=['gone'])}", x_tenant_slug="gone"),
        await _status(gateway, authorization=token),
        await _status(gateway, x_api_key=a_token(), x_tenant_slug="acme"),
    ]

    assert statuses == [200, 403, 403, 403, 400, 401]
    assert gateway.behind["invoice"].seen[-1].headers["authorization"] != token


def _attacks() -> dict[str, str]:
    soon = int(time.time()) + 600
    return {
        "alg none": _unsigned(),
        "another secret": a_token(secret="another secret, also of thirty-two characters"),
        "another algorithm": a_token(algorithm="HS512"),
        "expired": a_token(exp=soon - 631),
        "no exp": a_token(exp=None),
        "exp is a text": a_token(exp="tomorrow"),
        "not yet valid": a_token(nbf=soon),
        "another audience": a_token(aud="another"),
        "no audience": a_token(aud=None),
        "another issuer": a_token(iss="another"),
        "no issuer": a_token(iss=None),
        "no subject": a_token(sub=None),
        "empty subject": a_token(sub=""),
        "a line break in the subject": a_token(sub="a\nb"),
        "workspaces is a text": a_token(workspaces="acme"),
        "workspaces are objects": a_token(workspaces=[{"acme": 1}]),
        "tampered": a_token()[:-4] + "AAAA",
        "four parts": a_token() + ".x",
        "no base64": "a.b.c",
        "empty parts": "..",
        "empty claims": "e30.e30.",
        "deep": "e30." + base64.urlsafe_b64encode(b"[" * 3000).decode() + ".x",
    }


async def test_an_attackers_token_is_refused(gateway: Gateway, workspace: Workspace) -> None:
    for attack, token in _attacks().items():
        statuses = [
            await _status(gateway, authorization=f"Bearer {token}", x_tenant_slug="acme"),
            await _status(gateway, authorization=f"Bearer {token}"),
        ]

        assert (attack, statuses) == (attack, [401, 401])
    assert not gateway.behind["invoice"].seen


async def test_tokens_with_unknown_headers_or_other_keys_are_refused(
    gateway: Gateway, workspace: Workspace
) -> None:
    claims = json.loads(base64.urlsafe_b64decode(a_token().split(".")[1] + "=="))
    key = ECKey.generate_key("P-256")
    asymmetric = jwt.encode({"alg": "ES256", "jwk": key.as_dict(private=False)}, claims, key)

    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "crit": ["exp"]}).encode()).decode()
    critical = ".".join([head.rstrip("="), *a_token().split(".")[1:]])

    for token in (asymmetric, critical):
        assert await _status(gateway, authorization=f"Bearer {token}", x_tenant_slug="acme") == 401


async def test_a_token_that_runs_out_is_refused_though_it_was_cached(
    gateway: Gateway, workspace: Workspace
) -> None:
    authenticator = gateway.service.app.state.gateway.authenticator
    # 30 s of leeway: this one has a second left.
    token = f"Bearer {a_token(exp=time.time() - 29)}"
    before = await _status(gateway, authorization=token, x_tenant_slug="acme")
    (known,) = [one for one in authenticator._known.values() if one.caller]

    assert before == 200
    assert known.until - time.monotonic() < 1.1


async def test_an_internal_token_opens_nothing_from_outside(gateway: Gateway, workspace: Workspace) -> None:
    async with gateway.as_key(workspace.key) as client:
        await client.get("/v1/contacts")
    inner = gateway.behind["invoice"].seen[-1].headers["authorization"]

    assert inner.startswith("Bearer ey")
    assert await _status(gateway, authorization=inner) == 401
    assert await _status(gateway, authorization=inner, x_tenant_slug="acme") == 401
    async with gateway.service.client(None, authorization=inner) as client:
        assert (await client.get("/v1/api-keys")).status_code == 401
        assert (await client.get("/v1/workspaces")).status_code == 401


async def test_the_pages_that_need_no_credential(gateway: Gateway) -> None:
    async with gateway.service.client() as client:
        for path in ("/docs", "/openapi.json", "/livez", "/readyz", "/paydock/api/docs"):
            assert (await client.get(path)).status_code == 200, path
        page = (await client.get("/docs")).text
        for name in ("swagger-ui-bundle.js", "swagger-ui.css", "docs.js", "favicon-32x32.png"):
            assert f'"/docs/{name}"' in page
            assert (await client.get(f"/docs/{name}")).status_code == 200
        assert "http" not in page.replace("http-equiv", "")
        assert (await client.get("/docs/..%2f..%2fmain.py")).status_code == 404
        assert (await client.get("/redoc")).status_code == 404


async def test_the_secret_of_the_tokens_is_not_the_internal_one(gateway: Gateway) -> None:
    tokens = gateway.service.tokens

    assert tokens.secret != JWT_SECRET

"""The internal token: believed only when it is ours, whole, and not a minute old."""

import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from shared.http import internal_auth
from shared.http.internal_auth import InternalTokens, Principal
from shared.kernel.errors import Unauthorized
from shared.kernel.ids import new_id

SECRET = "a secret of at least thirty-two letters"
PRINCIPAL = Principal(
    workspace_id=new_id(),
    actor="key_1",
    scopes=frozenset({"invoices:read", "payments:*"}),
    mode="sandbox",
    zone="Asia/Tokyo",
    currency="JPY",
    clock_offset_ms=86_400_000,
)


def a_token(secret: str = SECRET, header: dict[str, Any] | None = None, **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "billing-gateway",
        "sub": "key_1",
        "iat": now,
        "exp": now + 60,
        "workspace": str(PRINCIPAL.workspace_id),
        "scopes": ["*"],
        "mode": "live",
        "zone": "UTC",
        "currency": "EUR",
        "offset": 0,
    }
    claims |= changes
    kept = {name: value for name, value in claims.items() if value is not None}
    used = header or {"alg": "HS256"}
    return jwt.encode(used, kept, OctKey.import_key(secret), algorithms=[used["alg"]])


def _unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}."


def _with_other_claims(token: str) -> str:
    head, _, signature = token.split(".")
    claims = base64.urlsafe_b64encode(json.dumps({"workspace": str(new_id())}).encode()).decode().rstrip("=")
    return f"{head}.{claims}.{signature}"


def test_a_token_says_what_was_signed() -> None:
    assert InternalTokens(SECRET).verify(InternalTokens(SECRET).sign(PRINCIPAL)) == PRINCIPAL


def test_a_token_that_was_seen_says_the_same_again() -> None:
    tokens = InternalTokens(SECRET)
    token = tokens.sign(PRINCIPAL)

    assert tokens.verify(token) is tokens.verify(token)


REFUSED: dict[str, Callable[[], str]] = {
    "nothing": lambda: "",
    "rubbish": lambda: "a.b.c",
    "another secret": lambda: a_token("another secret of thirty-two letters"),
    "expired": lambda: a_token(exp=int(time.time()) - 1),
    "expires as a text": lambda: a_token(exp="tomorrow"),
    "never expires": lambda: a_token(exp=None),
    "another issuer": lambda: a_token(iss="someone-else"),
    "no issuer": lambda: a_token(iss=None),
    "no workspace": lambda: a_token(workspace=None),
    "a workspace that is no id": lambda: a_token(workspace="acme"),
    "scopes that are none": lambda: a_token(scopes=5),
    "another algorithm": lambda: a_token(header={"alg": "HS512"}),
    "no signature": lambda: _unsigned(a_token()),
    "other claims": lambda: _with_other_claims(a_token()),
    "a letter changed": lambda: a_token()[:-5] + "AAAAA",
    "not ascii": lambda: "é.é.é",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_token_that_is_not_ours_is_refused(name: str) -> None:
    with pytest.raises(Unauthorized):
        InternalTokens(SECRET).verify(REFUSED[name]())


def test_a_token_that_was_seen_expires_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = InternalTokens(SECRET)
    token = tokens.sign(PRINCIPAL)
    tokens.verify(token)
    later = time.time() + internal_auth.LIFETIME_SECONDS + 1

    monkeypatch.setattr("shared.http.internal_auth.time.time", lambda: later)

    with pytest.raises(Unauthorized):
        tokens.verify(token)


def test_tokens_that_were_seen_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = InternalTokens(SECRET)
    monkeypatch.setattr(InternalTokens, "_read", lambda self, token: (time.time() + 60, PRINCIPAL))

    for number in range(25_000):
        tokens.verify(f"token {number}")

    assert len(tokens._seen) <= 10_001


@pytest.mark.parametrize(
    "scopes, scope, allowed",
    [
        ({"*"}, "invoices:read", True),
        ({"invoices:read"}, "invoices:read", True),
        ({"invoices:read"}, "invoices:write", False),
        ({"invoices:*"}, "invoices:write", True),
        ({"*:read"}, "invoices:read", True),
        ({"*:read"}, "invoices:write", False),
        ({"payments:*"}, "invoices:read", False),
        (set(), "invoices:read", False),
        ({"invoices"}, "invoices:read", False),
        ({""}, "invoices:read", False),
    ],
)
def test_a_scope_opens_what_it_names(scopes: set[str], scope: str, allowed: bool) -> None:
    assert Principal(new_id(), "key", frozenset(scopes)).may(scope) is allowed


def test_a_principal_has_the_clock_of_its_workspace() -> None:
    assert PRINCIPAL.clock.offset == timedelta(days=1)
    assert PRINCIPAL.clock.zone == "Asia/Tokyo"

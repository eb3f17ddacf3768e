"""The token that the gateway signs for the services: who asks, for which workspace, with which scopes."""

import json
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, params
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.types import Scope

from shared.kernel import context
from shared.kernel.clock import Clock
from shared.kernel.errors import Forbidden, Unauthorized
from shared.kernel.json import JsonObject

_ISSUER = "billing-gateway"
LIFETIME_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks (an API key, a user or a service), within one workspace."""

    workspace_id: UUID
    actor: str
    scopes: frozenset[str] = frozenset({"*"})
    mode: str = "live"
    zone: str = "Europe/Amsterdam"
    currency: str = "EUR"
    clock_offset_ms: int = 0
    workspace_name: str = ""

    @property
    def clock(self) -> Clock:
        """The workspace's clock."""
        return Clock(timedelta(milliseconds=self.clock_offset_ms), self.zone)

    def may(self, scope: str) -> bool:
        """Whether the scopes hold `resource:read` or `resource:write`, directly or by a wildcard."""
        resource, _, action = scope.partition(":")
        return bool(self.scopes & {"*", scope, f"{resource}:*", f"*:{action}"})


@dataclass(slots=True)
class InternalTokens:
    """Signs and verifies with a secret that gateway and services share (HS256)."""

    secret: str
    _seen: dict[str, tuple[float, Principal]] = field(default_factory=dict)

    def sign(self, principal: Principal) -> str:
        """A token that says this for a minute."""
        now = int(time.time())
        claims = {
            "iss": _ISSUER,
            "sub": principal.actor,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
            "workspace": str(principal.workspace_id),
            "scopes": sorted(principal.scopes),
            "mode": principal.mode,
            "zone": principal.zone,
            "currency": principal.currency,
            "offset": principal.clock_offset_ms,
            "workspace_name": principal.workspace_name,
        }
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(self.secret))

    def verify(self, token: str) -> Principal:
        """Who the token speaks for; raises Unauthorized for a wrong, foreign or expired one."""
        known = self._seen.get(token)
        if known and known[0] > time.time():
            return known[1]
        expires_at, principal = self._read(token)
        # The gateway sends one token many times; checking its signature once is enough.
        if len(self._seen) > 10_000:
            self._seen.clear()
        self._seen[token] = (expires_at, principal)
        return principal

    def _read(self, token: str) -> tuple[float, Principal]:
        try:
            claims = jwt.decode(token, OctKey.import_key(self.secret), algorithms=["HS256"]).claims
            if claims["iss"] != _ISSUER or claims["exp"] <= time.time():
                raise Unauthorized
            return claims["exp"], _principal(claims)
        except (JoseError, ValueError, KeyError, TypeError, json.JSONDecodeError) as error:
            raise Unauthorized from error


def _principal(claims: JsonObject) -> Principal:
    return Principal(
        workspace_id=UUID(claims["workspace"]),
        actor=claims["sub"],
        scopes=frozenset(claims["scopes"]),
        mode=claims["mode"],
        zone=claims["zone"],
        currency=claims["currency"],
        clock_offset_ms=claims["offset"],
        # A gateway of the release before does not say it.
        workspace_name=claims.get("workspace_name", ""),
    )


async def current_principal(request: Request) -> Principal:
    """The principal of this request; raises Unauthorized without a valid internal token."""
    known: Principal | None = request.scope.get("principal")
    return known or let_in(request.scope, request.headers.get("authorization", ""))


def let_in(scope: Scope, authorization: str) -> Principal:
    """Who sends this request, whose header says so; raises Unauthorized without a valid internal token."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized
    tokens: InternalTokens = scope["app"].state.tokens
    principal: Principal = tokens.verify(token)
    scope["principal"] = principal
    speak_for(principal)
    return principal


def speak_for(principal: Principal) -> None:
    """Let everything that this request does from here on be done by this principal."""
    context.actor.set(principal.actor)
    context.clock_offset_ms.set(principal.clock_offset_ms)
    context.workspace_name.set(principal.workspace_name)


async def current_clock(request: Request) -> Clock:
    """The clock of the request's workspace."""
    return (await current_principal(request)).clock


def require(scope: str) -> params.Depends:
    """A dependency that raises Forbidden when the principal lacks the scope."""

    async def check(request: Request) -> None:
        if not (await current_principal(request)).may(scope):
            raise Forbidden(f"The credential lacks the scope {scope}.", scope=scope)

    check.scope = scope  # type: ignore[attr-defined]
    dependency: params.Depends = Depends(check)
    return dependency


Who = Annotated[Principal, Depends(current_principal)]
Now = Annotated[Clock, Depends(current_clock)]

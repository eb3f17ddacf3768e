"""Finds out who asks: resolves a credential to a principal of one workspace, and signs the internal token."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
from fastapi import Request

from services.gateway import metrics
from services.gateway.domain import key_text
from services.gateway.domain.workspace import Workspace
from services.gateway.edge import credentials
from services.gateway.edge.credentials import Credential, Headers
from services.gateway.edge.users import Issuers
from services.gateway.repository import api_keys, workspaces
from shared.http.internal_auth import InternalTokens, Principal
from shared.kernel.errors import BadRequest, Forbidden, Unauthorized
from shared.postgres.transaction import Database

MAX_CACHED = 20_000


class WrongWorkspace(Forbidden):
    """The credential does not open the workspace that x-tenant-slug names."""

    code = "wrong_workspace"


class NoWorkspaceNamed(BadRequest):
    """A user's token needs the header x-tenant-slug, which names the workspace."""

    code = "tenant_slug_missing"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, for which workspace, and the Authorization header that says so to the services."""

    principal: Principal
    workspace: Workspace
    authorization: str
    api_key_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """A credential's outcome until an instant of the monotonic clock; no caller: there is no such key."""

    until: float
    caller: Caller | None


@dataclass(slots=True)
class Authenticator:
    """Resolves credentials; keeps each outcome for a few seconds, in this process."""

    open_pool: Callable[[], Awaitable["asyncpg.Pool[asyncpg.Record]"]]
    tokens: InternalTokens
    issuers: Issuers
    pepper: str
    cache_seconds: float
    # A sandbox's clock may be moved by another process than this one, and its credentials carry it.
    sandbox_cache_seconds: float
    token_seconds: float = 30.0
    used_at: dict[tuple[UUID, UUID], datetime] = field(default_factory=dict)
    _database: Database | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _known: dict[tuple[bytes, str | None], _Known] = field(default_factory=dict)
    _signed: dict[Principal, tuple[float, str]] = field(default_factory=dict)

    async def caller(self, headers: Headers) -> Caller:
        """Who sends these headers; raises Unauthorized, WrongWorkspace or NoWorkspaceNamed."""
        credential = credentials.read(headers)
        # The digest is what a lookup compares, so its timing tells nothing about the secret.
        digest = key_text.digest(credential.text, self.pepper)
        # A key has one workspace; a user's token opens another one with another slug.
        place = (digest, None if credential.is_key else credential.slug)
        known = self._known.get(place)
        if known is None or known.until <= time.monotonic():
            known = self._known[place] = await self._look_up(credential, digest)
        if known.caller is None:
            raise Unauthorized
        if credential.slug not in (None, known.caller.workspace.slug):
            raise WrongWorkspace
        return known.caller

    def with_scope(self, caller: Caller, scope: str) -> str:
        """An Authorization header for what the gateway itself must ask about the caller's own request."""
        return f"Bearer {self._token(replace(caller.principal, scopes=frozenset({scope})))}"

    def forget(self, workspace_id: UUID) -> None:
        """Look the workspace's credentials up again at their next use: one was revoked, or it changed."""
        self._known = {
            place: known
            for place, known in self._known.items()
            if known.caller is None or known.caller.workspace.id != workspace_id
        }

    async def database(self) -> Database:
        """The login that reads keys and workspaces of all tenants; opened at its first use."""
        async with self._opening:
            if self._database is None:
                self._database = Database(await self.open_pool())
        return self._database

    async def close(self) -> None:
        """Close the connections."""
        if self._database:
            await self._database.pool.close()

    async def _look_up(self, credential: Credential, digest: bytes) -> _Known:
        kind = "key" if credential.is_key else "user"
        try:
            find = self._find_key if credential.is_key else self._find_user
            known = await find(credential, digest)
        except (Unauthorized, Forbidden, BadRequest) as error:
            metrics.CREDENTIALS.labels(kind, error.code).inc()
            raise
        metrics.CREDENTIALS.labels(kind, "accepted" if known.caller else "unauthorized").inc()
        if len(self._known) >= MAX_CACHED:
            self._known.clear()
        return known

    async def _find_key(self, credential: Credential, digest: bytes) -> _Known:
        if not key_text.is_well_formed(credential.text):
            raise Unauthorized
        async with (await self.database()).transaction() as tx:
            found = await api_keys.find(tx, digest)
        now = datetime.now(UTC)
        if found is None or not found[0].is_usable(now):
            return self._for(self.cache_seconds, None)
        key, workspace = found
        self.used_at[key.workspace_id, key.id] = now
        seconds = (key.expires_at - now).total_seconds() if key.expires_at else self.cache_seconds
        return self._for(seconds, self._as_caller(workspace, f"key:{key.id}", frozenset(key.scopes), key.id))

    async def _find_user(self, credential: Credential, _: bytes) -> _Known:
        user = self.issuers.verify(credential.text)
        if not credential.slug:
            raise NoWorkspaceNamed(field="x-tenant-slug")
        if credential.slug not in user.workspaces:
            raise WrongWorkspace
        async with (await self.database()).transaction() as tx:
            workspace = await workspaces.find_by_slug(tx, credential.slug)
        if workspace is None:
            raise WrongWorkspace
        caller = self._as_caller(workspace, f"user:{user.subject}", frozenset({"*"}))
        return self._for(user.expires_at - time.time(), caller)

    def _for(self, seconds: float, caller: Caller | None) -> _Known:
        is_sandbox = caller is not None and caller.workspace.mode == "sandbox"
        limit = min(self.cache_seconds, self.sandbox_cache_seconds) if is_sandbox else self.cache_seconds
        return _Known(time.monotonic() + min(seconds, limit), caller)

    def _as_caller(
        self, workspace: Workspace, actor: str, scopes: frozenset[str], api_key_id: UUID | None = None
    ) -> Caller:
        principal = Principal(
            workspace_id=workspace.id,
            actor=actor,
            scopes=scopes,
            mode=workspace.mode,
            zone=workspace.zone,
            currency=workspace.currency,
            clock_offset_ms=workspace.clock_offset_ms,
        )
        return Caller(principal, workspace, f"Bearer {self._token(principal)}", api_key_id)

    def _token(self, principal: Principal) -> str:
        now = time.monotonic()
        known = self._signed.get(principal)
        if known and known[0] > now:
            return known[1]
        if len(self._signed) >= MAX_CACHED:
            self._signed.clear()
        token = self.tokens.sign(principal)
        self._signed[principal] = (now + self.token_seconds, token)
        return token


async def authenticated(request: Request) -> Caller:
    """The caller of one of the gateway's own routes; a router's dependency, so that it runs first."""
    authenticator: Authenticator = request.app.state.gateway.authenticator
    caller = await authenticator.caller(dict(request.scope["headers"]))
    request.scope["principal"], request.scope["caller"] = caller.principal, caller
    return caller


async def require_administrator(request: Request) -> None:
    """Let only the platform's admin token through; a workspace's own credential is Forbidden."""
    gateway = request.app.state.gateway
    headers: Headers = dict(request.scope["headers"])
    try:
        credentials.require_same(credentials.bearer(headers), gateway.admin_token)
    except Unauthorized:
        await gateway.authenticator.caller(headers)
        raise Forbidden("Workspaces are managed with the platform's admin token.") from None

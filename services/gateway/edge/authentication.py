"""Finds out who asks: resolves a credential to a principal of one workspace, and signs the internal token."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import asyncpg

from services.gateway import metrics
from services.gateway.edge import credentials
from services.gateway.edge.addresses import UNKNOWN
from services.gateway.edge.attempts import Attempts
from services.gateway.edge.credentials import Credential, Headers
from services.gateway.edge.users import Issuers, User
from services.gateway.keys import repository as api_keys
from services.gateway.keys.domain import key_text
from services.gateway.memberships import repository as memberships
from services.gateway.workspaces.domain import Workspace
from shared.http.internal_auth import InternalTokens, Principal
from shared.kernel.errors import BadRequest, Forbidden, Unauthorized, Unavailable
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
    # Of a key that ends: what it makes ends with it.
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """Whose a good credential is, until an instant of the monotonic clock."""

    until: float
    caller: Caller


_Place = tuple[bytes, str | None]
_Value = TypeVar("_Value")
"""A credential's digest, and the workspace that it asks for where it may open several."""


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
    attempts: Attempts
    # Which scopes a user's role has.
    roles: Mapping[str, frozenset[str]]
    token_seconds: float = 30.0
    used_at: dict[tuple[UUID, UUID], datetime] = field(default_factory=dict)
    _database: Database | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _known: dict[_Place, _Known] = field(default_factory=dict)
    # Apart, so that guesses never push out what is known of good ones.
    _refused: dict[_Place, float] = field(default_factory=dict)
    _signed: dict[Principal, tuple[float, str]] = field(default_factory=dict)

    async def caller(self, headers: Headers, address: str = UNKNOWN) -> Caller:
        """Who sends these headers from this address.

        Raises Unauthorized, WrongWorkspace, NoWorkspaceNamed, or TooManyFailures for an address that guesses.
        """
        credential = credentials.read(headers)
        # The digest is what a lookup compares, so its timing tells nothing about the secret.
        digest = key_text.digest(credential.text, self.pepper)
        # A key has one workspace; a user's token opens another one with another slug.
        place = (digest, None if credential.is_key else credential.slug)
        known = self._known.get(place)
        if known is None or known.until <= time.monotonic():
            known = await self._looked_up(credential, place, address)
        if credential.slug not in (None, known.caller.workspace.slug):
            raise WrongWorkspace
        return known.caller

    def require_admin_token(self, given: str, expected: str, address: str) -> None:
        """Raise Unauthorized unless it is the platform's admin token, TooManyFailures for who guesses.

        Whatever else it may be is found out by `caller`, which counts a failure.
        """
        digest = key_text.digest(given, self.pepper)
        self.attempts.require_allowed(address, digest)
        credentials.require_same(given, expected)
        self.attempts.succeeded(digest)

    def with_scope(self, caller: Caller, scope: str) -> str:
        """An Authorization header for what the gateway itself must ask about the caller's own request."""
        return f"Bearer {self._token(replace(caller.principal, scopes=frozenset({scope})))}"

    def forget(self, workspace_id: UUID) -> None:
        """Look the workspace's credentials up again at their next use: one was revoked, or it changed."""
        self._known = {
            place: known for place, known in self._known.items() if known.caller.workspace.id != workspace_id
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

    async def _looked_up(self, credential: Credential, place: _Place, address: str) -> _Known:
        self.attempts.require_allowed(address, place[0])
        now = time.monotonic()
        try:
            if self._refused.get(place, 0.0) > now:
                raise Unauthorized
            known = await self._look_up(credential, place[0])
        except Unauthorized:
            self.attempts.failed(address)
            _remember(self._refused, place, now + self.cache_seconds)
            raise
        self.attempts.succeeded(place[0])
        _remember(self._known, place, known)
        return known

    async def _look_up(self, credential: Credential, digest: bytes) -> _Known:
        kind = "key" if credential.is_key else "user"
        try:
            find = self._find_key if credential.is_key else self._find_user
            known = await find(credential, digest)
        except (Unauthorized, Forbidden, BadRequest, Unavailable) as error:
            metrics.CREDENTIALS.labels(kind, error.code).inc()
            raise
        metrics.CREDENTIALS.labels(kind, "accepted").inc()
        return known

    async def _find_key(self, credential: Credential, digest: bytes) -> _Known:
        if not key_text.is_well_formed(credential.text):
            raise Unauthorized
        async with (await self.database()).transaction() as tx:
            found = await api_keys.find(tx, digest)
        now = datetime.now(UTC)
        if found is None or not found[0].is_usable(now):
            raise Unauthorized
        key, workspace = found
        self.used_at[key.workspace_id, key.id] = now
        seconds = (key.expires_at - now).total_seconds() if key.expires_at else self.cache_seconds
        caller = self._as_caller(workspace, f"key:{key.id}", frozenset(key.scopes), key.id)
        return self._for(seconds, replace(caller, expires_at=key.expires_at))

    async def _find_user(self, credential: Credential, _: bytes) -> _Known:
        user = await self.issuers.verify(credential.text)
        if not credential.slug:
            raise NoWorkspaceNamed(field="x-tenant-slug")
        workspace, role = await self._entered(user, credential.slug)
        scopes = self.roles.get(role or "")
        if workspace is None or scopes is None:
            raise WrongWorkspace
        caller = self._as_caller(workspace, f"user:{user.subject}", scopes)
        return self._for(user.expires_at - time.time(), caller)

    async def _entered(self, user: User, slug: str) -> tuple[Workspace | None, str | None]:
        """The workspace and the user's role there: the token's own claim counts before our memberships."""
        async with (await self.database()).transaction() as tx:
            found = await memberships.find_by_slug(tx, slug, user.issuer, user.subject)
        workspace, role = found or (None, None)
        return workspace, user.roles.get(slug, role)

    def _for(self, seconds: float, caller: Caller) -> _Known:
        is_sandbox = caller.workspace.mode == "sandbox"
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
            workspace_name=workspace.name,
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


def _remember(memory: dict[_Place, _Value], place: _Place, value: _Value) -> None:
    if len(memory) >= MAX_CACHED:
        memory.clear()
    memory[place] = value

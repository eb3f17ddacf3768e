"""JSON Web Tokens of people: signed by an issuer that we know, with an algorithm that it is pinned to."""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

from shared.kernel.errors import Unauthorized
from shared.kernel.json import JsonMapping, JsonObject

LEEWAY_SECONDS = 30
MAX_TOKEN_LENGTH = 8_192
MAX_SUBJECT_LENGTH = 200
HEADERS = frozenset({"alg", "typ", "kid"})
"""What a token's head may hold: none of the keys that it could bring or point to, and no crit."""
FindKey = Callable[[str | None], Awaitable[Key]]
"""The key of this name; raises Unauthorized when there is none."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs tokens: only these algorithms, this audience and the keys that are found for it count."""

    name: str
    audience: str
    algorithms: tuple[str, ...]
    find_key: FindKey
    # Where its tokens say which workspaces they open; empty: our own memberships say it.
    workspaces_claim: tuple[str, ...] = ("workspaces",)
    # Whoever is listed without a role has this one.
    default_role: str = "owner"


@dataclass(frozen=True, slots=True)
class User:
    """Whom a token speaks for, as what it opens which workspaces, until when (seconds since 1970)."""

    issuer: str
    subject: str
    roles: Mapping[str, str] = field(hash=False)
    expires_at: float

    @property
    def workspaces(self) -> frozenset[str]:
        """The slugs of the workspaces that the token itself names."""
        return frozenset(self.roles)


class Issuers:
    """Verifies tokens of the issuers that were configured."""

    def __init__(self, issuers: Sequence[Issuer]) -> None:
        self._by_name = {issuer.name: issuer for issuer in issuers}

    @property
    def names(self) -> frozenset[str]:
        """The `iss` of the tokens that are accepted."""
        return frozenset(self._by_name)

    async def verify(self, token: str) -> User:
        """Whom the token speaks for; raises Unauthorized, whatever is wrong with it.

        Raises Unavailable while the keys of its issuer cannot be read.
        """
        if len(token) > MAX_TOKEN_LENGTH:
            raise Unauthorized
        try:
            head, claims = _read(token)
            issuer = self._by_name[claims["iss"]]
            _require_plain(head, issuer)
            key = await issuer.find_key(head.get("kid"))
            _require_same_algorithm(head, key)
            decoded = jwt.decode(token, key, algorithms=issuer.algorithms)
            _registry(issuer).validate(decoded.claims)
            return _user(issuer, decoded.claims)
        except (JoseError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise Unauthorized from error


def fixed(key: Key) -> FindKey:
    """Finds one and the same key for every token: a secret has no name."""

    async def find(_: str | None) -> Key:
        return key

    return find


def _read(token: str) -> tuple[JsonObject, JsonObject]:
    # Not verified yet: it only chooses the issuer, and by it the key and the algorithms that verify it.
    head, claims, _ = token.split(".")
    return _part(head), _part(claims)


def _part(text: str) -> JsonObject:
    value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if not isinstance(value, dict):
        raise ValueError("a part of the token is no object")
    return value


def _require_plain(head: JsonMapping, issuer: Issuer) -> None:
    if not head.keys() <= HEADERS or head.get("alg") not in issuer.algorithms:
        raise ValueError("head")
    if not isinstance(head.get("kid"), str | None):
        raise ValueError("kid")


def _require_same_algorithm(head: JsonMapping, key: Key) -> None:
    pinned = key.get("alg")
    if pinned is not None and pinned != head["alg"]:
        raise ValueError("alg")


def _registry(issuer: Issuer) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer.name},
        aud={"essential": True, "value": issuer.audience},
        exp={"essential": True},
        sub={"essential": True},
    )


def _user(issuer: Issuer, claims: JsonObject) -> User:
    subject = claims["sub"]
    if not 1 <= len(subject) <= MAX_SUBJECT_LENGTH or not subject.isprintable():
        raise ValueError("sub")
    return User(issuer.name, subject, _roles(issuer, claims), claims["exp"] + LEEWAY_SECONDS)


def _roles(issuer: Issuer, claims: JsonObject) -> dict[str, str]:
    """Role by slug, from a list of slugs or an object of slug and role."""
    listed: Any = claims if issuer.workspaces_claim else {}
    for name in issuer.workspaces_claim:
        listed = listed.get(name, {})
    if isinstance(listed, list):
        listed = dict.fromkeys(listed, issuer.default_role)
    if not all(isinstance(text, str) for pair in listed.items() for text in pair):
        raise ValueError("workspaces")
    return dict(listed)

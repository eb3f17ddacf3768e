"""JSON Web Tokens of people: signed by an issuer that we know, with the algorithm that it is pinned to."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeyFlexible

from shared.kernel.errors import Unauthorized

LEEWAY_SECONDS = 30
MAX_TOKEN_LENGTH = 8_192
MAX_SUBJECT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs tokens: only these algorithms, this audience and this key (or finder of keys) count."""

    name: str
    audience: str
    algorithms: tuple[str, ...]
    key: KeyFlexible


@dataclass(frozen=True, slots=True)
class User:
    """Whom a token speaks for, which workspaces it opens and until when (seconds since 1970)."""

    subject: str
    workspaces: frozenset[str]
    expires_at: float


class Issuers:
    """Verifies tokens of the issuers that were configured."""

    def __init__(self, issuers: Sequence[Issuer]) -> None:
        self._by_name = {issuer.name: issuer for issuer in issuers}

    def verify(self, token: str) -> User:
        """Whom the token speaks for; raises Unauthorized, whatever is wrong with it."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise Unauthorized
        try:
            issuer = self._by_name[_claimed_issuer(token)]
            decoded = jwt.decode(token, issuer.key, algorithms=issuer.algorithms)
            _registry(issuer).validate(decoded.claims)
            return _user(decoded.claims)
        except (JoseError, ValueError, LookupError, TypeError, RecursionError) as error:
            raise Unauthorized from error


def _registry(issuer: Issuer) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer.name},
        aud={"essential": True, "value": issuer.audience},
        exp={"essential": True},
        sub={"essential": True},
    )


def _claimed_issuer(token: str) -> str:
    # Not verified yet: it only chooses the key and the algorithms that verify it.
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["iss"])


def _user(claims: dict[str, Any]) -> User:
    subject, slugs = claims["sub"], claims.get("workspaces", [])
    if not 1 <= len(subject) <= MAX_SUBJECT_LENGTH or not subject.isprintable():
        raise ValueError("sub")
    if not isinstance(slugs, list) or not all(isinstance(slug, str) for slug in slugs):
        raise ValueError("workspaces")
    return User(subject, frozenset(slugs), claims["exp"] + LEEWAY_SECONDS)

"""Users' tokens: what opens, and every attack that does not."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry

from services.gateway.edge.jwks import Jwks
from services.gateway.edge.users import Issuer, Issuers, fixed
from shared.kernel.errors import Unauthorized
from tests.unit.gateway.key_server import a_key, serving_keys

SECRET = OctKey.import_key("a secret for tests only, of more than thirty-two characters")
RSA, EC, ED = a_key("r", "RS256"), a_key("e", "ES256"), a_key("d", "EdDSA")
OTHER = a_key("e", "ES256")
PUBLIC, SHARED = "https://issuer.example/", "https://shared.example/"


@pytest.fixture
async def issuers() -> AsyncIterator[Issuers]:
    """One issuer with published keys, one with a secret."""
    async with serving_keys(RSA, EC, ED) as server:
        keys = Jwks(server.url)
        algorithms = ("RS256", "ES256", "EdDSA")
        claim = ("app_metadata", "workspaces")
        yield Issuers(
            [
                Issuer(PUBLIC, "billing", algorithms, keys.find, claim, "viewer"),
                Issuer(SHARED, "billing", ("HS256",), fixed(SECRET)),
            ]
        )
        await keys.close()


def _claims(**changes: Any) -> dict[str, Any]:
    """Claims that open; one given as None is left out."""
    whole = {
        "iss": PUBLIC,
        "aud": "billing",
        "sub": "ada",
        "exp": int(time.time()) + 600,
        "app_metadata": {"workspaces": {"acme": "owner"}},
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def _signed(key: Any = EC, head: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token that is signed as it stands, whatever its head says."""
    algorithm = key.get("alg") or "HS256"
    whole = {"alg": algorithm, "kid": key.kid, **(head or {})}
    given = {name: value for name, value in whole.items() if value is not None}
    signed = f"{_encoded(given)}.{_encoded(_claims(**changes))}"
    signature = JWSRegistry.algorithms[algorithm].sign(signed.encode(), key)
    return f"{signed}.{_base64(signature)}"


def _encoded(value: Any) -> str:
    return _base64(json.dumps(value).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _unsigned(algorithm: str, **changes: Any) -> str:
    return f"{_encoded({'alg': algorithm, 'kid': 'e'})}.{_encoded(_claims(**changes))}."


def _with_public_key_as_secret() -> str:
    signed = f"{_encoded({'alg': 'HS256', 'kid': 'r'})}.{_encoded(_claims())}"
    return f"{signed}.{_base64(hmac.digest(RSA.as_pem(private=False), signed.encode(), 'sha256'))}"


def _keys_and_algorithms() -> dict[str, str]:
    _, claims, signature = _signed().split(".")
    jwk = EC.as_dict(private=False)
    return {
        "alg none": _unsigned("none"),
        "alg None": _unsigned("None"),
        "alg missing": f"{_encoded({'kid': 'e'})}.{claims}.{signature}",
        "HS256 with the RSA public key": _with_public_key_as_secret(),
        "unknown kid": _signed(a_key("x")),
        "no kid": _signed(EC, {"kid": None}),
        "kid is a list": f"{_encoded({'alg': 'ES256', 'kid': ['e']})}.{claims}.{signature}",
        "kid is a path": f"{_encoded({'alg': 'ES256', 'kid': '../../etc/passwd'})}.{claims}.{signature}",
        "another key with a known kid": _signed(OTHER),
        "the kid of another algorithm": _signed(EC, {"kid": "r"}),
        "the alg of another key": _signed(EC, {"alg": "RS256"}),
        "an algorithm that is not pinned": _signed(SECRET, iss=PUBLIC),
        "crit": _signed(EC, {"crit": ["exp"]}),
        "crit unknown": _signed(EC, {"crit": ["x"], "x": 1}),
        "jwk": _signed(OTHER, {"jwk": OTHER.as_dict(private=False)}),
        "jwk of ours": _signed(EC, {"jwk": jwk}),
        "jku": _signed(EC, {"jku": "https://evil.example/keys"}),
        "x5u": _signed(EC, {"x5u": "https://evil.example/cert"}),
        "x5c": _signed(EC, {"x5c": ["MII="]}),
        "b64": _signed(EC, {"b64": False}),
        "zip": _signed(EC, {"zip": "DEF"}),
    }


def _claims_that_open_nothing() -> dict[str, str]:
    # Far enough ahead: they are made when the tests are gathered, and used when their turn comes.
    soon = int(time.time()) + 36_000
    return {
        "expired": _signed(exp=soon - 36_031),
        "no exp": _signed(exp=None),
        "exp is a text": _signed(exp=str(soon)),
        "another audience": _signed(aud="another"),
        "no audience": _signed(aud=None),
        "another issuer": _signed(iss="https://another.example/"),
        "issuer is a list": _signed(iss=[PUBLIC]),
        "the other issuer's name": _signed(iss=SHARED),
        "no issuer": _signed(iss=None),
        "no subject": _signed(sub=None),
        "subject is a number": _signed(sub=7),
        "a line break in the subject": _signed(sub="a\nb"),
        "not yet valid": _signed(nbf=soon),
        "issued in the future": _signed(iat=soon),
        "workspaces are a text": _signed(app_metadata={"workspaces": "acme"}),
        "workspaces are numbers": _signed(app_metadata={"workspaces": [7]}),
        "roles are numbers": _signed(app_metadata={"workspaces": {"acme": 7}}),
        "the claim's parent is a list": _signed(app_metadata=["workspaces"]),
    }


def _broken_forms() -> dict[str, str]:
    good = _signed()
    head, claims, signature = good.split(".")
    not_text = _base64(bytes(range(128, 200)))
    return {
        "tampered claims": f"{head}.{_encoded(_claims(sub='eve'))}.{signature}",
        "tampered signature": good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        "empty signature": f"{head}.{claims}.",
        "four parts": good + ".x",
        "five parts": good + ".x.y",
        "two parts": f"{head}.{claims}",
        "no base64": "a.b.c",
        "base64 junk": f"{head}.{'!' * 40}.{signature}",
        "not text": f"{head}.{not_text}.{signature}",
        "empty": "",
        "empty parts": "..",
        "claims are a list": f"{head}.{_encoded([])}.{signature}",
        "deep": f"{head}.{_base64(b'[' * 3000)}.{signature}",
        "oversized": _signed(note="x" * 9000),
    }


ATTACKS = _keys_and_algorithms() | _claims_that_open_nothing() | _broken_forms()


@pytest.mark.parametrize("attack", ATTACKS)
async def test_an_attackers_token_is_refused(issuers: Issuers, attack: str) -> None:
    with pytest.raises(Unauthorized):
        await issuers.verify(ATTACKS[attack])


@pytest.mark.parametrize("key", [RSA, EC, ED], ids=["RS256", "ES256", "EdDSA"])
async def test_a_token_by_any_pinned_algorithm_is_good(issuers: Issuers, key: Any) -> None:
    user = await issuers.verify(_signed(key))

    assert (user.issuer, user.subject, user.roles) == (PUBLIC, "ada", {"acme": "owner"})


async def test_a_token_by_a_secret_is_good(issuers: Issuers) -> None:
    token = _signed(SECRET, {"kid": None}, iss=SHARED, workspaces=["acme", "other"])

    user = await issuers.verify(token)

    assert user.roles == {"acme": "owner", "other": "owner"}


async def test_whoever_is_listed_without_a_role_has_the_issuers_default(issuers: Issuers) -> None:
    user = await issuers.verify(_signed(app_metadata={"workspaces": ["acme"]}))

    assert user.roles == {"acme": "viewer"}


async def test_a_token_without_the_claim_opens_nothing_by_itself(issuers: Issuers) -> None:
    tokens = [
        _signed(app_metadata=None),
        _signed(app_metadata={}),
        _signed(workspaces=["acme"], app_metadata={}),
    ]

    assert [(await issuers.verify(token)).roles for token in tokens] == [{}, {}, {}]


async def test_thirty_seconds_of_difference_between_clocks_are_allowed(issuers: Issuers) -> None:
    now = int(time.time())

    user = await issuers.verify(_signed(exp=now - 20, nbf=now + 20))

    assert user.subject == "ada"

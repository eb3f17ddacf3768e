"""The edge's small parts: addresses, failed attempts, buckets, load shedding, issuers' settings."""

import ipaddress
from typing import Any

import pytest
from pydantic import ValidationError

from services.gateway.edge.addresses import Addresses
from services.gateway.edge.attempts import Attempts
from services.gateway.edge.credentials import require_same
from services.gateway.edge.refusals import TooManyFailures
from services.gateway.edge.shedding import Shedder
from services.gateway.edge.token_bucket import Buckets
from services.gateway.settings import IssuerSettings
from shared.kernel.errors import Unauthorized

PROXIES = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.1.1.1", "198.51.100.1", "198.51.100.1"),
        ("10.1.1.1", "192.0.2.66, 198.51.100.1, 10.2.2.2", "198.51.100.1"),
        ("::ffff:10.1.1.1", "198.51.100.1", "198.51.100.1"),
        ("fd00::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("10.1.1.1", None, "10.1.1.1"),
        ("10.1.1.1", "10.3.3.3", "10.1.1.1"),
        ("10.1.1.1", "nonsense", "unknown"),
        ("10.1.1.1", " , ,", "10.1.1.1"),
        ("::ffff:203.0.113.9", None, "203.0.113.9"),
        ("", None, "unknown"),
    ],
)
def test_the_address_is_what_a_trusted_proxy_says(peer: str, forwarded: str | None, address: str) -> None:
    headers = {b"x-forwarded-for": forwarded.encode()} if forwarded else {}

    assert Addresses(PROXIES).of(peer, headers) == address


def test_without_proxies_of_ours_nobody_is_believed() -> None:
    assert Addresses([]).of("10.1.1.1", {b"x-forwarded-for": b"198.51.100.1"}) == "10.1.1.1"


def test_an_address_that_guesses_has_to_wait() -> None:
    seconds = [0.0]
    attempts = Attempts(6, lambda: seconds[0])
    for _ in range(6):
        attempts.require_allowed("a", b"guess")
        attempts.failed("a")

    with pytest.raises(TooManyFailures) as refused:
        attempts.require_allowed("a", b"guess")
    assert refused.value.retry_after_seconds == 10
    attempts.require_allowed("b", b"guess")
    seconds[0] += 10

    attempts.require_allowed("a", b"guess")


def test_a_proven_credential_passes_beside_the_guesses_of_its_address() -> None:
    seconds = [0.0]
    attempts = Attempts(1, lambda: seconds[0])
    attempts.succeeded(b"good")
    attempts.failed("a")

    attempts.require_allowed("a", b"good")
    with pytest.raises(TooManyFailures):
        attempts.require_allowed("a", b"other")
    seconds[0] += 3601
    attempts.failed("a")
    attempts.failed("a")
    with pytest.raises(TooManyFailures):
        attempts.require_allowed("a", b"good")


def test_many_addresses_do_not_fill_the_memory_nor_free_who_waits() -> None:
    buckets: Buckets[int] = Buckets(0.001, 1, max_count=100)
    for number in range(1000):
        buckets.of(number, 0.0)
    waiting = buckets.of(1000, 0.0)
    waiting.take(0.0)
    for number in range(2000, 2080):
        buckets.of(number, 0.0)

    assert len(buckets._buckets) <= 100
    assert buckets.of(1000, 0.0) is waiting


def _after(shedder: Shedder, waits: list[float], now: float = 0.0) -> float:
    for wait in waits:
        now += 0.1
        shedder.waited(wait, now)
    return now


def test_a_queue_that_empties_now_and_then_is_left_alone() -> None:
    shedder = Shedder(target_seconds=0.25, interval_seconds=1.0)
    _after(shedder, [5.0] * 9 + [0.01] + [5.0] * 9 + [0.01])

    assert shedder.share == 0.0
    assert not any(shedder.refuses() for _ in range(100))


def test_a_queue_that_never_empties_is_cut_back_more_and_more() -> None:
    shedder = Shedder(target_seconds=0.25, interval_seconds=1.0)
    now = _after(shedder, [0.3] * 15)
    first = shedder.share
    now = _after(shedder, [0.3] * 20, now)
    more = shedder.share
    _after(shedder, [0.3] * 200, now)

    assert 0 < first < more < shedder.share <= 0.9
    assert 85 <= sum(shedder.refuses() for _ in range(100)) <= 90


def test_all_are_let_in_again_once_the_queue_is_short() -> None:
    shedder = Shedder(target_seconds=0.25, interval_seconds=1.0)
    now = _after(shedder, [0.5] * 100)
    assert shedder.share > 0.5
    _after(shedder, [0.0] * 100, now)

    assert shedder.share == 0.0


ISSUER: dict[str, Any] = {"issuer": "https://issuer.example/", "audience": "billing"}
SECRET = "a secret of more than thirty-two characters"


@pytest.mark.parametrize(
    "fault",
    [
        {"algorithms": ["HS256"]},
        {"algorithms": ["HS256"], "jwks_url": "https://issuer.example/keys"},
        {"algorithms": ["RS256"], "secret": SECRET},
        {"algorithms": ["RS256", "HS256"], "secret": SECRET},
        {"algorithms": ["none"], "secret": SECRET},
        {"algorithms": [], "secret": SECRET},
        {"algorithms": ["HS256"], "secret": "short"},
        {"algorithms": ["HS256"], "secret": SECRET, "jwks_url": "https://issuer.example/keys"},
        {"algorithms": ["HS256"], "secret": SECRET, "workspaces_claim": "user_metadata.workspaces"},
        {"algorithms": ["HS256"], "secret": SECRET, "colour": "red"},
    ],
)
def test_an_issuer_that_would_be_unsafe_is_no_setting(fault: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        IssuerSettings.model_validate({**ISSUER, **fault})


def test_an_issuer_has_a_secret_or_an_address_of_keys() -> None:
    shared = IssuerSettings.model_validate({**ISSUER, "algorithms": ["HS256"], "secret": SECRET})
    public = {"algorithms": ["ES256", "RS256"], "jwks_url": "https://issuer.example/keys"}

    assert shared.workspaces_claim == "workspaces"
    assert IssuerSettings.model_validate({**ISSUER, **public}).algorithms == ("ES256", "RS256")
    assert SECRET not in repr(shared)


@pytest.mark.parametrize("given", ["", "a", "the token", "the token ", "The token", "the tokens", "é"])
def test_only_the_very_same_secret_is_the_same(given: str) -> None:
    require_same("the token!", "the token!")

    with pytest.raises(Unauthorized):
        require_same(given, "the token!")

"""An issuer's key set: fetched seldom, kept over outages, never from anywhere else."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from services.gateway.edge.jwks import (
    FIRST_PAUSE_SECONDS,
    FRESH_SECONDS,
    REFRESH_PAUSE_SECONDS,
    STALE_SECONDS,
    Jwks,
    UnusableAddress,
    read_keys,
    require_usable,
)
from shared.kernel.errors import Unauthorized, Unavailable
from tests.unit.gateway.key_server import KeyServer, a_key, serving_keys


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
async def server() -> AsyncIterator[KeyServer]:
    async with serving_keys(a_key("first")) as server:
        yield server


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def keys(server: KeyServer, time: Time) -> Jwks:
    return Jwks(server.url, time)


async def test_many_at_once_cause_one_look(keys: Jwks, server: KeyServer) -> None:
    found = await asyncio.gather(*(keys.find("first") for _ in range(20)))

    assert {key.kid for key in found} == {"first"}
    assert server.asked == 1


async def test_keys_are_looked_at_again_after_ten_minutes_while_the_old_ones_serve(
    keys: Jwks, server: KeyServer, time: Time
) -> None:
    await keys.find("first")
    time.seconds += FRESH_SECONDS - 1
    await keys.find("first")
    assert server.asked == 1

    time.seconds += 2
    await keys.find("first")
    assert keys._refreshing is not None
    await keys._refreshing

    assert server.asked == 2


async def test_a_new_key_is_found_at_once_and_a_removed_one_is_refused(
    keys: Jwks, server: KeyServer, time: Time
) -> None:
    await keys.find("first")
    server.publish(a_key("second"))
    time.seconds += REFRESH_PAUSE_SECONDS + 1

    assert (await keys.find("second")).kid == "second"
    with pytest.raises(Unauthorized):
        await keys.find("first")


async def test_unknown_keys_cause_one_look_in_thirty_seconds(
    keys: Jwks, server: KeyServer, time: Time
) -> None:
    await keys.find("first")
    time.seconds += REFRESH_PAUSE_SECONDS + 1
    for name in (None, "a", "b", "c"):
        with pytest.raises(Unauthorized):
            await keys.find(name)

    assert server.asked == 2


async def test_the_last_known_keys_serve_for_a_day_without_their_server(
    keys: Jwks, server: KeyServer, time: Time
) -> None:
    await keys.find("first")
    server.status = 500
    time.seconds += STALE_SECONDS - 1
    assert (await keys.find("first")).kid == "first"
    await keys.close()

    time.seconds += REFRESH_PAUSE_SECONDS + 2
    with pytest.raises(Unavailable):
        await keys.find("first")


async def test_without_any_keys_it_is_said_that_they_cannot_be_read(
    keys: Jwks, server: KeyServer, time: Time
) -> None:
    server.status = 503
    for _ in range(3):
        with pytest.raises(Unavailable):
            await keys.find("first")
    assert server.asked == 1

    server.status = 200
    time.seconds += FIRST_PAUSE_SECONDS + 1

    assert (await keys.find("first")).kid == "first"


@pytest.mark.parametrize(
    ("status", "answer", "headers"),
    [
        (302, {}, {"location": "https://elsewhere.example/keys"}),
        (200, b'{"keys": [' + b" " * 70_000 + b"]}", {}),
        (200, b"[" * 60_000, {}),
        (200, b"\xff", {}),
        (200, {"keys": []}, {}),
        (200, {"keys": "none"}, {}),
        (200, [], {}),
    ],
    ids=["redirect", "too large", "deep", "no text", "no keys", "keys are text", "no object"],
)
async def test_what_is_no_key_set_is_not_taken(
    keys: Jwks, server: KeyServer, status: int, answer: object, headers: dict[str, str]
) -> None:
    server.status, server.answer, server.headers = status, answer, headers

    with pytest.raises(Unavailable):
        await keys.find("first")


def test_one_unusable_key_does_not_spoil_the_others() -> None:
    good = json.dumps(a_key("good").as_dict(private=False))
    secret = '{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", "kid": "secret"}'
    others = ['{"kty": "AKP", "kid": "new"}', '{"kty": "EC", "kid": "half"}', "7", '{"kty": "RSA"}', secret]

    keys = read_keys(f'{{"keys": [{",".join([*others, good])}]}}'.encode())

    assert list(keys) == ["good"]


def test_the_private_half_is_not_kept() -> None:
    published = json.dumps(a_key("leaked").as_dict(private=True))

    (key,) = read_keys(f'{{"keys": [{published}]}}'.encode()).values()

    assert not key.is_private


@pytest.mark.parametrize(
    ("url", "is_usable"),
    [
        ("https://issuer.example/keys", True),
        ("http://127.0.0.1:9/keys", True),
        ("http://[::1]/keys", True),
        ("http://issuer.example/keys", False),
        ("http://127.0.0.1.example/keys", False),
        ("https://user:word@issuer.example/keys", False),
        ("file:///etc/passwd", False),
        ("https:///keys", False),
    ],
)
def test_keys_come_over_https_or_from_this_machine(url: str, is_usable: bool) -> None:
    if is_usable:
        assert require_usable(url, allows_loopback=True) == url
    else:
        with pytest.raises(UnusableAddress):
            require_usable(url, allows_loopback=True)


def test_this_machine_is_allowed_by_a_setting_only() -> None:
    with pytest.raises(UnusableAddress):
        require_usable("http://127.0.0.1:9/keys", allows_loopback=False)

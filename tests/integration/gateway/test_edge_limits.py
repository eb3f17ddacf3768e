"""How much may be asked for, by key, workspace and address; on one replica and on two together."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
from starlette.types import Receive, Send

from shared.testing.eventually import eventually
from tests.integration.gateway.conftest import Gateway

# Nothing is exchanged with others unless the test says so.
ALONE = {"LIMITS_INTERVAL_SECONDS": "3600"}


async def _replies(gateway: Gateway, count: int, **headers: str) -> list[httpx.Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with gateway.service.client(None, **named) as client:
        return [await client.get("/v1/contacts") for _ in range(count)]


async def _meet(*gateways: Gateway) -> None:
    """Let replicas that do not do so by themselves exchange what they count."""
    for gateway in (*gateways, *gateways):
        exchange = gateway.service.app.state.exchange
        # A new beginning, at which it also looks who else runs.
        exchange._meets_at = 0.0
        await exchange.step()


def _stop_time(*gateways: Gateway) -> None:
    for gateway in gateways:
        limits = gateway.service.app.state.edge.limits
        limits.now = itertools.repeat(limits.now()).__next__


async def test_a_key_that_asks_too_much_is_told_to_wait_before_anything_is_done(
    start_gateway: Callable[..., Any],
) -> None:
    gateway = await start_gateway(KEY_REQUESTS_PER_SECOND="1", KEY_REQUESTS_BURST="3", **ALONE)
    gateway.behind["invoice"].answer("GET /v1/contacts", 200, {"data": []})
    workspace = await gateway.create_workspace()
    other = await gateway.create_workspace("other")
    _stop_time(gateway)

    first, *_, last = replies = await _replies(gateway, 5, x_api_key=workspace.key, idempotency_key="k")
    async with gateway.as_key(workspace.key) as client:
        dialect = await client.get("/paydock/api/contacts")
    (unaffected,) = await _replies(gateway, 1, x_api_key=other.key)

    assert [reply.status_code for reply in replies] == [200, 200, 200, 429, 429]
    assert (last.json()["code"], last.headers["retry-after"]) == ("rate_limited", "1")
    assert first.headers["ratelimit-policy"] == last.headers["ratelimit-policy"] == '"key";q=1;w=1'
    assert first.headers["ratelimit"] == '"key";r=2;t=0'
    assert last.headers["ratelimit"] == '"key";r=0;t=1'
    assert (dialect.status_code, dialect.json()["code"]) == (429, "rate_limited")
    assert unaffected.status_code == 200
    assert len(gateway.behind["invoice"].seen) == 4


async def test_two_replicas_share_what_a_key_may_ask_for(start_gateway: Callable[..., Any]) -> None:
    limits = {"KEY_REQUESTS_PER_SECOND": "1", "KEY_REQUESTS_BURST": "200", **ALONE}
    one, two = await start_gateway(**limits), await start_gateway(**limits)
    one.behind["invoice"].answer("GET /v1/contacts", 200, {"data": []})
    workspace = await one.create_workspace()
    (made,) = await _replies(one, 1, x_api_key=workspace.key)
    used = one.service.app.state.edge.limits.used
    (who,) = [who for who in used if who[0] == UUID(workspace.id)]
    used[who] += 300
    await _replies(two, 1, x_api_key=workspace.key)

    await _meet(one)
    await _meet(two)
    _stop_time(two)
    (refused,) = await _replies(two, 1, x_api_key=workspace.key)

    assert made.status_code == 200
    # What one let through while it counted alone is paid back by both.
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 60


async def test_two_replicas_share_the_places_in_flight_and_outlive_their_store(
    start_gateway: Callable[..., Any],
) -> None:
    limits = {"WORKSPACE_REQUESTS_IN_FLIGHT": "8", **ALONE}
    one, two = await start_gateway(**limits), await start_gateway(**limits)
    workspace = await one.create_workspace()
    seen, go_on = one.behind["invoice"].seen, asyncio.Event()

    async def wait(_: Receive, send: Send) -> None:
        await go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    one.behind["invoice"].behaviours["GET /v1/contacts"] = wait
    await _meet(one, two)
    asking = [asyncio.create_task(_replies(one, 1, x_api_key=workspace.key)) for _ in range(6)]
    await eventually(lambda: len(seen) == 4 and sum(task.done() for task in asking) == 2, timeout_seconds=20)
    # Four places are free: one and the other may each take half of them.
    await _meet(one, two)
    asking += [asyncio.create_task(_replies(two, 1, x_api_key=workspace.key)) for _ in range(6)]
    await eventually(lambda: len(seen) == 6 and sum(task.done() for task in asking) == 6, timeout_seconds=20)
    go_on.set()
    statuses = [(await task)[0].status_code for task in asking]
    # Without the store each counts alone, and nobody is refused for that.
    for gateway in (one, two):
        gateway.service.parts.worker.pool.terminate()
        await _meet(gateway)

    assert (statuses.count(200), statuses.count(429)) == (6, 6)
    assert [reply.status_code for reply in await _replies(one, 3, x_api_key=workspace.key)] == [200] * 3


async def test_an_address_is_held_to_its_limits_and_its_customers_are_not(
    start_gateway: Callable[..., Any],
) -> None:
    gateway = await start_gateway(
        FAILED_ATTEMPTS_PER_MINUTE="5",
        ADDRESS_REQUESTS_PER_SECOND="4",
        TRUSTED_PROXIES='["127.0.0.0/8"]',
        CREDENTIAL_CACHE_SECONDS="0",
    )
    gateway.behind["invoice"].answer("GET /v1/contacts", 200, {"data": []})
    workspace = await gateway.create_workspace()
    here, there = {"x_forwarded_for": "198.51.100.1"}, {"x_forwarded_for": "198.51.100.2"}

    known = await _replies(gateway, 1, x_api_key=workspace.key, **here)
    guesses = await _replies(gateway, 7, x_api_key="blg_live_guess", **here)
    admin = await _replies(gateway, 1, authorization="Bearer a guess of the admin token", **here)
    customers = await _replies(gateway, 20, x_api_key=workspace.key, **here)
    elsewhere = await _replies(gateway, 1, x_api_key="blg_live_guess", **there)
    async with gateway.service.client(None, **{"x-forwarded-for": "198.51.100.3"}) as client:
        asked = await asyncio.gather(*(client.get("/docs") for _ in range(40)))
        public = [reply.status_code for reply in asked]
        alive = [(await client.get(path)).status_code for path in ("/livez", "/readyz")]

    assert [reply.status_code for reply in guesses] == [401] * 5 + [429] * 2
    assert guesses[-1].json()["code"] == "too_many_failed_attempts"
    assert 1 <= int(guesses[-1].headers["retry-after"]) <= 12
    assert admin[0].status_code == 429
    assert {reply.status_code for reply in known + customers} == {200}
    assert elsewhere[0].status_code == 401
    assert public.count(200) >= 8
    assert 429 in public
    assert alive == [200, 200]


async def test_a_crowd_that_waits_too_long_is_thinned_out_but_money_is_heard(
    start_gateway: Callable[..., Any],
) -> None:
    gateway = await start_gateway(REQUEST_TIMEOUT_SECONDS="0.5", HSTS_SECONDS="60")
    workspace = await gateway.create_workspace()
    path = f"/providers/stripe/{workspace.id}/webhooks"
    gateway.behind["payment"].answer(f"POST {path}", 204, b"")
    gateway.service.app.state.edge.shedder.share = 1.0

    async with gateway.as_key(workspace.key) as client:
        shed = await client.get("/v1/contacts")
        heard = await client.post(path, content=b"{}")
        alive = await client.get("/livez")
        gateway.service.app.state.edge.shedder.share = 0.0

        async def never(receive: Receive, send: Send) -> None:
            await receive()

        gateway.behind["invoice"].behaviours["GET /v1/contacts"] = never
        late = await client.get("/v1/contacts")

    assert (shed.status_code, shed.json()["code"], shed.headers["retry-after"]) == (503, "overloaded", "1")
    assert (heard.status_code, alive.status_code) == (204, 200)
    assert (late.status_code, late.json()["code"]) == (504, "timeout")
    for reply in (shed, late, alive):
        assert reply.headers["strict-transport-security"] == "max-age=60; includeSubDomains"

"""Usage is billed: each period once, what comes late as a difference, and all of it to the cent."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import httpx
import pytest

from services.subscription_renewal.charges.workers import bill_due_usage, next_usage_in
from services.subscription_renewal.runs.operations.next_due import next_due_at
from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.subscription_renewal.conftest import Renew, a_sandbox
from tests.integration.subscription_renewal.metering import a_meter, an_event, told

Json: TypeAlias = dict[str, Any]
BillUsage: TypeAlias = Callable[..., Awaitable[None]]
NOW = datetime.now(UTC).replace(microsecond=0)
LENGTH = timedelta(days=30)
# As long ago as usage may be told, so that a whole period is over.
START = NOW.replace(hour=0, minute=0, second=0) - timedelta(days=33)
END = START + LENGTH
GRADUATED = {
    "model": "graduated",
    "tiers": [
        {"up_to": "1000", "unit_price": "0.10"},
        {"up_to": "10000", "unit_price": "0.05"},
        {"up_to": None, "unit_price": "0.01"},
    ],
}


@pytest.fixture
def bill(service: RunningService) -> BillUsage:
    """Lets the worker bill all usage that is due at an instant of real time."""

    async def run(now: datetime, grace: timedelta = timedelta(0)) -> None:
        while await bill_due_usage(service.parts.worker, grace, now):
            pass

    return run


@pytest.fixture
async def sandbox(
    service: RunningService, who: Principal, contact_id: UUID
) -> AsyncIterator[tuple[httpx.AsyncClient, Principal]]:
    """A client of the workspace as a sandbox whose clock is the real one, until it is moved."""
    moved = await a_sandbox(service, who, timedelta(0))
    async with service.client(moved) as client:
        yield client, moved


async def metered(client: httpx.AsyncClient, contact_id: UUID, *, status: int = 201, **fields: Any) -> Json:
    """A subscription that bills the tokens of every thirty days, from START on."""
    charge = {"key": "tokens", "meter": "tokens", "price": GRADUATED, "tax_rate": "21"}
    body = {
        "contact_id": str(contact_id),
        "currency": "EUR",
        "interval": "day",
        "interval_count": 30,
        "timezone": "UTC",
        "start_at": START.isoformat(),
        "charges": [charge],
        "usage_subjects": ["acme"],
    }
    reply = await client.post("/v1/subscriptions", json=body | fields)
    assert reply.status_code == status, reply.text
    made: Json = reply.json()
    return made


async def billed(service: RunningService, workspace_id: UUID) -> list[Json]:
    """What was handed over to be invoiced, in order: reason, amounts and descriptions."""
    async with service.parts.worker.transaction() as tx:
        rows = await tx.fetch(
            "SELECT convert_from(payload, 'UTF8')::jsonb -> 'data' -> 'billing' AS billing FROM outbox "
            "WHERE headers->>'ce_workspaceid' = $1 "
            "AND type IN ('subscription.renewed', 'subscription.prorated') ORDER BY position",
            str(workspace_id),
        )
    return [row["billing"] for row in rows]


async def usage_of(client: httpx.AsyncClient, subscription: Json) -> list[Json]:
    """The periods of its charges, newest first."""
    reply = await client.get(f"/v1/subscriptions/{subscription['id']}/usage")
    assert reply.status_code == 200, reply.text
    periods: list[Json] = reply.json()["periods"]
    return periods


def lines_of(billing: Json) -> list[tuple[str, str, str]]:
    """What each line says, of how many at which price."""
    return [(line["description"], line["quantity"], line["unit_price"]) for line in billing["lines"]]


async def test_a_period_is_billed_once_it_is_over_tier_by_tier(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID, bill: BillUsage
) -> None:
    await a_meter(client)
    made = await metered(client, contact_id)
    await told(client, [an_event("5000", at=END - timedelta(microseconds=n + 1)) for n in range(3)])
    await told(client, an_event("7", at=END))

    (now_open,) = await usage_of(client, made)
    await bill(NOW)
    await bill(NOW)

    assert (now_open["state"], now_open["amount_minor"], now_open["billed_minor"]) == ("open", 60000, 0)
    (billing,) = await billed(service, who.workspace_id)
    assert lines_of(billing) == [
        ("Tokens (tier 1)", "1000", "0.1"),
        ("Tokens (tier 2)", "9000", "0.05"),
        ("Tokens (tier 3)", "5000", "0.01"),
    ]
    assert billing["lines"][0]["supply_start"] == START.date().isoformat()
    assert billing["lines"][0]["supply_end"] == (END - timedelta(days=1)).date().isoformat()
    running, over = await usage_of(client, made)
    assert (over["state"], over["billed_minor"], over["billed_quantity"]) == ("billed", 60000, "15000")
    assert (running["state"], running["quantity"], running["amount_minor"]) == ("open", "7", 70)
    assert (await client.get(f"/v1/subscriptions/{made['id']}")).json()["lines"] == []


async def test_what_comes_late_or_is_taken_back_is_a_difference_until_the_period_is_final(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID, bill: BillUsage
) -> None:
    await a_meter(client)
    made = await metered(client, contact_id)
    events = [an_event("5000", at=START + timedelta(days=20, hours=n)) for n in range(3)]
    await told(client, events)
    await bill(NOW)
    await told(client, [an_event("500", at=END - timedelta(days=1)), an_event("100", at=END)])

    await bill(END + LENGTH)
    late, last = (await billed(service, who.workspace_id))[-1], await usage_of(client, made)
    names = {"events": [{name: event[name] for name in ("source", "id", "time")} for event in events[:2]]}
    await client.post("/v1/usage-events/void", json=names)
    await bill(END + timedelta(days=36))

    assert lines_of(late) == [
        ("Tokens: correction from 15000 to 15500", "1", "5"),
        ("Tokens (tier 1)", "100", "0.1"),
    ]
    assert [period["state"] for period in last] == ["open", "billed", "billed"]
    # 15,500 cost 605.00, 5,500 cost 325.00: that is given back with the next invoice.
    shown = (await client.get(f"/v1/subscriptions/{made['id']}")).json()
    assert [(line["description"], line["unit_price"]) for line in shown["pending_lines"]] == [
        ("Tokens: correction from 15500 to 5500", "-280")
    ]
    assert [period["state"] for period in await usage_of(client, made)] == ["open", "billed", "final"]


async def test_fixed_parts_are_billed_in_advance_and_usage_beside_them(
    client: httpx.AsyncClient,
    service: RunningService,
    who: Principal,
    contact_id: UUID,
    *,
    bill: BillUsage,
    renew: Renew,
) -> None:
    await a_meter(client)
    lines = [{"description": "Plan", "unit_price": "10"}]
    await metered(client, contact_id, lines=lines, catch_up="latest")
    await told(client, an_event("10", at=END - timedelta(days=1)))

    await renew(NOW)
    await bill(NOW)

    found = await billed(service, who.workspace_id)
    assert [(one["reason"], lines_of(one)) for one in found] == [
        ("cycle", [("Plan", "1", "10")]),
        ("change", [("Tokens (tier 1)", "10", "0.1")]),
    ]


async def test_nothing_is_invoiced_where_nothing_is_to_be_paid(
    client: httpx.AsyncClient,
    service: RunningService,
    who: Principal,
    contact_id: UUID,
    *,
    bill: BillUsage,
    renew: Renew,
) -> None:
    await a_meter(client)
    price = {"model": "per_unit", "unit_price": "0.01", "included": "1000"}
    made = await metered(client, contact_id, charges=[{"key": "t", "meter": "tokens", "price": price}])
    await told(client, an_event("800", at=END - timedelta(days=1)))

    await renew(NOW)
    await bill(NOW)

    assert await billed(service, who.workspace_id) == []
    assert [period["state"] for period in await usage_of(client, made)] == ["open", "billed"]


async def test_a_subscription_that_is_canceled_bills_its_usage_until_then_and_lets_go_of_it(
    sandbox: tuple[httpx.AsyncClient, Principal], service: RunningService, contact_id: UUID, bill: BillUsage
) -> None:
    client, who = sandbox
    await a_meter(client)
    # By the clock that cancels: what has passed since this module was read is billed, too.
    now = datetime.now(UTC)
    start = (now - timedelta(days=2)).isoformat()
    price = {"model": "per_unit", "unit_price": "1", "minimum": "90"}
    charges = [{"key": "t", "meter": "tokens", "price": price}]
    made = await metered(client, contact_id, start_at=start, charges=charges)
    await told(client, an_event("3", at=now - timedelta(days=1)))
    claimed = await metered(client, contact_id, status=409)

    await client.post(f"/v1/subscriptions/{made['id']}/cancel")
    async with service.parts.worker.transaction() as tx:
        due_at = await next_due_at(tx, who.workspace_id)
    await bill(datetime.now(UTC))

    assert claimed["code"] == "usage_already_claimed"
    assert due_at is not None
    assert due_at <= datetime.now(UTC)
    (billing,) = await billed(service, who.workspace_id)
    # Two days of thirty: 6.00 at the least.
    assert lines_of(billing) == [("Tokens", "3", "1"), ("Tokens (minimum)", "1", "3")]
    assert [(one["state"], one["billed_minor"]) for one in await usage_of(client, made)] == [("billed", 600)]
    await metered(client, contact_id, start_at=NOW.isoformat())


async def test_the_next_subscription_of_the_same_subject_waits_for_the_first(
    client: httpx.AsyncClient, contact_id: UUID
) -> None:
    await a_meter(client)

    made = await asyncio.gather(
        *(
            client.post(
                "/v1/subscriptions",
                json={
                    "contact_id": str(contact_id),
                    "currency": "EUR",
                    "interval": "month",
                    "charges": [{"key": "t", "meter": "tokens", "price": GRADUATED}],
                },
            )
            for _ in range(4)
        )
    )

    assert sorted(reply.status_code for reply in made) == [201, 409, 409, 409]


async def test_live_usage_is_billed_after_its_grace(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID, bill: BillUsage
) -> None:
    await a_meter(client)
    start = NOW - timedelta(minutes=30)
    made = await metered(client, contact_id, start_at=start.isoformat(), interval_count=1)
    await told(client, an_event("10", at=NOW))

    seconds = await next_usage_in(service.parts.worker, start)
    await bill(start + timedelta(days=1, minutes=59), timedelta(hours=1))
    before = await billed(service, who.workspace_id)
    await bill(start + timedelta(days=1, minutes=61), timedelta(hours=1))

    assert seconds is not None
    # Of other tests' workspaces something may be due before.
    assert seconds <= timedelta(days=1, hours=1).total_seconds()
    assert before == []
    (billing,) = await billed(service, who.workspace_id)
    assert billing["billed_at"] == (start + timedelta(days=1, hours=1)).isoformat().replace("+00:00", "Z")
    assert made["lines"] == []


@pytest.mark.parametrize(
    "change, field",
    [
        ({"charges": [{"key": "t", "meter": "none", "price": GRADUATED}]}, "/charges/0/meter"),
        ({"charges": []}, ""),
        ({"usage_subjects": []}, "/usage_subjects"),
        (
            {
                "charges": [
                    {"key": "t", "meter": "tokens", "price": {"model": "volume", "tiers": [{"up_to": "1"}]}}
                ]
            },
            "/charges/0/price/tiers/0/up_to",
        ),
        (
            {"charges": [{"key": key, "meter": "tokens", "price": GRADUATED} for key in "ab"]},
            "",
        ),
    ],
)
async def test_what_cannot_be_charged_is_refused_by_its_field(
    client: httpx.AsyncClient, contact_id: UUID, change: Json, field: str
) -> None:
    await a_meter(client)

    status = 404 if field.endswith("meter") else 422
    said = await metered(client, contact_id, status=status, **change)

    assert said["errors"][0]["pointer"] == field


async def test_however_counting_billing_and_taking_back_come_what_was_billed_is_what_was_used(
    client: httpx.AsyncClient, service: RunningService, who: Principal, contact_id: UUID, bill: BillUsage
) -> None:
    await a_meter(client)
    made = await metered(client, contact_id)
    rng = random.Random(5)
    events = [
        an_event(str(rng.randint(1, 900)), at=START + timedelta(hours=rng.randint(0, 600))) for _ in range(40)
    ]
    steps: list[Any] = [("tell", event) for event in events] + [("bill", None)] * 4
    rng.shuffle(steps)
    counted: list[Json] = []

    async def step(kind: str, event: Json | None) -> None:
        if kind == "bill":
            await bill(NOW + timedelta(days=len(counted)))
            return
        assert event is not None
        await told(client, event)
        counted.append(event)
        if rng.random() < 0.3:
            gone = counted.pop(rng.randrange(len(counted)))
            name = {name: gone[name] for name in ("source", "id", "time")}
            await client.post("/v1/usage-events/void", json={"events": [name]})

    for start in range(0, len(steps), 3):
        await asyncio.gather(*(step(kind, event) for kind, event in steps[start : start + 3]))
    await bill(END + timedelta(days=40))

    used = sum(int(event["data"]["tokens"]) for event in counted)
    first = (await usage_of(client, made))[-1]
    estimate = await client.post(
        "/v1/prices/estimate", json={"price": GRADUATED, "quantity": str(used), "currency": "EUR"}
    )
    assert (first["state"], first["billed_quantity"]) == ("final", str(used))
    assert first["billed_minor"] == estimate.json()["amount_minor"]
    # What was invoiced and what waits come to the same.
    pending = (await client.get(f"/v1/subscriptions/{made['id']}")).json()["pending_lines"]
    found = await billed(service, who.workspace_id)
    lines = [line for billing in found for line in billing["lines"]] + pending
    total = sum(round(float(line["quantity"]) * float(line["unit_price"]) * 100) for line in lines)
    assert total == first["billed_minor"]


async def test_a_stranger_sees_no_charges(
    client: httpx.AsyncClient,
    service: RunningService,
    contact_id: UUID,
    a_principal: Callable[..., Principal],
) -> None:
    await a_meter(client)
    made = await metered(client, contact_id)

    (charge,) = (await client.get(f"/v1/subscriptions/{made['id']}/charges")).json()["data"]
    assert (charge["meter"], charge["subjects"], charge["price"]["model"]) == (
        "tokens",
        ["acme"],
        "graduated",
    )
    async with service.client(a_principal()) as stranger:
        for below in ("charges", "usage"):
            assert (await stranger.get(f"/v1/subscriptions/{made['id']}/{below}")).status_code == 404

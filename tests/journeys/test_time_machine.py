"""The time machine: two years of a subscription in a sandbox, in seconds."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx

from shared.testing.eventually import eventually
from tests.journeys.conftest import Receiver, Stack, a_contact, advanced, created, receiving

DAY = timedelta(days=1)
# What integrators hear of an invoice whose collection works at once …
PAID = ["invoice.created", "invoice.issued", "invoice.paid", "invoice.updated"]
# … one that is late until money comes …
LATE = ["invoice.created", "invoice.issued", "invoice.overdue", "invoice.updated", *PAID[2:]]
# … and of payments.
COLLECTED = ["payment.created", "payment.updated"]
FAILED = ["payment.created", "payment.failed", "payment.updated"]


async def test_two_years_of_a_monthly_subscription_with_a_card_that_fails_twice(
    make_workspace: Callable[..., Any],
) -> None:
    sandbox: httpx.AsyncClient = await make_workspace(mode="sandbox")
    contact = await a_contact(sandbox)
    start = datetime.now(UTC).replace(microsecond=0) + DAY
    periods = [months_later(start, n) for n in range(25)]
    async with receiving(sandbox) as receiver:
        good = await a_card(sandbox, contact, "success")
        subscription = await a_subscription(sandbox, contact, start)

        # A year goes well; then the money is lacking, at the renewal and two days later.
        await advanced(sandbox, periods[12] - DAY)
        await a_card(sandbox, contact, "insufficient")
        await advanced(sandbox, periods[12] + 6 * DAY)
        past_due = await fetched(sandbox, f"/v1/subscriptions/{subscription['id']}")
        (campaign,) = (await fetched(sandbox, "/v1/dunning"))["data"]
        await change(sandbox, good, is_default=True)
        clock = await advanced(sandbox, periods[24] - DAY)

        # Once the clock is there, everything is done, and in the order of its time.
        assert clock["now"] >= (periods[24] - DAY).isoformat()[:19]
        assert past_due["status"] == "past_due"
        assert (campaign["status"], campaign["attempt_count"]) == ("active", 1)
        await check_invoices(sandbox, subscription, periods)
        await check_campaign(sandbox, campaign["id"], periods[12])
        shown = await fetched(sandbox, f"/v1/subscriptions/{subscription['id']}")
        assert (shown["status"], instant(shown["next_billing_at"])) == ("active", periods[24])
        await check_webhooks(receiver, subscription, periods)


async def test_a_clock_on_its_way_survives_the_death_of_those_who_move_it(
    stack: Stack, make_workspace: Callable[..., Any]
) -> None:
    sandbox: httpx.AsyncClient = await make_workspace(mode="sandbox")
    start = datetime.now(UTC).replace(microsecond=0) + DAY
    sent = {"collection_method": "send_invoice"}
    subscription = await a_subscription(sandbox, await a_contact(sandbox), start, **sent)
    target = {"to": (months_later(start, 6) - DAY).isoformat()}
    await sandbox.post("/v1/sandbox/clock/advance", json=target)

    for victim, invoice_count in (("gateway", 2), ("subscription-renewal", 3)):
        await eventually(partial(has_invoices, sandbox, subscription, invoice_count), timeout_seconds=90)
        stack.kill(victim)
    await eventually(partial(is_there, sandbox), timeout_seconds=120, every_seconds=0.2)

    found = await fetched(sandbox, f"/v1/invoices?subscription_id={subscription['id']}")
    starts = [instant(invoice["period_start"]) for invoice in reversed(found["data"])]
    assert starts == [months_later(start, n) for n in range(6)]
    # Numbers are given in the order of the periods.
    numbers = [invoice["number"] for invoice in reversed(found["data"])]
    assert numbers == sorted(numbers)


async def has_invoices(sandbox: httpx.AsyncClient, subscription: dict[str, Any], count: int) -> bool:
    path = f"/v1/invoices?subscription_id={subscription['id']}"
    try:
        return len((await fetched(sandbox, path))["data"]) >= count
    except httpx.TransportError:
        return False


async def is_there(sandbox: httpx.AsyncClient) -> bool:
    try:
        return (await fetched(sandbox, "/v1/sandbox/clock"))["target"] is None
    except httpx.TransportError:
        return False


async def check_invoices(
    sandbox: httpx.AsyncClient, subscription: dict[str, Any], periods: list[datetime]
) -> None:
    found = await fetched(sandbox, f"/v1/invoices?subscription_id={subscription['id']}")
    invoices = list(reversed(found["data"]))
    assert len(invoices) == 24
    for n, invoice in enumerate(invoices):
        period = instant(invoice["period_start"]), instant(invoice["period_end"])
        assert period == (periods[n], periods[n + 1])
        assert (invoice["status"], invoice["total_minor"], invoice["amount_paid_minor"]) == (
            "paid",
            1000,
            1000,
        )
        paid_after = instant(invoice["paid_at"]) - periods[n]
        expected = 7 * DAY if n == 12 else timedelta(0)
        assert expected <= paid_after < expected + timedelta(hours=1)


async def check_campaign(sandbox: httpx.AsyncClient, campaign_id: str, failed_at: datetime) -> None:
    campaign = await fetched(sandbox, f"/v1/dunning/{campaign_id}")
    assert (campaign["status"], campaign["attempt_count"]) == ("recovered", 2)
    ended_after = instant(campaign["ended_at"]) - failed_at
    assert 7 * DAY <= ended_after < 7 * DAY + timedelta(hours=1)


async def check_webhooks(receiver: Receiver, subscription: dict[str, Any], periods: list[datetime]) -> None:
    """Every fact arrives once, with the sandbox's time in it; deliveries themselves take real time."""
    await eventually(lambda: len(receiver.of_type("invoice.paid")) == 24, timeout_seconds=60)
    await eventually(lambda: len(receiver.of_type("subscription.updated")) == 26, timeout_seconds=20)
    assert len(receiver.verified()) == len(receiver.messages)
    assert len({message["id"] for message in receiver.messages}) == len(receiver.messages)

    invoices = by_subject(receiver, "invoice.")
    assert [[message["type"] for message in told] for told in invoices] == [PAID] * 12 + [LATE] + [PAID] * 11
    for n, told in enumerate(invoices):
        at = [instant(message["timestamp"]) - periods[n] for message in told]
        assert timedelta(0) <= at[0] == at[1] < timedelta(hours=1)
        assert at[-2] == at[-1]
        assert at[-1] // DAY == (7 if n == 12 else 0)

    payments = [[message["type"] for message in told] for told in by_subject(receiver, "payment.")]
    assert payments == [COLLECTED] * 12 + [FAILED] * 2 + [COLLECTED] * 12
    failures = [message["data"]["failure"]["code"] for message in receiver.of_type("payment.failed")]
    assert failures == ["insufficient_funds"] * 2
    check_dunning_webhooks(receiver, periods[12])
    check_subscription_webhooks(receiver, subscription, periods)


def check_dunning_webhooks(receiver: Receiver, failed_at: datetime) -> None:
    (dunning,) = by_subject(receiver, "dunning.")
    days = [(instant(message["timestamp"]) - failed_at) // DAY for message in dunning]
    assert list(zip([message["type"] for message in dunning], days, strict=True)) == [
        ("dunning.created", 0),
        ("dunning.retry_due", 2),
        ("dunning.updated", 2),
        ("dunning.updated", 2),
        ("dunning.retry_due", 7),
        ("dunning.updated", 7),
        ("dunning.ended", 7),
        ("dunning.updated", 7),
    ]


def check_subscription_webhooks(
    receiver: Receiver, subscription: dict[str, Any], periods: list[datetime]
) -> None:
    renewals = sorted(receiver.of_type("subscription.renewed"), key=lambda message: message["timestamp"])
    assert [instant(one["data"]["billing"]["period_start"]) for one in renewals] == periods[:24]
    statuses = [
        message["data"]["status"]
        for message in by_subject(receiver, "subscription.")[0]
        if message["type"] == "subscription.updated"
    ]
    assert statuses == ["active"] * 13 + ["past_due"] + ["active"] * 12
    assert {message["data"]["id"] for message in renewals} == {subscription["id"]}


def by_subject(receiver: Receiver, kind: str) -> list[list[dict[str, Any]]]:
    """What was told of each resource of a kind, by its version, then by its type; resources by their age."""
    told = defaultdict(list)
    for message in receiver.messages:
        if message["type"].startswith(kind):
            told[message["data"]["id"]].append(message)
    order = [sorted(one, key=lambda m: (m["data"]["version"], m["type"])) for one in told.values()]
    return sorted(order, key=lambda one: str(one[0]["data"]["id"]))


def months_later(start: datetime, n: int) -> datetime:
    """The same day n months on, or the last day of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + n, 12)
    for day in range(start.day, 27, -1):
        try:
            return start.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return start.replace(year=year, month=month + 1)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def a_card(sandbox: httpx.AsyncClient, contact: dict[str, Any], name: str) -> str:
    """A test card, attached and made the contact's default."""
    body = {"contact_id": contact["id"], "test_card": name}
    intent = await created(sandbox, "/v1/payment-methods/setup-intents", body)
    method_id: str = intent["payment_method_id"]
    await change(sandbox, method_id, is_default=True)
    return method_id


async def a_subscription(
    sandbox: httpx.AsyncClient, contact: dict[str, Any], start: datetime, **fields: Any
) -> dict[str, Any]:
    """Ten euros a month, charged automatically."""
    body = {
        "contact_id": contact["id"],
        "currency": "EUR",
        "lines": [{"description": "Plan", "quantity": 1, "unit_price": "10"}],
        "interval": "month",
        "start_at": start.isoformat(),
        "timezone": "UTC",
        "collection_method": "charge_automatically",
        **fields,
    }
    return await created(sandbox, "/v1/subscriptions", body)


async def change(sandbox: httpx.AsyncClient, method_id: str, **fields: Any) -> None:
    reply = await sandbox.patch(f"/v1/payment-methods/{method_id}", json=fields)
    assert reply.status_code == 200, reply.text


async def fetched(sandbox: httpx.AsyncClient, path: str) -> Any:
    reply = await sandbox.get(path)
    assert reply.status_code == 200, reply.text
    return reply.json()

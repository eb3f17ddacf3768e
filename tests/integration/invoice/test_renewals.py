"""What subscriptions bill becomes one issued invoice each, whatever comes twice or at once."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.invoice.billings import consumers as subscription
from services.invoice.invoices.domain.invoice import BilledMeanwhile
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.messaging.metrics import DUPLICATES
from shared.messaging.work import begin
from shared.testing.eventually import eventually
from shared.testing.service import RunningService
from tests.integration.invoice import numbering
from tests.integration.invoice.billings import (
    START,
    a_line,
    hear,
    hear_of,
    is_waiting,
    know,
    prorated,
    renewed,
)
from tests.integration.invoice.conftest import a_contact


@pytest.fixture
def who(a_principal: Any) -> Principal:
    """Who asks, in a new workspace."""
    return a_principal()


@pytest.fixture
def client(api: RunningService, who: Principal) -> httpx.AsyncClient:
    """Speaks for `who`."""
    return api.client(who)


async def listed(client: httpx.AsyncClient, **filters: Any) -> list[dict[str, Any]]:
    """Invoices, oldest first."""
    found = (await client.get("/v1/invoices", params=filters)).json()["data"]
    return list(reversed(found))


async def recorded(service: RunningService) -> list[tuple[str, int]]:
    """Type and sequence of every event about invoices in the outbox, in order."""
    async with service.parts.worker.transaction() as tx:
        rows = await tx.fetch(
            "SELECT type, aggregate_seq FROM outbox WHERE aggregatetype = 'invoice' ORDER BY position"
        )
    return [(row["type"], row["aggregate_seq"]) for row in rows]


async def gaps(service: RunningService, who: Principal) -> int:
    async with service.parts.worker.transaction() as tx:
        return await numbering.gaps(tx, who.workspace_id, "invoices")


async def test_a_period_is_billed_by_one_issued_invoice(
    api: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    contact = await a_contact(client)
    event = renewed(who.workspace_id, contact["id"], payment_method_id=new_id(), payment_terms_days=14)

    await hear(api, event)

    [invoice] = await listed(client, subscription_id=str(event.subject))
    said = event.data
    assert (invoice["status"], invoice["number"], invoice["version"]) == ("open", "INV-2026-00001", 1)
    assert (invoice["subtotal_minor"], invoice["tax_minor"], invoice["total_minor"]) == (7355, 1545, 8900)
    assert (invoice["issue_date"], invoice["due_date"]) == ("2026-04-01", "2026-04-15")
    assert (invoice["period_start"], invoice["period_end"]) == (
        "2026-04-01T00:00:00Z",
        "2026-05-01T00:00:00Z",
    )
    assert (invoice["billing_reason"], invoice["collection_method"]) == ("cycle", "send_invoice")
    assert invoice["payment_method_id"] == str(said.payment_method_id)
    assert invoice["contact"]["name"] == contact["name"]
    assert await recorded(api) == [("invoice.created", 1), ("invoice.issued", 1)]
    timeline = (await client.get(f"/v1/invoices/{invoice['id']}/events")).json()["data"]
    assert [entry["type"] for entry in timeline] == ["invoice.created", "invoice.issued"]


async def test_the_same_billing_makes_one_invoice_however_often_it_comes(
    api: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    contact_id = (await a_contact(client))["id"]
    event = renewed(who.workspace_id, contact_id)
    again = event.model_copy(update={"id": new_id()})
    another = renewed(who.workspace_id, contact_id)
    prevented = DUPLICATES.labels("invoice", "invoice_one_per_cycle")
    before = prevented.collect()[0].samples[0].value

    await hear(api, event, again)
    await hear(api, again, another)

    assert prevented.collect()[0].samples[0].value == before + 2
    numbers_of = {one["subscription_id"]: one["number"] for one in await listed(client)}
    assert numbers_of == {str(event.subject): "INV-2026-00001", str(another.subject): "INV-2026-00002"}
    assert await gaps(api, who) == 0


async def test_a_period_and_each_change_within_it_are_billed_apart(
    api: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    contact_id = (await a_contact(client))["id"]
    first = renewed(who.workspace_id, contact_id)
    subscription = {"id": first.subject, "period_start": START}
    changes = [prorated(who.workspace_id, contact_id, version=number, **subscription) for number in (3, 4, 4)]
    second = renewed(
        who.workspace_id, contact_id, id=first.subject, version=5, period_start=first.data.billing.period_end
    )

    await hear(api, first, *changes, second)

    found = await listed(client, subscription_id=str(first.subject))
    assert [(one["billing_reason"], one["number"][-1]) for one in found] == [
        ("cycle", "1"), ("change", "2"), ("change", "3"), ("cycle", "4"),
    ]  # fmt: skip


async def test_invoices_of_many_workspaces_are_numbered_in_the_order_of_their_events(
    api: RunningService, a_principal: Any
) -> None:
    principals = [a_principal() for _ in range(3)]
    clients = [api.client(one) for one in principals]
    contacts = [(await a_contact(client))["id"] for client in clients]
    events = [
        renewed(principals[n % 3].workspace_id, contacts[n % 3], lines=[a_line(description=str(n))])
        for n in range(12)
    ]

    await hear(api, *events)

    for n, client in enumerate(clients):
        found = await listed(client)
        assert [one["lines"][0]["description"] for one in found] == [str(i) for i in range(n, 12, 3)]
        assert [one["number"] for one in found] == [f"INV-2026-0000{i}" for i in range(1, 5)]
        assert await gaps(api, principals[n]) == 0


async def test_whoever_bills_second_finds_out_begins_again_and_leaves_no_gap(
    api: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    contact_id = (await a_contact(client))["id"]
    event = renewed(who.workspace_id, contact_id)
    twin, own = event.model_copy(update={"id": new_id()}), renewed(who.workspace_id, contact_id)
    await know(api, who.workspace_id)

    async with begin(api.parts.worker) as unit:
        await subscription.handlers.apply(unit, [event])
        second = asyncio.create_task(hear(api, own, twin))
        await eventually(lambda: is_waiting(api))
    with pytest.raises(BilledMeanwhile):
        await second
    await hear(api, own, twin)

    found = {one["subscription_id"]: one["number"] for one in await listed(client)}
    assert found == {str(event.subject): "INV-2026-00001", str(own.subject): "INV-2026-00002"}
    assert await gaps(api, who) == 0


async def test_many_at_once_bill_each_period_once_and_leave_no_gap(
    api: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    contact_id = (await a_contact(client))["id"]
    same = [renewed(who.workspace_id, contact_id) for _ in range(5)]

    async def hear_until_it_is_done() -> None:
        own = [renewed(who.workspace_id, contact_id) for _ in range(3)]
        for _ in range(20):
            with contextlib.suppress(BilledMeanwhile):
                return await hear(api, *own[:2], *same, *own[2:])
        raise AssertionError("never done")

    await asyncio.gather(*(hear_until_it_is_done() for _ in range(4)))

    found = await listed(client)
    assert len({one["subscription_id"] for one in found}) == len(found) == 5 + 4 * 3
    assert sorted(one["number"] for one in found) == [f"INV-2026-{n:05}" for n in range(1, 18)]
    assert await gaps(api, who) == 0


@pytest.mark.parametrize(
    "fields, reason",
    [
        ({"contact": new_id()}, "There is no contact"),
        ({"currency": "ZZZ"}, "not one of ISO 4217"),
        ({"lines": [a_line(unit_price=-1)]}, "cannot be negative"),
        ({"lines": []}, "at least one item"),
        ({"lines": [a_line(product_id=new_id())]}, "There is no product"),
    ],
)
async def test_what_cannot_be_billed_waits_and_says_why_and_holds_up_no_other(
    api: RunningService, client: httpx.AsyncClient, who: Principal, fields: dict[str, Any], reason: str
) -> None:
    contact_id = (await a_contact(client))["id"]
    billed = fields.pop("contact", contact_id)
    good, bad = renewed(who.workspace_id, contact_id), renewed(who.workspace_id, billed, **fields)

    await hear(api, good, bad)

    [billed] = await listed(client)
    assert (billed["subscription_id"], billed["number"]) == (str(good.subject), "INV-2026-00001")
    [waiting] = (await client.get("/v1/waiting-billings")).json()["data"]
    assert (waiting["subscription_id"], waiting["attempt_count"]) == (str(bad.subject), 1)
    assert reason in waiting["problem"]["detail"]
    assert await gaps(api, who) == 0


@pytest.mark.parametrize(
    "collection, terms, due",
    [
        ("send_invoice", None, "2026-05-01"),
        ("charge_automatically", None, "2026-04-01"),
        ("charge_automatically", 3, "2026-04-04"),
        ("send_invoice", 0, "2026-04-01"),
    ],
)
async def test_due_by_the_subscriptions_terms_at_once_or_by_the_businesss(
    api: RunningService, client: httpx.AsyncClient, who: Principal, collection: str, terms: Any, due: str
) -> None:
    contact_id = (await a_contact(client))["id"]

    await hear(
        api, renewed(who.workspace_id, contact_id, collection_method=collection, payment_terms_days=terms)
    )

    [invoice] = await listed(client)
    assert (invoice["due_date"], invoice["issue_date"]) == (due, "2026-04-01")


async def test_a_billing_of_nothing_is_paid_at_once(
    api: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    contact_id = (await a_contact(client))["id"]

    await hear(api, renewed(who.workspace_id, contact_id, lines=[a_line(unit_price=0)]))

    [invoice] = await listed(client)
    assert (invoice["status"], invoice["payment_status"], invoice["amount_due_minor"]) == ("paid", "paid", 0)
    kinds = [type_ for type_, _ in await recorded(api)]
    assert kinds == ["invoice.created", "invoice.issued", "invoice.paid"]


async def test_an_archived_contacts_agreement_is_billed(
    api: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    contact_id = (await a_contact(client))["id"]
    await client.delete(f"/v1/contacts/{contact_id}")

    await hear(api, renewed(who.workspace_id, contact_id))

    assert len(await listed(client)) == 1


async def test_the_date_is_that_of_the_workspaces_zone_and_clock(
    api: RunningService, a_principal: Any
) -> None:
    who = a_principal(zone="Pacific/Auckland")
    client = api.client(who)
    contact_id = (await a_contact(client))["id"]
    fell_due = datetime(2031, 12, 31, 12, tzinfo=UTC)
    await hear_of(api, who, offset=fell_due - datetime.now(UTC) + timedelta(hours=1))

    await hear(api, renewed(who.workspace_id, contact_id, period_start=fell_due))

    [invoice] = await listed(client)
    assert (invoice["issue_date"], invoice["number"]) == ("2032-01-01", "INV-2032-00001")
    assert invoice["issued_at"].startswith("2031-12-31T13:0")


async def test_a_clock_that_is_known_too_late_does_not_date_an_invoice_before_it_fell_due(
    api: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    contact_id = (await a_contact(client))["id"]
    fell_due = datetime(2040, 1, 1, 9, tzinfo=UTC)

    await hear(api, renewed(who.workspace_id, contact_id, period_start=fell_due))

    [invoice] = await listed(client)
    assert (invoice["issue_date"], invoice["issued_at"]) == ("2040-01-01", "2040-01-01T09:00:00Z")

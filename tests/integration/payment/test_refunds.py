"""Refunds and disputes: money goes back, and invoices ask for it again."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.payment.collections.operations.apply_outcome import settle_collected
from services.payment.disputes.domain.dispute import DisputeReport, DisputeState
from services.payment.disputes.operations import follow_dispute
from services.payment.refunds.operations import finish_refund
from shared.http.internal_auth import Principal
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.integration.payment.conftest import (
    Issue,
    Json,
    a_known_contact,
    balances,
    paid,
    receivable_of,
    recorded,
)


async def refunded(client: httpx.AsyncClient, payment_id: str, **body: Any) -> Json:
    reply = await client.post(f"/v1/payments/{payment_id}/refunds", json=body)
    assert reply.status_code == 201, reply.text
    found: Json = reply.json()
    return found


async def a_collected_payment(
    service: RunningService, who: Principal, invoice_id: UUID, contact_id: UUID, amount_minor: int
) -> UUID:
    """A payment that a provider is about to have collected."""
    payment_id, workspace = new_id(), who.workspace_id
    async with service.parts.worker.transaction() as tx:
        await tx.execute(
            """INSERT INTO payment (workspace_id, id, version, created_at, updated_at, contact_id, state,
                amount_minor, unallocated_minor, currency, method, paid_on, invoice_id, is_automatic,
                provider, provider_reference)
            VALUES ($1, $2, 1, now(), now(), $3, 'processing', $4, 0, 'EUR', 'card', '2026-04-11', $5, true,
                'sandbox', $6)""",
            workspace,
            payment_id,
            contact_id,
            amount_minor,
            invoice_id,
            f"pi_{payment_id.hex}",
        )
    return payment_id


async def without_its_collection(service: RunningService) -> None:
    """The proof wants a collection for a collected payment; these tests have none."""
    async with service.parts.worker.transaction() as tx:
        await tx.execute("UPDATE payment SET invoice_id = NULL")


async def test_a_refund_takes_unallocated_money_first_then_the_newest_allocations(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    contact_id = new_id()
    first, second = [await issue(contact_id=contact_id, total_minor=1000) for _ in range(2)]
    targets = [{"invoice_id": str(invoice.id), "amount_minor": 1000} for invoice in (first, second)]
    payment = await paid(client, allocations=targets, amount_minor=2500, method="bank")

    small = await refunded(client, payment["id"], amount_minor=300, reason="Too much")
    middle = await refunded(client, payment["id"], amount_minor=600, method="cash", external_reference="X-1")
    after = (await client.get(f"/v1/payments/{payment['id']}")).json()
    rest = await refunded(client, payment["id"])

    assert (small["state"], small["method"], small["reason"]) == ("succeeded", "bank", "Too much")
    assert (middle["method"], middle["external_reference"]) == ("cash", "X-1")
    assert (after["amount_refunded_minor"], after["unallocated_minor"], after["version"]) == (900, 0, 3)
    assert [part["amount_minor"] for part in after["allocations"]] == [1000, 600]
    assert [one["amount_minor"] for one in after["refunds"]] == [300, 600]
    assert rest["amount_minor"] == 1600
    reopened = await receivable_of(service, first.id)
    assert (reopened["status"], reopened["paid_minor"]) == ("open", 0)
    sums = await balances(client)
    assert sums["accounts_receivable"] == 2000
    assert (sums["cash bank"], sums["cash cash"]) == (600, -600)
    assert "credit_balance" not in sums
    assert (await recorded(service))[2:] == [
        ("payment.updated", 2),
        ("payment.refunded", 2),
        ("credit_balance.updated", 2),
        ("payment.updated", 3),
        ("payment.refunded", 3),
        ("credit_balance.updated", 3),
        ("payment.updated", 4),
        ("payment.refunded", 4),
    ]


async def test_refunds_are_listed_and_found(
    client: httpx.AsyncClient, issue: Issue, service: RunningService
) -> None:
    invoice, other = await issue(), await issue()
    mine = await paid(client, invoice_id=str(invoice.id), amount_minor=100)
    theirs = await paid(client, invoice_id=str(other.id), amount_minor=100)
    first = await refunded(client, mine["id"], amount_minor=1)
    second = await refunded(client, theirs["id"], amount_minor=2)

    async def listed(path: str, **query: Any) -> list[Json]:
        found: list[Json] = (await client.get(path, params=query)).json()["data"]
        return found

    assert await listed("/v1/refunds") == [second, first]
    assert await listed("/v1/refunds", contact_id=str(invoice.contact_id)) == [first]
    assert await listed("/v1/refunds", payment_id=theirs["id"], state="succeeded") == [second]
    assert await listed("/v1/refunds", state="pending") == []
    assert await listed("/v1/refunds", credit_note_id=str(new_id())) == []
    assert await listed(f"/v1/payments/{mine['id']}/refunds") == [first]
    assert (await client.get(f"/v1/refunds/{first['id']}")).json() == first
    assert (await client.get(f"/v1/payments/{new_id()}/refunds")).status_code == 404
    assert (await client.get(f"/v1/refunds/{new_id()}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"amount_minor": 101}, 422, "refund_exceeds_payment"),
        ({"amount_minor": 0}, 422, "invalid"),
        ({"amount": 1}, 422, "invalid"),
        ({"state": "succeeded"}, 422, "invalid"),
    ],
)
async def test_a_refund_that_cannot_be_is_refused(
    client: httpx.AsyncClient, issue: Issue, body: Json, status: int, code: str
) -> None:
    payment = await paid(client, invoice_id=str((await issue()).id), amount_minor=100)

    reply = await client.post(f"/v1/payments/{payment['id']}/refunds", json=body)

    assert (reply.status_code, reply.json()["code"]) == (status, code)


async def test_sixteen_refunds_at_once_never_give_back_more_than_came_in(
    client: httpx.AsyncClient, issue: Issue
) -> None:
    payment = await paid(client, invoice_id=str((await issue()).id), amount_minor=1000)

    replies = await asyncio.gather(
        *(client.post(f"/v1/payments/{payment['id']}/refunds", json={"amount_minor": 300}) for _ in range(16))
    )

    statuses = [reply.status_code for reply in replies]
    assert (statuses.count(201), statuses.count(422)) == (3, 13)
    left = await client.post(f"/v1/payments/{payment['id']}/refunds", json={})
    empty = await client.post(f"/v1/payments/{payment['id']}/refunds", json={})
    assert left.json()["amount_minor"] == 100
    assert (empty.status_code, empty.json()["code"]) == (409, "nothing_to_refund")


async def test_a_collected_payment_settles_its_invoice_once(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, who: Principal
) -> None:
    invoice = await issue()
    await paid(client, invoice_id=str(invoice.id), amount_minor=900)
    payment_id = await a_collected_payment(service, who, invoice.id, invoice.contact_id, 33900)

    for _ in range(2):
        async with begin(service.parts.worker) as unit:
            payment = await settle_collected(unit.within(who.workspace_id, Clock()), payment_id)

    assert (payment.state, payment.version, payment.unallocated_minor) == ("succeeded", 2, 900)
    shown = (await client.get(f"/v1/payments/{payment_id}")).json()
    assert [part["amount_minor"] for part in shown["allocations"]] == [33000]
    assert (shown["is_automatic"], shown["provider"]) == (True, "sandbox")
    assert (await receivable_of(service, invoice.id))["status"] == "settled"
    sums = await balances(client)
    assert (sums["cash card"], sums["credit_balance"]) == (33900, 900)
    assert [kind for kind, _ in await recorded(service)][1:] == ["payment.updated", "credit_balance.updated"]
    await without_its_collection(service)


@pytest.mark.parametrize("succeeded", [True, False])
async def test_a_providers_refund_waits_until_the_provider_has_sent_it(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, who: Principal, succeeded: bool
) -> None:
    invoice = await issue(total_minor=1000)
    payment_id = await a_collected_payment(service, who, invoice.id, invoice.contact_id, 1000)
    async with begin(service.parts.worker) as unit:
        await settle_collected(unit.within(who.workspace_id, Clock()), payment_id)

    refund = await refunded(client, str(payment_id), amount_minor=400)
    waiting = await balances(client)
    for _ in range(2):
        async with begin(service.parts.worker) as unit:
            work = unit.within(who.workspace_id, Clock())
            await finish_refund(work, UUID(refund["id"]), succeeded=succeeded)

    assert refund["state"] == "pending"
    assert (waiting["refunds_payable"], waiting["cash card"]) == (400, 1000)
    now = (await client.get(f"/v1/refunds/{refund['id']}")).json()
    payment = (await client.get(f"/v1/payments/{payment_id}")).json()
    sums = await balances(client)
    assert "refunds_payable" not in sums
    kinds = [kind for kind, _ in await recorded(service)]
    if succeeded:
        assert (now["state"], sums["cash card"], payment["amount_refunded_minor"]) == ("succeeded", 600, 400)
        assert kinds[-2:] == ["payment.updated", "payment.refunded"]
    else:
        assert (now["state"], sums["credit_balance"], payment["unallocated_minor"]) == ("failed", 400, 400)
        assert kinds[-3:] == ["payment.updated", "payment.refund_failed", "credit_balance.updated"]
    assert payment["version"] == 4
    await without_its_collection(service)


async def test_a_dispute_reopens_what_the_money_had_settled(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, who: Principal
) -> None:
    invoice = await issue(total_minor=1000)
    payment = await paid(client, invoice_id=str(invoice.id), amount_minor=1100)
    told = DisputeReport("dp_1", DisputeState.OPEN, 1100)

    async with begin(service.parts.worker) as unit:
        work = unit.within(who.workspace_id, Clock())
        disputed = await follow_dispute(work, UUID(payment["id"]), told)

    assert (disputed.disputed_minor, disputed.unallocated_minor) == (1100, 0)
    assert (await receivable_of(service, invoice.id))["status"] == "open"
    assert (await client.get(f"/v1/payments/{payment['id']}")).json()["amount_disputed_minor"] == 1100
    assert (await recorded(service))[-3:] == [
        ("payment.updated", 2),
        ("payment.disputed", 2),
        ("credit_balance.updated", 2),
    ]
    assert "cash other" not in await balances(client)


async def test_a_payment_without_money_cannot_be_refunded(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, who: Principal
) -> None:
    invoice = await issue(total_minor=1000)
    payment_id = await a_collected_payment(service, who, invoice.id, invoice.contact_id, 1000)

    reply = await client.post(f"/v1/payments/{payment_id}/refunds", json={})

    assert (reply.status_code, reply.json()["code"]) == (409, "payment_not_succeeded")
    await without_its_collection(service)


async def test_money_of_the_balance_can_be_refunded(
    client: httpx.AsyncClient, service: RunningService, who: Principal
) -> None:
    contact_id = await a_known_contact(service, who.workspace_id)
    payment = await paid(client, contact_id=str(contact_id), amount_minor=100)

    await refunded(client, payment["id"])

    assert await balances(client) == {}
    [balance] = (await client.get("/v1/credit-balances")).json()["data"]
    assert (balance["amount_minor"], balance["version"]) == (0, 2)

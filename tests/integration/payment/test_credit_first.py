"""What a contact has as credit settles invoices before a card is charged, however many ask at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest

from services.payment import main
from services.payment.collections.operations.collect import CollectionRequest, collect
from shared.events.dunning import DunningData, DunningRetryDue
from shared.http.internal_auth import Principal
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.integration.payment.collecting import Till
from tests.integration.payment.conftest import NOBODY, receivable_of, unproved
from tests.integration.payment.test_checkouts import Payer
from tests.unit.payment.builders import NOW


@pytest.fixture
async def till(
    start_service: Callable[..., Any], a_principal: Callable[..., Principal]
) -> AsyncIterator[Till]:
    service: RunningService = await start_service(
        main.make, "payment", role="api", INVOICE_URL=NOBODY, SANDBOX_SLOW_SECONDS="0"
    )
    who = a_principal(mode="sandbox")
    async with service.client(who) as client:
        made = Till(service, who, client)
        async with service.parts.worker.transaction() as tx:
            await tx.execute("INSERT INTO contact VALUES ($1, $2)", who.workspace_id, made.contact_id)
        yield made
    assert await unproved(service) == []


async def pay_in(till: Till, amount_minor: int, **body: Any) -> dict[str, Any]:
    fields = {"contact_id": str(till.contact_id), "amount_minor": amount_minor, "currency": "EUR", **body}
    reply = await till.client.post("/v1/payments", json=fields)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def a_retry(till: Till, invoice_id: UUID) -> DunningRetryDue:
    data = DunningData(
        id=new_id(),
        version=2,
        created_at=NOW,
        updated_at=NOW,
        invoice_id=invoice_id,
        contact_id=till.contact_id,
        status="active",
        attempt_count=1,
        terminal_action="leave",
    )
    return DunningRetryDue.of(till.who.workspace_id, data)


async def credit_of(till: Till) -> dict[str, int]:
    found = (await till.client.get("/v1/credit-balances")).json()["data"]
    return {one["currency"]: one["amount_minor"] for one in found}


async def due_of(till: Till, *invoice_ids: UUID) -> list[int]:
    rows = [await receivable_of(till.service, invoice_id) for invoice_id in invoice_ids]
    return [row["total_minor"] - row["paid_minor"] for row in rows]


@pytest.mark.parametrize("credit_minor", [33_900, 40_000])
async def test_a_retry_charges_nothing_where_credit_covers_the_invoice(till: Till, credit_minor: int) -> None:
    await till.keep_card("insufficient")
    invoice = await till.issue()
    await till.collect()
    good = await till.keep_card("success")
    await till.client.patch(f"/v1/payment-methods/{good['id']}", json={"is_default": True})
    await pay_in(till, credit_minor)

    await till.hear(a_retry(till, invoice.id))
    await till.collect()

    assert await till.charges() == []
    assert await due_of(till, invoice.id) == [0]
    assert await credit_of(till) == {"EUR": credit_minor - 33_900}


async def test_a_retry_charges_what_credit_of_the_currency_leaves(till: Till) -> None:
    await till.keep_card("insufficient")
    invoice = await till.issue()
    await till.collect()
    good = await till.keep_card("success")
    await till.client.patch(f"/v1/payment-methods/{good['id']}", json={"is_default": True})
    await pay_in(till, 900)
    await pay_in(till, 100)
    await pay_in(till, 5_000, currency="USD")

    await till.hear(a_retry(till, invoice.id))
    await till.collect()

    assert await till.charges() == [32_900]
    assert await due_of(till, invoice.id) == [0]
    assert await credit_of(till) == {"EUR": 0, "USD": 5_000}


async def test_by_hand_nothing_is_charged_where_credit_covers_the_invoice(till: Till) -> None:
    invoice = await till.issue(collection_method="send_invoice")
    credit = await pay_in(till, 33_900)
    body = {"invoice_id": str(invoice.id)}

    settled = await till.client.post("/v1/payments/collect", json=body)
    again = await till.client.post("/v1/payments/collect", json=body)

    assert settled.status_code == 200, settled.text
    assert (settled.json()["id"], settled.json()["state"]) == (credit["id"], "succeeded")
    assert [one["invoice_id"] for one in settled.json()["allocations"]] == [str(invoice.id)]
    assert (again.status_code, again.json()["code"]) == (409, "nothing_due")
    assert await due_of(till, invoice.id) == [0]


async def test_by_hand_the_rest_is_charged_and_credit_stays_where_nothing_can_be(till: Till) -> None:
    invoice = await till.issue(collection_method="send_invoice")
    await pay_in(till, 900)

    without = await till.client.post("/v1/payments/collect", json={"invoice_id": str(invoice.id)})
    kept = await credit_of(till)
    await till.keep_card("success")
    begun = await till.client.post("/v1/payments/collect", json={"invoice_id": str(invoice.id)})
    await till.collect()

    assert (without.json()["code"], kept) == ("no_payment_method", {"EUR": 900})
    assert (begun.status_code, begun.json()["amount_minor"]) == (201, 33_000)
    assert await till.charges() == [33_000]
    assert await due_of(till, invoice.id) == [0]


async def test_credit_that_comes_before_the_card_is_charged_is_taken_first(till: Till) -> None:
    await till.keep_card("success")
    invoice = await till.issue()

    await pay_in(till, 900)
    await till.collect()

    assert await till.charges() == [33_000]
    states = {(one["state"], one["amount_minor"]) for one in await till.payments()}
    assert states == {("canceled", 33_900), ("succeeded", 900), ("succeeded", 33_000)}
    assert await due_of(till, invoice.id) == [0]


async def test_a_payer_is_asked_for_what_credit_leaves_and_for_nothing_where_it_covers_all(
    till: Till,
) -> None:
    part, whole = [await till.issue(collection_method="send_invoice") for _ in range(2)]
    await pay_in(till, 900)

    opened = await Payer(till, part.id).begin()
    [checkout] = [one for one in await till.payments() if one["method"] == "checkout"]
    await Payer(till, part.id).choose(opened.json()["url"], "success")
    await till.collect()
    await pay_in(till, 33_900)
    nothing = await Payer(till, whole.id).begin()

    assert (opened.status_code, checkout["amount_minor"]) == (201, 33_000)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_due")
    assert await till.charges() == [33_000]
    assert await due_of(till, part.id, whole.id) == [0, 0]


async def test_what_was_written_off_takes_no_credit_unasked(till: Till) -> None:
    invoice = await till.issue(collection_method="send_invoice")
    await pay_in(till, 33_900)
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute(
            """UPDATE receivable SET written_off_minor = 33900, is_written_off = true, status = 'written_off'
            WHERE invoice_id = $1""",
            invoice.id,
        )

    refused = await till.client.post("/v1/payments/collect", json={"invoice_id": str(invoice.id)})
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute(
            """UPDATE receivable SET written_off_minor = 0, is_written_off = false, status = 'open'
            WHERE invoice_id = $1""",
            invoice.id,
        )

    assert refused.json()["code"] == "nothing_due"
    assert await credit_of(till) == {"EUR": 33_900}


async def test_a_page_that_asks_for_what_was_written_off_meanwhile_ends(till: Till) -> None:
    invoice = await till.issue(collection_method="send_invoice")
    opened = await Payer(till, invoice.id).begin()
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute("UPDATE receivable SET written_off_minor = 50 WHERE invoice_id = $1", invoice.id)

    await till.collector().cancel_outdated()
    await till.collect()
    again = await Payer(till, invoice.id).begin()

    assert opened.status_code == again.status_code == 201
    asked = {one["state"]: one["amount_minor"] for one in await till.payments()}
    assert asked == {"canceled": 33_900, "requires_action": 33_850}
    async with till.service.parts.worker.transaction() as tx:
        await tx.execute("UPDATE receivable SET written_off_minor = 0 WHERE invoice_id = $1", invoice.id)


async def test_many_payments_at_once_settle_the_oldest_invoices_one_after_the_other(till: Till) -> None:
    invoices = [await till.issue(collection_method="send_invoice", total_minor=1_000) for _ in range(5)]

    await asyncio.gather(*(pay_in(till, 700, allocate="oldest_first") for _ in range(7)))

    assert await due_of(till, *(one.id for one in invoices)) == [0, 0, 0, 0, 100]
    assert await credit_of(till) == {}


async def test_payments_that_name_an_invoice_and_such_that_do_not_share_nothing(till: Till) -> None:
    invoices = [await till.issue(collection_method="send_invoice", total_minor=1_000) for _ in range(6)]

    async def pay_invoice(invoice_id: UUID) -> None:
        body = {"invoice_id": str(invoice_id), "amount_minor": 1_000}
        assert (await till.client.post("/v1/payments", json=body)).status_code == 201

    await asyncio.gather(
        *(pay_invoice(one.id) for one in invoices[:3]),
        *(pay_in(till, 1_000, allocate="oldest_first") for _ in range(3)),
    )

    # Who named an invoice that was settled first has credit: as much as is still due elsewhere.
    due = sum(await due_of(till, *(one.id for one in invoices)))
    assert due == (await credit_of(till)).get("EUR", 0)
    assert due <= 3_000
    oldest_first = [one for one in await till.payments() if len(one["allocations"]) == 0]
    assert all(one["unallocated_minor"] == 1_000 for one in oldest_first)


async def test_collections_at_once_share_one_credit_and_charge_the_rest_once(till: Till) -> None:
    await till.keep_card("success")
    invoices = [await till.issue(collection_method="send_invoice", total_minor=1_000) for _ in range(4)]
    await pay_in(till, 1_500)

    async def collect_one(invoice_id: UUID) -> None:
        async with begin(till.service.parts.worker) as unit:
            work = unit.within(till.who.workspace_id, Clock())
            await collect(work, CollectionRequest(invoice_id))

    await asyncio.gather(*(collect_one(one.id) for one in invoices for _ in range(2)))
    await till.collect()

    assert sum(await till.charges()) == 2_500
    assert await due_of(till, *(one.id for one in invoices)) == [0, 0, 0, 0]
    assert (await credit_of(till)).get("EUR", 0) == 0


async def test_what_credit_settled_at_an_opening_is_told_and_stays(till: Till) -> None:
    """Documents of the invoice ask once, however much is paid by then."""
    await pay_in(till, 900)
    invoice = (await till.issue()).id
    await pay_in(till, 5_000, allocate="oldest_first")
    path = f"/internal/receivables/{invoice}/opening"

    told = await till.client.get(path)
    unheard = await till.client.get(f"/internal/receivables/{new_id()}/opening")

    assert (told.status_code, told.json()) == (200, {"settled_minor": 900})
    assert unheard.status_code == 404

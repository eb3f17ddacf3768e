"""Refunds, disputes and payments that cross credit notes, on real Postgres, in any order and repeated."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest

from services.invoice.invoices.consumers import handlers
from services.invoice.invoices.workers.mark_overdue import mark_overdue
from shared.events.event import Event
from shared.events.payment import (
    PaymentCreated,
    PaymentData,
    PaymentDisputed,
    PaymentFailed,
    PaymentRefunded,
    PaymentUpdated,
)
from shared.http.internal_auth import Principal
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import an_invoice
from tests.integration.invoice.test_settlement import a_payment, shown


@pytest.fixture
def principal(a_principal: Callable[..., Principal]) -> Principal:
    return a_principal()


@pytest.fixture
async def client(api: RunningService, principal: Principal) -> httpx.AsyncClient:
    return api.client(principal)


async def hear(api: RunningService, *events: Event) -> None:
    """Apply the events in one batch, as the consumer does once the inbox let them through."""
    async with begin(api.parts.worker) as unit:
        await handlers.apply(unit, events)


async def told(client: httpx.AsyncClient, invoice: dict[str, Any]) -> list[str]:
    """What was told of the invoice after it was issued, besides that it changed and what was paid."""
    entries = (await client.get(f"/v1/invoices/{invoice['id']}/events")).json()["data"]
    types = [entry["type"] for entry in entries[2:]]
    return [one for one in types if one != "invoice.updated" and not one.startswith("payment.")]


async def test_a_refund_reopens_the_invoice_and_its_lateness_is_told_anew(
    api: RunningService, client: httpx.AsyncClient, principal: Principal
) -> None:
    invoice = await an_invoice(client, issue_date="2026-01-01", due_date="2026-01-31")
    await mark_overdue(api.parts.worker, 100)
    await hear(api, a_payment(principal, invoice, 33900, 2))
    paid = await shown(client, invoice)

    refund = PaymentRefunded.of(principal.workspace_id, a_payment(principal, invoice, 10000, 3).data)
    await hear(api, refund)
    reopened = await shown(client, invoice)
    await mark_overdue(api.parts.worker, 100)

    assert (paid["status"], paid["is_overdue"], paid["paid_at"] is None) == ("paid", False, False)
    assert (reopened["status"], reopened["payment_status"]) == ("open", "partially_paid")
    assert (reopened["amount_due_minor"], reopened["paid_at"], reopened["is_overdue"]) == (23900, None, True)
    assert await told(client, invoice) == ["invoice.overdue", "invoice.paid", "invoice.overdue"]


async def test_the_timeline_tells_of_a_payment_in_the_order_in_which_it_happened(
    api: RunningService, client: httpx.AsyncClient, principal: Principal
) -> None:
    invoice = await an_invoice(client)
    first = a_payment(principal, invoice, 10000, 2)
    later = first.data.model_copy(update={"version": 2})
    other = a_payment(principal, invoice, 20000, 3)

    # Each type has a topic of its own, so the later event may come first.
    await hear(api, PaymentRefunded.of(principal.workspace_id, later))
    await hear(api, other)
    await hear(api, first)

    entries = (await client.get(f"/v1/invoices/{invoice['id']}/events")).json()["data"]
    assert [(entry["type"], entry["payment_id"]) for entry in entries if entry["payment_id"]] == [
        ("payment.created", str(other.data.id)),
        ("payment.created", str(first.data.id)),
        ("payment.refunded", str(first.data.id)),
    ]


async def test_every_order_of_payment_events_ends_alike(
    api: RunningService, client: httpx.AsyncClient, principal: Principal
) -> None:
    kinds: Sequence[tuple[type[Event], int]] = (
        (PaymentCreated, 33900),
        (PaymentRefunded, 13900),
        (PaymentUpdated, 33900),
        (PaymentDisputed, 5000),
    )
    contact_id = (await an_invoice(client))["contact_id"]
    invoices = []
    for order in itertools.permutations(range(len(kinds))):
        invoice = await an_invoice(client, contact_id=contact_id)
        events = [
            kind.of(principal.workspace_id, a_payment(principal, invoice, paid, version).data)
            for version, (kind, paid) in enumerate(kinds, start=2)
        ]
        for index in (*order, order[0]):
            await hear(api, events[index])
        await hear(api, *events, *events)
        invoices.append(invoice)

    ended = [await shown(client, invoice) for invoice in invoices]

    assert {(x["status"], x["amount_paid_minor"], x["amount_due_minor"]) for x in ended} == {
        ("open", 5000, 28900)
    }
    assert {x["version"] for x in ended} <= {2, 3, 4, 5}


async def test_a_failed_collection_changes_nothing_unless_it_takes_money_back(
    api: RunningService, client: httpx.AsyncClient, principal: Principal
) -> None:
    invoice = await an_invoice(client)
    failed = a_payment(principal, invoice, 0, 9).data.model_copy(update={"allocations": []})

    await hear(api, PaymentFailed.of(principal.workspace_id, failed))
    before = await shown(client, invoice)
    await hear(api, a_payment(principal, invoice, 33900, 2))
    taken_back = a_payment(principal, invoice, 0, 3).data
    await hear(api, PaymentFailed.of(principal.workspace_id, taken_back))

    assert (before["version"], before["status"]) == (1, "open")
    assert (await shown(client, invoice))["status"] == "open"


async def test_a_payment_that_crosses_a_credit_note_is_put_right_by_the_next_event(
    api: RunningService, client: httpx.AsyncClient, principal: Principal
) -> None:
    invoice = await an_invoice(client)
    await client.post(f"/v1/invoices/{invoice['id']}/credit-notes", json={})

    await hear(api, a_payment(principal, invoice, 33900, 2))
    crossed = await shown(client, invoice)
    moved = PaymentUpdated.of(principal.workspace_id, a_payment(principal, invoice, 0, 3).data)
    await hear(api, moved)
    put_right = await shown(client, invoice)

    assert (crossed["status"], crossed["amount_paid_minor"], crossed["amount_due_minor"]) == (
        "paid",
        33900,
        0,
    )
    assert (put_right["status"], put_right["amount_paid_minor"], put_right["amount_due_minor"]) == (
        "paid",
        0,
        0,
    )
    assert await told(client, invoice) == ["invoice.paid", "credit_note.issued"]


async def test_what_is_given_back_of_a_paid_invoice_is_at_most_what_was_paid(
    api: RunningService, client: httpx.AsyncClient, principal: Principal
) -> None:
    invoice = await an_invoice(client)
    await hear(api, a_payment(principal, invoice, 30000, 2))
    path = f"/v1/invoices/{invoice['id']}/credit-notes"

    too_much = await client.post(path, json={"refund_minor": 20000, "out_of_band_minor": 10001})
    note = await client.post(path, json={"refund_minor": 20000, "out_of_band_minor": 5000})

    assert (too_much.status_code, too_much.json()["errors"][0]["pointer"]) == (422, "/out_of_band_minor")
    assert (note.json()["refund_minor"], note.json()["out_of_band_minor"]) == (20000, 5000)
    assert (await shown(client, invoice))["amount_due_minor"] == 0


async def test_an_invoice_given_up_on_and_paid_after_all_is_asked_for_again_after_a_refund(
    api: RunningService, client: httpx.AsyncClient, principal: Principal
) -> None:
    invoice = await an_invoice(client)
    given_up = (await client.post(f"/v1/invoices/{invoice['id']}/write-off")).json()

    def seen(paid_minor: int, version: int) -> PaymentData:
        data = a_payment(principal, invoice, paid_minor, version).data
        facts = {"invoice_amount_written_off_minor": 0, "write_off_version": given_up["version"]}
        return data.model_copy(update={"allocations": [data.allocations[0].model_copy(update=facts)]})

    await hear(api, PaymentCreated.of(principal.workspace_id, seen(33900, 3)))
    paid = await shown(client, invoice)
    await hear(api, PaymentRefunded.of(principal.workspace_id, seen(0, 4)))
    refunded = await shown(client, invoice)

    assert (paid["status"], paid["amount_due_minor"]) == ("paid", 0)
    assert (refunded["status"], refunded["amount_due_minor"]) == ("open", 33900)
    assert (refunded["amount_written_off_minor"], refunded["written_off_at"]) == (0, None)

"""Credit notes, write-offs and credit balances that settle what comes next, in whatever order events come."""

import itertools
from datetime import date
from typing import Any

import httpx
import pytest

from shared.events.credit_note import CreditNoteIssued
from shared.events.event import Event
from shared.events.invoice import (
    InvoiceIssued,
    InvoiceUpdated,
    InvoiceVoided,
    InvoiceWriteOffReversed,
    InvoiceWrittenOff,
)
from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.payment.conftest import (
    Issue,
    a_known_contact,
    balances,
    hear,
    paid,
    receivable_of,
    recorded,
)
from tests.unit.payment.builders import a_credit_note, an_invoice


async def test_credit_settles_the_next_invoices_oldest_due_first_with_the_oldest_money(
    client: httpx.AsyncClient, service: RunningService, who: Principal
) -> None:
    contact_id = await a_known_contact(service, who.workspace_id)
    newer = await paid(client, contact_id=str(contact_id), amount_minor=300, paid_on="2026-04-10")
    older = await paid(client, contact_id=str(contact_id), amount_minor=200, paid_on="2026-04-01")
    dollars = await paid(client, contact_id=str(contact_id), amount_minor=900, currency="USD")
    late = an_invoice(contact_id=contact_id, total_minor=400, due_date=date(2026, 6, 1))
    soon = an_invoice(contact_id=contact_id, total_minor=250, due_date=date(2026, 5, 1))

    await hear(service, *(InvoiceIssued.of(who.workspace_id, data) for data in (late, soon)))
    await hear(service, *(InvoiceIssued.of(who.workspace_id, data) for data in (late, soon)))

    parts = {
        payment["id"]: [
            (part["invoice_id"], part["amount_minor"])
            for part in (await client.get(f"/v1/payments/{payment['id']}")).json()["allocations"]
        ]
        for payment in (older, newer, dollars)
    }
    assert parts[older["id"]] == [(str(soon.id), 200)]
    assert parts[newer["id"]] == [(str(soon.id), 50), (str(late.id), 250)]
    assert parts[dollars["id"]] == []
    settled, open_ = await receivable_of(service, soon.id), await receivable_of(service, late.id)
    assert (settled["status"], settled["version"]) == ("settled", 2)
    assert (open_["paid_minor"], open_["version"]) == (250, 2)
    assert (await recorded(service))[6:] == [
        ("payment.updated", 2),
        ("payment.updated", 2),
        ("credit_balance.updated", 3),
    ]


async def test_a_credit_note_reduces_what_is_asked_for(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> None:
    invoice = await issue()
    note = CreditNoteIssued.of(who.workspace_id, a_credit_note(invoice, 3000))

    await hear(service, note)
    await hear(service, note)

    stored = await receivable_of(service, invoice.id)
    assert (stored["credited_minor"], stored["version"], stored["status"]) == (3000, 2, "open")
    assert await balances(client) == {"accounts_receivable": 30900, "revenue": 25517, "tax_payable": 5383}
    assert await recorded(service) == []


async def test_what_was_paid_beyond_a_credit_note_goes_where_it_says(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> None:
    invoice = await issue(total_minor=1000, tax_minor=0)
    first = await paid(client, invoice_id=str(invoice.id), amount_minor=600, method="bank")
    second = await paid(client, invoice_id=str(invoice.id), amount_minor=300, method="bank")
    data = a_credit_note(invoice, 800, tax_minor=0, refund_minor=350, out_of_band_minor=100)

    await hear(service, CreditNoteIssued.of(who.workspace_id, data))

    stored = await receivable_of(service, invoice.id)
    assert (stored["paid_minor"], stored["credited_minor"], stored["status"]) == (200, 800, "settled")
    older = (await client.get(f"/v1/payments/{first['id']}")).json()
    newer = (await client.get(f"/v1/payments/{second['id']}")).json()
    refunds = (await client.get("/v1/refunds", params={"credit_note_id": str(data.id)})).json()["data"]
    assert sorted((one["method"], one["amount_minor"], one["state"]) for one in refunds) == [
        ("bank", 150, "succeeded"),
        ("bank", 200, "succeeded"),
        ("out_of_band", 100, "succeeded"),
    ]
    assert (newer["amount_refunded_minor"], newer["unallocated_minor"]) == (300, 0)
    assert (older["amount_refunded_minor"], older["unallocated_minor"]) == (150, 250)
    assert (older["allocations"][0]["amount_minor"], older["allocations"][0]["amount_due_minor"]) == (200, 0)
    sums = await balances(client)
    assert (sums["cash bank"], sums["cash out_of_band"], sums["credit_balance"]) == (550, -100, 250)
    kinds = [kind for kind, _ in await recorded(service)][2:]
    assert sorted(kinds) == [
        "credit_balance.updated",
        "payment.refunded",
        "payment.refunded",
        "payment.updated",
        "payment.updated",
    ]


async def test_a_full_credit_of_an_unpaid_invoice_leaves_nothing(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> None:
    invoice = await issue()
    data = a_credit_note(invoice, 33900, tax_minor=5883)

    await hear(service, CreditNoteIssued.of(who.workspace_id, data))

    assert (await receivable_of(service, invoice.id))["status"] == "settled"
    assert await balances(client) == {}


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_the_order_of_an_invoices_events_does_not_matter(
    client: httpx.AsyncClient, service: RunningService, who: Principal, in_one_batch: bool
) -> None:
    def history() -> list[Event]:
        invoice = an_invoice(contact_id=contact_id)
        later = invoice.model_copy(update={"version": 3, "due_date": date(2026, 8, 1)})
        lost = invoice.model_copy(update={"version": 4, "status": "uncollectible"})
        return [
            InvoiceIssued.of(who.workspace_id, invoice),
            CreditNoteIssued.of(who.workspace_id, a_credit_note(invoice, 3000)),
            InvoiceUpdated.of(who.workspace_id, later),
            InvoiceWrittenOff.of(who.workspace_id, lost),
        ]

    contact_id = await a_known_contact(service, who.workspace_id)
    seen = set()
    for order in itertools.permutations(range(4)):
        before = await balances(client)
        made = history()
        events = [made[index] for index in order]
        for batch in [events] if in_one_batch else [[event] for event in events]:
            await hear(service, *batch)
        after = await balances(client)
        stored = await receivable_of(service, made[0].subject)
        grown = tuple(sorted((name, minor - before.get(name, 0)) for name, minor in after.items()))
        # A credit note after the write-off takes back what was written off: the sums end up alike.
        seen.add((grown, stored["status"], stored["credited_minor"], stored["written_off_minor"]))

    assert seen == {
        (
            (("revenue", 25517), ("tax_payable", 5383), ("write_off", 30900)),
            "written_off",
            3000,
            30900,
        )
    }


async def test_money_on_a_written_off_invoice_takes_that_part_back(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> None:
    invoice = await issue(total_minor=1000, tax_minor=0)
    await paid(client, invoice_id=str(invoice.id), amount_minor=100)
    lost = invoice.model_copy(update={"version": 3, "status": "uncollectible"})
    event = InvoiceWrittenOff.of(who.workspace_id, lost)
    await hear(service, event)
    written_off = await balances(client)

    late = await paid(client, invoice_id=str(invoice.id), amount_minor=400)
    await hear(service, event)

    assert written_off == {"cash other": 100, "write_off": 900, "revenue": 1000}
    assert late["allocations"][0]["amount_due_minor"] == 500
    assert late["allocations"][0]["invoice_payment_status"] == "partially_paid"
    assert await balances(client) == {"cash other": 500, "write_off": 500, "revenue": 1000}
    refund = await client.post(f"/v1/payments/{late['id']}/refunds", json={"amount_minor": 50})
    assert refund.status_code == 201
    stored = await receivable_of(service, invoice.id)
    assert (stored["status"], stored["written_off_minor"]) == ("open", 500)
    settling = await paid(client, invoice_id=str(invoice.id), amount_minor=2000)
    assert settling["unallocated_minor"] == 2000 - 550
    assert (await receivable_of(service, invoice.id))["status"] == "settled"
    assert "write_off" not in await balances(client)


async def test_parts_are_written_off_and_taken_back_in_whatever_order_they_are_heard_of(
    client: httpx.AsyncClient, service: RunningService, who: Principal
) -> None:
    seen = set()
    for order in itertools.permutations(range(4)):
        invoice = an_invoice(total_minor=1000, tax_minor=0)
        decided = {"write_off_version": 0}
        made: list[Event] = [InvoiceIssued.of(who.workspace_id, invoice)]
        for kind, version, amount in (
            (InvoiceWrittenOff, 3, 50),
            (InvoiceWriteOffReversed, 4, 0),
            (InvoiceWrittenOff, 5, 70),
        ):
            decided = {"version": version, "write_off_version": version, "amount_written_off_minor": amount}
            made.append(kind.of(who.workspace_id, invoice.model_copy(update=decided)))
        for index in order:
            await hear(service, made[index])
        stored = await receivable_of(service, invoice.id)
        seen.add((stored["status"], stored["written_off_minor"], stored["write_off_version"]))
        # It was decided before: a payment left nothing else.
        rest = invoice.model_copy(update=decided | {"version": 9, "status": "uncollectible"})
        await paid(client, invoice_id=str(invoice.id), amount_minor=930)
        await hear(service, InvoiceWrittenOff.of(who.workspace_id, rest))
        assert (await receivable_of(service, invoice.id))["write_off_version"] == 5
        assert (await receivable_of(service, invoice.id))["status"] == "written_off"

    assert seen == {("open", 70, 5)}
    cash = 24 * 930
    assert await balances(client) == {"cash other": cash, "revenue": 24_000, "write_off": 24 * 70}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_a_void_invoice_leaves_nothing_in_whatever_order(
    client: httpx.AsyncClient, service: RunningService, who: Principal, order: tuple[int, ...]
) -> None:
    invoice = an_invoice()
    lost = invoice.model_copy(update={"version": 3, "status": "uncollectible"})
    void = invoice.model_copy(update={"version": 4, "status": "void"})
    events: list[Event] = [
        InvoiceIssued.of(who.workspace_id, invoice),
        InvoiceWrittenOff.of(who.workspace_id, lost),
        InvoiceVoided.of(who.workspace_id, void),
    ]

    for index in order:
        await hear(service, events[index])

    assert await balances(client) == {}
    assert (await receivable_of(service, invoice.id))["status"] == "closed"


async def test_receivables_are_listed_and_found(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> None:
    first = await issue(number="A-1", due_date=date(2026, 5, 1))
    second = await issue(number="A-2", due_date=date(2026, 6, 1), currency="USD")
    await paid(client, invoice_id=str(first.id), amount_minor=33900)

    async def listed(**query: Any) -> list[str]:
        reply = await client.get("/v1/receivables", params=query)
        assert reply.status_code == 200, reply.text
        return [one["number"] for one in reply.json()["data"]]

    assert await listed() == ["A-2", "A-1"]
    assert await listed(contact_id=str(first.contact_id)) == ["A-1"]
    assert await listed(status="settled") == ["A-1"]
    assert await listed(currency="USD") == ["A-2"]
    assert await listed(number="A-2") == ["A-2"]
    assert await listed(due_from="2026-05-02") == ["A-2"]
    assert await listed(due_to="2026-05-01") == ["A-1"]
    page = (await client.get("/v1/receivables", params={"limit": 1, "include": "total"})).json()
    assert page["meta"]["total"] == 2
    assert await listed(cursor=page["meta"]["next_cursor"]) == ["A-1"]
    one = (await client.get(f"/v1/receivables/{first.id}")).json()
    assert (one["amount_due_minor"], one["payment_status"], one["version"]) == (0, "paid", 2)
    assert (await client.get(f"/v1/receivables/{second.contact_id}")).status_code == 404

"""Many different things at once on the same invoices and payments: every identity holds after them."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx

from services.payment.disputes.domain.dispute import DisputeReport, DisputeState
from services.payment.disputes.operations import follow_dispute
from shared.events.credit_note import CreditNoteIssued
from shared.events.event import Event
from shared.events.invoice import InvoiceIssued, InvoiceVoided, InvoiceWrittenOff
from shared.http.internal_auth import Principal
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.integration.payment.conftest import a_known_contact, hear, paid, unproved
from tests.unit.payment.builders import a_credit_note, an_invoice

CLIENTS = 16
ROUNDS = 6
ANSWERS = {200, 201, 204, 409, 422, 503}


async def test_sixteen_callers_and_the_consumer_keep_every_identity(
    client: httpx.AsyncClient, service: RunningService, who: Principal
) -> None:
    contact_id = await a_known_contact(service, who.workspace_id)
    invoices = [an_invoice(contact_id=contact_id, total_minor=1000, number=f"N-{n}") for n in range(6)]
    await hear(service, *(InvoiceIssued.of(who.workspace_id, data) for data in invoices[:3]))
    payments = [(await paid(client, contact_id=str(contact_id), amount_minor=700))["id"] for _ in range(4)]
    events: list[Event] = [
        *(InvoiceIssued.of(who.workspace_id, data) for data in invoices[3:]),
        CreditNoteIssued.of(who.workspace_id, a_credit_note(invoices[0], 400, refund_minor=50)),
        CreditNoteIssued.of(who.workspace_id, a_credit_note(invoices[3], 500, out_of_band_minor=70)),
        InvoiceWrittenOff.of(
            who.workspace_id, invoices[1].model_copy(update={"version": 3, "status": "uncollectible"})
        ),
        InvoiceVoided.of(who.workspace_id, invoices[2].model_copy(update={"version": 3, "status": "void"})),
    ]
    answers: list[tuple[int, str]] = []

    async def caller(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(ROUNDS):
            reply = await _something(
                client, chance, str(contact_id), [str(one.id) for one in invoices], payments
            )
            answers.append((reply.status_code, reply.text))

    async def listen() -> None:
        for event in events:
            await _until_it_passes(lambda event=event: hear(service, event))
        for payment_id in payments[:2]:
            await _until_it_passes(lambda payment_id=payment_id: _dispute(service, who, UUID(payment_id)))

    await asyncio.gather(listen(), *(caller(seed) for seed in range(CLIENTS)))

    wrong = [text for status, text in answers if status not in ANSWERS]
    assert wrong == []
    assert sum(status < 300 for status, _ in answers) > CLIENTS
    # A lock that another holds out of order is the only thing that is put off.
    assert sum(status == 503 for status, _ in answers) < len(answers) / 4
    assert await unproved(service) == []


async def _something(
    client: httpx.AsyncClient,
    chance: random.Random,
    contact_id: str,
    invoices: list[str],
    payments: list[str],
) -> httpx.Response:
    invoice_id, payment_id = chance.choice(invoices[:3]), chance.choice(payments)
    amount = {"amount_minor": chance.randint(1, 300)}
    kind = chance.choice(["pay", "oldest", "allocate", "change", "reverse", "refund", "batch", "read"])
    if kind == "pay":
        return await client.post("/v1/payments", json={"invoice_id": invoice_id, **amount})
    if kind == "oldest":
        body = {"contact_id": contact_id, "allocate": "oldest_first", **amount}
        return await client.post("/v1/payments", json=body)
    if kind == "allocate":
        body = {"payment_id": payment_id, "invoice_id": invoice_id, **amount}
        return await client.post("/v1/allocations", json=body)
    if kind in ("change", "reverse"):
        return await _change(client, chance, kind, invoice_id, amount)
    if kind == "refund":
        return await client.post(f"/v1/payments/{payment_id}/refunds", json=amount)
    if kind == "batch":
        lines = [{"reference": f"N-{n}", **amount} for n in (2, 0, 1)]
        return await client.post("/v1/payments/batch", json={"payments": lines})
    return await client.get("/v1/ledger/accounts")


async def _change(
    client: httpx.AsyncClient, chance: random.Random, kind: str, invoice_id: str, amount: dict[str, int]
) -> httpx.Response:
    found = await client.get("/v1/allocations", params={"invoice_id": invoice_id, "limit": 20})
    if not found.json()["data"]:
        return found
    path = f"/v1/allocations/{chance.choice(found.json()['data'])['serial']}"
    return await (client.patch(path, json=amount) if kind == "change" else client.delete(path))


async def _dispute(service: RunningService, who: Principal, payment_id: UUID) -> None:
    async with begin(service.parts.worker) as unit:
        work = unit.within(who.workspace_id, Clock())
        for status in DisputeState:
            await follow_dispute(work, payment_id, DisputeReport("dp_1", status, 300))
            await follow_dispute(work, payment_id, DisputeReport("dp_2", DisputeState.OPEN, 900))


async def _until_it_passes(work: Callable[[], Awaitable[Any]]) -> None:
    # As the consumer does: what may pass is done again.
    for _ in range(50):
        try:
            await work()
        except Unavailable:
            await asyncio.sleep(0.05)
        else:
            return
    raise AssertionError("it never passed")

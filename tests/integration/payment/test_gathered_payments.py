"""Payments that are registered together: each is answered as if it had come alone."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from services.payment import main
from shared.events.invoice import InvoiceIssued
from shared.http.internal_auth import Principal
from shared.kernel import context
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.payment.conftest import (
    NOBODY,
    Issue,
    a_known_contact,
    hear,
    receivable_of,
    unproved,
)
from tests.unit.payment.builders import an_invoice

PATH = "/v1/payments"
JSON = {"content-type": "application/json"}
OF_ITS_OWN = ("id", "created_at", "updated_at", "request_id", "payment_id", "contact_id")


def requests(first: str, second: str, contact: str) -> dict[str, dict[str, Any]]:
    """Bodies by what they try; the invoices are of different contacts."""
    return {
        "an invoice": {"invoice_id": first, "amount_minor": 100},
        "in major units": {"invoice_id": first, "amount": "1.05", "method": "cash", "paid_on": "2026-04-11"},
        "a reference": {"invoice_id": first, "amount_minor": 1, "external_reference": "one"},
        "the reference again": {"invoice_id": first, "amount_minor": 1, "external_reference": "one"},
        "with another method": {"contact_id": contact, "amount_minor": 1, "external_reference": "one"},
        "more than is due": {"invoice_id": second, "amount_minor": 50_000},
        "into the credit": {"contact_id": contact, "amount_minor": 7},
        "the oldest first": {"contact_id": contact, "amount_minor": 7, "allocate": "oldest_first"},
        "an allocation": {"allocations": [{"invoice_id": first, "amount_minor": 3}]},
        "two of two contacts": {
            "allocations": [{"invoice_id": id_, "amount_minor": 3} for id_ in (first, second)]
        },
        "one twice": {"allocations": [{"invoice_id": first, "amount_minor": 3}] * 2},
        "allocations beyond": {"allocations": [{"invoice_id": first, "amount_minor": 3}], "amount_minor": 2},
        "another currency": {"invoice_id": first, "amount_minor": 3, "currency": "USD"},
        "no currency": {"contact_id": contact, "amount_minor": 3, "currency": "XXX"},
        "decimals": {"invoice_id": first, "amount": "1.001"},
        "no amount": {"invoice_id": first},
        "no target": {"amount_minor": 3},
        "an unheard invoice": {"invoice_id": "0190a000-0000-7000-8000-000000000000", "amount_minor": 3},
        "an unheard contact": {"contact_id": "0190a000-0000-7000-8000-000000000000", "amount_minor": 3},
        "a zero": {"invoice_id": first, "amount_minor": 0},
        "an unknown field": {"invoice_id": first, "amount_minor": 1, "extra": 1},
    }  # fmt: skip


async def test_both_ways_to_register_a_payment_answer_alike(start_service: Any, a_principal: Any) -> None:
    answered = []
    for gathers in ("true", "false"):
        service = await start_service(
            main.make, "payment", role="api", INVOICE_URL=NOBODY, GATHER_WRITES=gathers
        )
        principal = a_principal()
        invoices = [an_invoice(total_minor=10_000) for _ in range(2)]
        await hear(service, *(InvoiceIssued.of(principal.workspace_id, data) for data in invoices))
        contact = await a_known_contact(service, principal.workspace_id)
        named = [str(invoice.id) for invoice in invoices]
        async with service.client(principal) as client:
            bodies = requests(*named, str(contact))
            shown = [await _asked(client, body) for body in bodies.values()]
            twice = [await _keyed(client, named[0]) for _ in range(2)]
        assert twice[0].content == twice[1].content
        assert [reply.headers.get("idempotent-replayed") for reply in twice] == [None, "true"]
        text = json.dumps(shown)
        for place, id_ in enumerate([*named, str(contact)]):
            text = text.replace(id_, f"id {place}")
        answered.append(json.loads(text))
        assert await unproved(service) == []

    for name, gathered, alone in zip(bodies, *answered, strict=True):
        assert gathered == alone, name


async def _keyed(client: httpx.AsyncClient, invoice_id: str) -> httpx.Response:
    body = {"invoice_id": invoice_id, "amount_minor": 9}
    return await client.post(PATH, json=body, headers={"idempotency-key": "k"})


async def _asked(client: httpx.AsyncClient, body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
    reply = await client.post(PATH, content=json.dumps(body).encode(), headers=JSON)
    shown = {
        name: reply.headers[name] for name in ("content-type", "etag", "retry-after") if name in reply.headers
    }
    said = {name: value for name, value in reply.json().items() if name not in OF_ITS_OWN}
    for allocation in said.get("allocations", ()):
        del allocation["id"], allocation["serial"]
    return reply.status_code, shown, said


@contextlib.asynccontextmanager
async def busy(databases: Any, client: httpx.AsyncClient, invoice_id: UUID) -> AsyncIterator[None]:
    """A receivable is locked: one payment waits for it, and what comes meanwhile goes together after it."""
    admin = await asyncpg.connect(databases.admin_dsn)
    async with admin.transaction():
        await admin.execute("SELECT FROM payment.receivable WHERE invoice_id = $1 FOR UPDATE", invoice_id)
        body = {"invoice_id": str(invoice_id), "amount_minor": 1}
        first = asyncio.create_task(client.post(PATH, json=body))
        await asyncio.sleep(0.2)
        yield
        await asyncio.sleep(0.3)
    assert (await first).status_code == 201
    await admin.close()


async def test_one_at_fault_is_refused_alone_and_the_others_share_a_transaction(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue, databases: Any
) -> None:
    one, two = await issue(total_minor=10_000), await issue(total_minor=500)
    contact = await a_known_contact(service, who.workspace_id)
    bodies: list[dict[str, Any]] = [
        {"invoice_id": str(one.id), "amount_minor": 10},
        {"invoice_id": str(two.id), "amount_minor": 400, "external_reference": "r"},
        {"invoice_id": str(two.id), "amount_minor": 400, "external_reference": "r"},
        {"invoice_id": str(new_id()), "amount_minor": 1},
        {"invoice_id": str(one.id), "amount_minor": 1, "currency": "USD"},
        {"invoice_id": str(two.id), "amount_minor": 400},
        {"contact_id": str(contact), "amount_minor": 5},
        {"allocations": [{"invoice_id": str(one.id), "amount_minor": 20}]},
    ]
    traces = [context.child_traceparent(None) for _ in bodies]
    async with busy(databases, client, one.id):
        asked = [
            asyncio.create_task(
                client.post(
                    PATH, json=body, headers={"traceparent": trace, "x-request-id": f"request-{index}"}
                )
            )
            for index, (body, trace) in enumerate(zip(bodies, traces, strict=True))
        ]
    replies = await asyncio.gather(*asked)

    assert [reply.status_code for reply in replies] == [201, 201, 409, 503, 422, 201, 201, 201]
    assert replies[2].json()["payment_id"] == replies[1].json()["id"]
    assert replies[5].json()["unallocated_minor"] == 300
    made = {index: reply.json() for index, reply in enumerate(replies) if reply.status_code == 201}
    for index, id_, paid in ((0, one.id, 31), (5, two.id, 500)):
        assert (await receivable_of(service, id_))["paid_minor"] == paid, index
    found = (await client.get("/v1/credit-balances")).json()["data"]
    assert {balance["contact_id"]: (balance["amount_minor"], balance["version"]) for balance in found} == {
        str(two.contact_id): (300, 1),
        str(contact): (5, 1),
    }
    ids = [payment["id"] for payment in made.values()]
    admin = await asyncpg.connect(databases.admin_dsn)
    sharing = "SELECT count(DISTINCT xmin::text) FROM payment.payment WHERE id = ANY($1::uuid[])"
    assert await admin.fetchval(sharing, ids) == 1
    rows = await admin.fetch(
        "SELECT aggregateid::text AS id, type, headers->>'traceparent' AS trace FROM payment.outbox "
        "WHERE aggregateid = ANY($1::uuid[]) OR type = 'credit_balance.updated' ORDER BY position",
        ids,
    )
    assert [(row["id"], row["trace"][:35]) for row in rows[:-2]] == [
        (payment["id"], traces[index][:35]) for index, payment in made.items()
    ]
    assert {row["trace"][:35] for row in rows[-2:]} == {traces[5][:35], traces[6][:35]}
    audited = await admin.fetch(
        "SELECT resource_id::text AS id, request_id FROM payment.audit_entry "
        "WHERE resource_id = ANY($1::uuid[])",
        ids,
    )
    assert {(row["id"], row["request_id"]) for row in audited} == {
        (payment["id"], f"request-{index}") for index, payment in made.items()
    }
    await admin.close()


async def test_a_key_that_comes_twice_at_once_registers_one_payment(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, databases: Any
) -> None:
    invoice = await issue(total_minor=10_000)
    async with busy(databases, client, invoice.id):
        asked = [
            asyncio.create_task(
                client.post(
                    PATH,
                    json={"invoice_id": str(invoice.id), "amount_minor": amount},
                    headers={"idempotency-key": "k"},
                )
            )
            for amount in (10, 10, 11)
        ]
    first, again, other = await asyncio.gather(*asked)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.content == again.content
    assert other.json()["code"] == "idempotency_key_reused"
    assert (await receivable_of(service, invoice.id))["paid_minor"] == 11


async def test_a_reference_that_another_process_takes_meanwhile_is_refused_alone(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue, databases: Any
) -> None:
    invoice, other = await issue(total_minor=10_000), await issue(total_minor=10_000)
    async with busy(databases, client, invoice.id):
        asked = [
            asyncio.create_task(
                client.post(PATH, json={"invoice_id": str(other.id), "amount_minor": 1} | more)
            )
            for more in ({}, {"external_reference": "taken"}, {})
        ]
        admin = await asyncpg.connect(databases.admin_dsn)
        rival = admin.transaction()
        await rival.start()
        # In its transaction nobody else sees it yet: the batch finds it at its insert.
        await admin.execute(
            "INSERT INTO payment.payment (workspace_id, id, version, created_at, updated_at, contact_id, "
            "state, amount_minor, unallocated_minor, currency, method, external_reference, paid_on) VALUES "
            "($1, $2, 1, now(), now(), $3, 'pending', 1, 0, 'EUR', 'other', 'taken', now())",
            who.workspace_id,
            new_id(),
            invoice.contact_id,
        )
    await asyncio.sleep(0.3)
    await rival.commit()
    replies = await asyncio.gather(*asked)
    assert [reply.status_code for reply in replies] == [201, 409, 201]
    assert replies[1].json()["code"] == "duplicate_external_reference"
    assert (await receivable_of(service, other.id))["paid_minor"] == 2
    await admin.execute("DELETE FROM payment.payment WHERE state = 'pending'")
    await admin.close()

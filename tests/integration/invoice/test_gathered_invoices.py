"""Invoices that are created together: answered as if each had come alone, with numbers that have no gap."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx

from services.invoice import main
from shared.kernel import context
from shared.kernel.ids import new_id
from tests.integration.invoice.conftest import a_contact, a_line

PATH = "/v1/invoices"
JSON = {"content-type": "application/json"}
OPEN = {"status": "open", "lines": [a_line("Licence", 1, "89.00"), a_line("Hours", "2.5", "125.00")]}
NOBODY = "0190a000-0000-7000-8000-000000000000"
LINE_ID = "0190a000-0000-7000-8000-000000000001"
REQUESTS: dict[str, dict[str, Any]] = {
    "a draft": {"lines": [a_line("Licence", 1, "89.00")]},
    "issued": OPEN,
    "without a line": {"status": "open"},
    "more of it": OPEN | {"reference": "PO", "notes": "é", "metadata": {"a": "b"}, "due_date": "2099-01-02"},
    "an external_id": OPEN | {"external_id": "one"},
    "the external_id again": OPEN | {"external_id": "one"},
    "a number of its own": OPEN | {"number": "OWN-1"},
    "that number again": OPEN | {"number": "OWN-1"},
    "a number of the series": OPEN | {"number": "INV-2099-0001"},
    "an id for a line": OPEN | {"lines": [a_line("Licence", 1, "1.00", id=LINE_ID)]},
    "that id again": OPEN | {"lines": [a_line("x", 1, "1"), a_line("Licence", 1, "1.00", id=LINE_ID)]},
    "dates out of order": OPEN | {"issue_date": "2026-02-02", "due_date": "2026-01-01"},
    "no such product": OPEN | {"lines": [{"product_id": NOBODY}]},
    "no such contact": OPEN | {"contact_id": NOBODY},
    "no such payment method": OPEN | {"payment_method_id": None},
    "an unknown field": OPEN | {"extra": 1},
    "a price with too many digits": OPEN | {"lines": [a_line("Licence", 1, "1e400")]},
    "a currency": OPEN | {"currency": "USD"},
    "no currency": OPEN | {"currency": "XXX"},
    "a zero": OPEN | {"lines": [a_line("Free", 1, "0.00")]},
}  # fmt: skip
# Each invoice, and each request, has its own.
OF_ITS_OWN = (
    "id",
    "created_at",
    "updated_at",
    "issued_at",
    "paid_at",
    "contact_id",
    "request_id",
    "public_url",
)


async def test_both_ways_to_create_an_invoice_answer_alike(start_service: Any, a_principal: Any) -> None:
    answered = []
    for gathers in ("true", "false"):
        service = await start_service(main.make, "invoice", role="api", GATHER_WRITES=gathers)
        async with service.client(a_principal()) as client:
            who = (await a_contact(client))["id"]
            answered.append([await _asked(client, {"contact_id": who} | body) for body in REQUESTS.values()])
            keyed = [await _keyed(client, who) for _ in range(2)]
        assert keyed[0][1] == keyed[1][1]
        assert [headers.get("idempotent-replayed") for headers, _ in keyed] == [None, "true"]

    for name, gathered, alone in zip(REQUESTS, *answered, strict=True):
        assert gathered == alone, name


async def _keyed(client: httpx.AsyncClient, who: str) -> tuple[httpx.Headers, bytes]:
    reply = await client.post(PATH, json=OPEN | {"contact_id": who}, headers={"idempotency-key": "k"})
    assert reply.status_code == 201, reply.text
    return reply.headers, reply.content


async def _asked(client: httpx.AsyncClient, body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
    reply = await client.post(PATH, content=json.dumps(body).encode(), headers=JSON)
    shown = {name: value for name, value in reply.headers.items() if name in ("content-type", "etag")}
    said = {name: value for name, value in reply.json().items() if name not in OF_ITS_OWN}
    for party in ("contact", "lines"):
        for part in said[party] if party == "lines" and said.get(party) else [said.get(party) or {}]:
            part.pop("id", None)
    return reply.status_code, shown, said


@contextlib.asynccontextmanager
async def busy(admin: asyncpg.Connection, client: httpx.AsyncClient, who: str) -> AsyncIterator[None]:
    """Somebody else has the series locked: one request waits, and what comes meanwhile goes together."""
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute("LOCK TABLE invoice.number_counter IN ACCESS EXCLUSIVE MODE")
    first = asyncio.create_task(client.post(PATH, json=OPEN | {"contact_id": who}))
    await asyncio.sleep(0.2)
    try:
        yield
        await asyncio.sleep(0.3)
    finally:
        await transaction.rollback()
        assert (await first).status_code == 201


async def test_one_at_fault_fails_alone_and_leaves_no_gap(
    start_service: Any, a_principal: Any, databases: Any
) -> None:
    service, principal = await start_service(main.make, "invoice", role="api"), a_principal(actor="key:1")
    admin = await asyncpg.connect(databases.admin_dsn)
    bodies = [
        OPEN,
        OPEN | {"contact_id": NOBODY},
        OPEN | {"external_id": "x"},
        OPEN | {"external_id": "x"},
        {"status": "open"},
        OPEN | {"number": "OWN-1"},
        OPEN,
    ]
    traces = [context.child_traceparent(None) for _ in bodies]
    async with service.client(principal) as client:
        who = (await a_contact(client))["id"]
        async with busy(admin, client, who):
            asked = [
                asyncio.create_task(
                    client.post(
                        PATH,
                        json={"contact_id": who} | body,
                        headers={"traceparent": trace, "x-request-id": f"request-{index}"},
                    )
                )
                for index, (body, trace) in enumerate(zip(bodies, traces, strict=True))
            ]
        replies = await asyncio.gather(*asked)
        assert [reply.status_code for reply in replies] == [201, 422, 201, 409, 422, 201, 201]
        made = {index: reply.json() for index, reply in enumerate(replies) if reply.status_code == 201}
        numbers = sorted(one["number"] for one in made.values() if one["number"] != "OWN-1")
        assert [int(number[-4:]) for number in numbers] == [2, 3, 4]
        timeline = (await client.get(f"{PATH}/{made[2]['id']}/events")).json()["data"]
    assert {entry["actor"] for entry in timeline} == {"key:1"}
    ids = [one["id"] for one in made.values()]
    audited = await admin.fetch(
        "SELECT resource_id::text, request_id, actor FROM invoice.audit_entry "
        "WHERE resource_id = ANY($1::uuid[])",
        ids,
    )
    assert {(row["resource_id"], row["request_id"], row["actor"]) for row in audited} == {
        (one["id"], f"request-{index}", "key:1") for index, one in made.items()
    }
    logged = await admin.fetch(
        "SELECT DISTINCT resource_id::text, request_id, actor FROM invoice.change_log "
        "WHERE resource_id = ANY($1::uuid[])",
        ids,
    )
    assert sorted(map(tuple, logged)) == sorted(map(tuple, audited))
    # All that could be made were made by one transaction, and told in their callers' traces.
    shared = "SELECT count(DISTINCT xmin::text) FROM invoice.invoice WHERE id = ANY($1::uuid[])"
    assert await admin.fetchval(shared, ids) == 1
    told = await admin.fetch(
        "SELECT aggregateid::text AS id, headers->>'traceparent' AS trace FROM invoice.outbox "
        "WHERE aggregateid = ANY($1::uuid[])",
        ids,
    )
    assert {(row["id"], row["trace"][:35]) for row in told} == {
        (one["id"], traces[index][:35]) for index, one in made.items()
    }
    await admin.close()


async def test_a_key_that_comes_twice_at_once_makes_one_invoice(
    start_service: Any, a_principal: Any, databases: Any
) -> None:
    service = await start_service(main.make, "invoice", role="api")
    admin = await asyncpg.connect(databases.admin_dsn)
    async with service.client(a_principal()) as client:
        who = (await a_contact(client))["id"]
        async with busy(admin, client, who):
            asked = [
                asyncio.create_task(
                    client.post(
                        PATH,
                        json=OPEN | {"contact_id": who, "reference": reference},
                        headers={"idempotency-key": "k"},
                    )
                )
                for reference in "aab"
            ]
        first, again, other = await asyncio.gather(*asked)
        numbers = [one["number"][-4:] for one in (await client.get(PATH)).json()["data"]]
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.content == again.content
    assert other.json()["code"] == "idempotency_key_reused"
    assert sorted(numbers) == ["0001", "0002"]
    await admin.close()


async def test_numbers_have_no_gap_among_eight_clients_with_failures_in_between(
    start_service: Any, a_principal: Any
) -> None:
    principal = a_principal()
    services = [await start_service(main.make, "invoice", role="api") for _ in range(2)]
    async with services[0].client(principal) as one, services[1].client(principal) as two:
        who = (await a_contact(one))["id"]

        async def ask(client: httpx.AsyncClient, turn: int) -> list[int]:
            statuses = []
            for step in range(6):
                body = OPEN | {"contact_id": who if (turn + step) % 3 else str(new_id())}
                body |= {"external_id": f"x{step}"} if turn % 4 == 0 else {}
                statuses.append((await client.post(PATH, json=body)).status_code)
            return statuses

        asked = [ask((one, two)[turn % 2], turn) for turn in range(8)]
        statuses = [status for turn in await asyncio.gather(*asked) for status in turn]
        found = (await one.get(PATH, params={"limit": 100})).json()["data"]
    assert set(statuses) <= {201, 422, 409}
    assert statuses.count(422) >= 8
    numbers = sorted(int(invoice["number"][-4:]) for invoice in found)
    assert numbers == list(range(1, statuses.count(201) + 1))

"""The proof finds what is wrong: each identity is broken by hand once and must be named."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from services.payment import main
from services.payment.disputes.domain.dispute import DisputeReport, DisputeState
from services.payment.disputes.operations import follow_dispute
from services.payment.ledger.operations import prove, report
from services.payment.ledger.repository.identities import IDENTITIES
from shared.events.credit_note import CreditNoteIssued
from shared.events.invoice import InvoiceWrittenOff
from shared.events.subscription import SubscriptionCreditReleased
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.conftest import Databases
from tests.integration.payment.conftest import Issue, a_known_contact, hear, paid
from tests.unit.payment.builders import a_credit_note, a_release

_COLLECTED = """INSERT INTO payment (workspace_id, id, version, created_at, updated_at, contact_id, state,
    amount_minor, unallocated_minor, currency, method, paid_on, invoice_id, provider, provider_reference)
    SELECT workspace_id, gen_random_uuid(), 1, now(), now(), contact_id, 'failed', 5, 0, 'EUR', 'card', now(),
        invoice_id, 'sandbox', 'pi_1' FROM receivable LIMIT 1;"""
PLANTED = {
    "debits = credits": "UPDATE ledger_entry SET currency = 'USD'",
    "an account is what its id says": "UPDATE ledger_account SET method = 'gold' WHERE type = 'cash'",
    "allocations + unallocated + refunds + disputes = payment": "UPDATE payment SET disputed_minor = 1",
    "disputed = disputes that were not won": "UPDATE payment SET disputes = '[]' WHERE disputed_minor > 0",
    "ledger overdrawn = overdrawn payments": "UPDATE payment SET overdrawn_minor = 0",
    "refunded = refunds that did not fail": "UPDATE refund SET state = 'failed'",
    "paid = allocations": "UPDATE receivable SET paid_minor = paid_minor + 1 WHERE status = 'open'",
    "allocations + credits + write-off ≤ total": "UPDATE allocation SET live_minor = 10000000",
    "credited = credit notes": "UPDATE credit_note SET total_minor = total_minor + 1",
    "an allocation is between one contact's payment and invoice": (
        "UPDATE payment SET contact_id = gen_random_uuid()"
    ),
    "credit balance = unallocated": "UPDATE credit_balance SET amount_minor = amount_minor + 1",
    "ledger credit balance = unallocated": "UPDATE payment SET unallocated_minor = unallocated_minor + 1",
    "ledger accounts receivable = due": "DELETE FROM ledger_entry WHERE source_type = 'invoice'",
    "ledger refunds payable = pending refunds": "UPDATE refund SET state = 'pending'",
    "ledger cash = payments − refunds − disputes − bank lines": (
        "DELETE FROM ledger_entry WHERE source_type = 'payment'"
    ),
    "ledger bank = lines": "DELETE FROM ledger_entry WHERE source_type = 'bank_line'",
    "ledger suspense = lines that nothing was decided of": (
        "DELETE FROM ledger_entry WHERE source_type = 'bank_match'"
    ),
    "ledger bank charges and unrelated = lines ignored as such": (
        "UPDATE bank_line SET ignored_as = 'unrelated' WHERE ignored_as IS NOT NULL"
    ),
    "a matched line is one payment of its amount": (
        "UPDATE bank_line SET amount_minor = amount_minor + 1 WHERE payment_id IS NOT NULL"
    ),
    "ledger write-off = written off": "DELETE FROM ledger_entry WHERE source_type = 'write_off'",
    "ledger revenue and tax = invoices − credit notes − released credit": (
        "UPDATE receivable SET tax_minor = 0"
    ),
    "released credit = the payment that holds it": "DELETE FROM released_credit",
    "a collected payment has one collection": _COLLECTED,
    "a provider's charge is one payment": _COLLECTED * 2,
}


@pytest.fixture
async def money(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> list[str]:
    """Something of everything: credit, allocation, credit note, write-off, refund, released credit."""
    contact_id = await a_known_contact(service, who.workspace_id)
    open_, lost = await issue(contact_id=contact_id), await issue(contact_id=contact_id)
    payment = await paid(client, invoice_id=str(open_.id), amount_minor=500, method="bank")
    await paid(client, contact_id=str(contact_id), amount_minor=40)
    gone = await paid(client, contact_id=str(contact_id), amount_minor=60)
    for one in (payment, gone):
        await client.post(f"/v1/payments/{one['id']}/refunds", json={"amount_minor": 50})
    async with begin(service.parts.worker) as unit:
        told = DisputeReport("dp_1", DisputeState.OPEN, 60)
        await follow_dispute(unit.within(who.workspace_id, who.clock), UUID(gone["id"]), told)
    await hear(
        service,
        CreditNoteIssued.of(who.workspace_id, a_credit_note(open_, 3000)),
        InvoiceWrittenOff.of(who.workspace_id, lost.model_copy(update={"status": "uncollectible"})),
        SubscriptionCreditReleased.of(who.workspace_id, a_release(contact_id, 121, 21)),
    )
    await _told_by_bank(client, contact_id)
    return [payment["id"], str(open_.id), str(contact_id)]


async def _told_by_bank(client: httpx.AsyncClient, contact_id: UUID) -> None:
    """Three lines of a bank's file: one is a payment, one a charge, of the third nothing is known."""
    await client.post("/v1/bank-accounts", json={"name": "Current", "iban": "NL69INGB0123456789"})
    movements = "".join(f":61:2604110411{mark},NTRFNONREF\n:86:{mark}\n" for mark in ("C70", "D3", "C9"))
    file = f":20:X\n:25:NL69INGB0123456789\n:28C:1\n:60F:C260410EUR0,\n{movements}:62F:C260411EUR76,\n"
    assert (await client.post("/v1/bank-imports", content=file)).status_code == 202
    lines = (await client.get("/v1/bank-lines")).json()["data"]
    paid_in, charge = (
        next(line["id"] for line in lines if line["amount_minor"] == minor) for minor in (7_000, -300)
    )
    matched = await client.post(f"/v1/bank-lines/{paid_in}/match", json={"contact_id": str(contact_id)})
    said = {"ignored_as": "bank_charges", "reason": "Charges"}
    ignored = await client.post(f"/v1/bank-lines/{charge}/ignore", json=said)
    assert (matched.status_code, ignored.status_code) == (200, 200)


@pytest.fixture
async def admin(databases: Databases) -> AsyncIterator[Any]:
    """The administrator, whom neither triggers nor constraints stop, in a transaction that is undone."""
    connection = await asyncpg.connect(databases.admin_dsn, server_settings={"search_path": "payment"})
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("SET LOCAL session_replication_role = replica")
    for table in ("receivable", "allocation", "payment", "credit_balance"):
        for row in await connection.fetch(
            "SELECT conname FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'c'", table
        ):
            await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {row['conname']}")
    yield connection
    await transaction.rollback()
    await connection.close()


@pytest.mark.usefixtures("money")
async def test_every_identity_is_proved_of_something(admin: Any) -> None:
    findings = await prove(admin)

    assert [found.name for found in findings] == list(IDENTITIES)
    assert [found.name for found in findings if found.fault_count] == []
    without = {found.name for found in findings if not found.checked_count}
    assert without == {"a collected payment has one collection", "a provider's charge is one payment"}


@pytest.mark.parametrize("name", list(IDENTITIES))
async def test_a_planted_fault_is_named(money: list[str], admin: Any, name: str, who: Principal) -> None:
    await admin.execute(PLANTED[name])

    findings = await prove(admin, who.workspace_id)
    elsewhere = await prove(admin, new_id())

    [found] = [one for one in findings if one.name == name]
    assert found.fault_count >= 1
    assert f"FAULT {name}: {found.checked_count} checked, {found.fault_count} wrong" in report(findings)
    assert all(fault in report(findings) for fault in found.faults)
    assert not any(one.fault_count for one in elsewhere)


@pytest.mark.usefixtures("money")
async def test_the_command_tells_by_its_exit_code(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], who: Principal
) -> None:
    monkeypatch.setenv("POSTGRES_WORKER_DSN", databases.worker_dsn("payment"))
    connection = await asyncpg.connect(databases.worker_dsn("payment"))

    right = await asyncio.to_thread(main.prove, [])
    await connection.execute("UPDATE credit_balance SET amount_minor = amount_minor + 1")
    wrong = await asyncio.to_thread(main.prove, [str(who.workspace_id)])
    elsewhere = await asyncio.to_thread(main.prove, [str(new_id())])
    await connection.execute("UPDATE credit_balance SET amount_minor = amount_minor - 1")
    await connection.close()

    assert (right, wrong, elsewhere) == (0, 1, 0)
    assert "FAULT credit balance = unallocated: 1 checked, 1 wrong" in capsys.readouterr().out


async def test_a_workspace_has_its_own_money_proved_once_a_minute(
    service: RunningService, money: list[str], databases: Databases, who: Principal, a_principal: Any
) -> None:
    path, open_invoice = "/v1/ledger/proofs", money[1]
    reader = a_principal(who.workspace_id, scopes=frozenset({"payments:read"}))
    hearer = a_principal(who.workspace_id, scopes=frozenset({"webhooks:read"}))
    connection = await asyncpg.connect(
        databases.admin_dsn, server_settings={"search_path": "payment", "session_replication_role": "replica"}
    )

    async def next_minute() -> None:
        await connection.execute("UPDATE ledger_proof SET proved_at = proved_at - interval '61 seconds'")

    async with service.client(reader) as client, service.client(a_principal()) as other:
        keyed = {"idempotency-key": "a proof"}
        right = await client.post(path, headers=keyed)
        again = await client.post(path, headers=keyed)
        at_once = await client.post(path)
        await connection.execute(
            "UPDATE receivable SET credited_minor = credited_minor + 1 WHERE invoice_id = $1",
            UUID(open_invoice),
        )
        elsewhere = await other.post(path)
        await next_minute()
        wrong, meanwhile = await asyncio.gather(client.post(path), client.post(path))
        await connection.execute(
            "UPDATE receivable SET credited_minor = credited_minor - 1 WHERE invoice_id = $1",
            UUID(open_invoice),
        )
    async with service.client(hearer) as client:
        refused = await client.post(path)
    await connection.close()

    assert (right.status_code, right.json()["holds"]) == (200, True), right.text
    assert [one["name"] for one in right.json()["identities"]] == list(IDENTITIES)
    assert sum(one["checked_count"] for one in right.json()["identities"]) > 20
    assert again.json() == right.json()
    assert (at_once.status_code, at_once.json()["code"]) == (429, "proved_just_now")
    assert 1 <= int(at_once.headers["retry-after"]) <= 60
    assert (elsewhere.json()["holds"], refused.status_code) == (True, 403)
    wrong, meanwhile = sorted((wrong, meanwhile), key=lambda reply: reply.status_code)
    assert (wrong.status_code, meanwhile.status_code, wrong.json()["holds"]) == (200, 429, False)
    faults = {one["name"]: one["faults"] for one in wrong.json()["identities"] if not one["holds"]}
    assert faults["credited = credit notes"] == [open_invoice]
    assert "ledger accounts receivable = due" in faults

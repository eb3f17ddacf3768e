"""Who touched money: each change by a key leaves who, when, what, before and after; secrets never."""

import asyncio
import os
import sys
from typing import Any

import asyncpg
import httpx
import pytest

from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.postgres import audit
from shared.testing.service import RunningService
from tests.conftest import Databases
from tests.integration.payment.conftest import Issue

Json = dict[str, Any]


@pytest.fixture(scope="session")
def schemas() -> list[str]:
    return ["payment", "gateway"]


async def entries(client: httpx.AsyncClient, **filters: str) -> list[Json]:
    answer = await client.get("/internal/audit-log", params=filters)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()
    return found


async def pay(client: httpx.AsyncClient, **fields: Any) -> Json:
    answer = await client.post(
        "/v1/payments", json={"method": "bank_transfer", "paid_on": "2026-04-11", **fields}
    )
    assert answer.status_code == 201, answer.text
    payment: Json = answer.json()
    return payment


async def test_registering_allocating_and_voiding_say_who_and_what(
    client: httpx.AsyncClient, who: Principal, issue: Issue
) -> None:
    first = await issue(total_minor=10_000)
    second = await issue(total_minor=5_000, contact_id=first.contact_id)
    allocations = [{"invoice_id": str(first.id), "amount_minor": 10_000}]
    payment = await pay(client, amount_minor=12_000, allocations=allocations)
    target = {"payment_id": payment["id"], "invoice_id": str(second.id), "amount_minor": 1_500}
    allocated = await client.post("/v1/allocations", json=target)
    assert allocated.status_code == 201, allocated.text
    voided = await client.post(f"/v1/payments/{payment['id']}/void", json={"reason": "Typed twice"})
    assert voided.status_code == 200, voided.text

    found = await entries(client, resource_id=payment["id"])

    assert found[0]["types"] == ["payment.voided"]
    assert found[-1]["types"] == ["payment.created"]
    assert {one["actor"] for one in found} == {who.actor}
    assert found[-1]["before"] is None
    assert found[-1]["after"]["amount_minor"] == 12_000
    assert found[0]["before"]["state"] == "succeeded"
    assert found[0]["after"]["void_reason"] == "Typed twice"
    assert found[0]["sequence"] == voided.json()["version"]
    assert found[0]["request_id"]
    assert all(one["resource"] == "payment" for one in await entries(client, action="payment.created"))
    allocated_entries = await entries(client, resource="allocation")
    assert sorted(one["types"][0] for one in allocated_entries) == [
        "allocation.created",
        "allocation.reversed",
        "allocation.reversed",
    ]


async def test_a_connections_secrets_are_in_no_entry(client: httpx.AsyncClient) -> None:
    fields = {
        "provider": "stripe",
        "mode": "test",
        "secret_key": "sk_test_canary0123456789",
        "webhook_secret": "whsec_canary0123456789",
        "publishable_key": "pk_test_canary0123456789",
    }
    made = await client.post("/v1/provider-connections", json=fields)
    assert made.status_code == 201, made.text
    await client.patch(
        f"/v1/provider-connections/{made.json()['id']}", json={"webhook_secret": "whsec_other0123456789"}
    )

    found = await entries(client, resource="provider_connection")

    assert [one["types"] for one in found] == [
        ["provider_connection.updated"],
        ["provider_connection.created"],
    ]
    assert found[0]["after"]["webhook_secret_encrypted"] == "(hidden)"
    assert "canary" not in str(found)
    assert "other" not in str(found)


async def test_what_nobody_asked_for_leaves_no_entry(
    client: httpx.AsyncClient, issue: Issue, databases: Databases
) -> None:
    await issue(total_minor=10_000)

    assert await entries(client) == []


async def test_a_person_of_an_issuer_is_named_whatever_the_issuer_calls_him(
    service: RunningService, a_principal: Any
) -> None:
    person = a_principal(actor="user:o'brien\\'; DROP TABLE payment; --é")
    async with service.client(person) as client:
        contact = new_id()
        answer = await client.post(
            "/v1/provider-connections",
            json={
                "provider": "stripe",
                "mode": "test",
                "secret_key": "sk_test_0123456789",
                "description": "x",
            },
        )
        assert answer.status_code == 201, (contact, answer.text)

        assert [one["actor"] for one in await entries(client)] == [person.actor]


async def test_nobody_changes_what_was_written_unnoticed(
    client: httpx.AsyncClient, service: RunningService, who: Principal, databases: Databases, issue: Issue
) -> None:
    invoice = await issue(total_minor=10_000)
    for amount_minor in (100, 200, 300):
        await pay(
            client,
            amount_minor=amount_minor,
            allocations=[{"invoice_id": str(invoice.id), "amount_minor": amount_minor}],
        )
    worker = service.parts.worker
    assert not await audit.seal(worker)
    proofs = await proved(service, who)
    assert [(one.entry_count, one.faults) for one in proofs] == [(3, [])]

    admin = await asyncpg.connect(databases.admin_dsn)
    await admin.execute("SET search_path = payment")
    for statement in (
        "UPDATE audit_entry SET actor = 'nobody'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ):
        with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
            await admin.execute(statement)
    for refused in ("UPDATE audit_entry SET actor = 'nobody'", "DELETE FROM audit_entry"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with worker.transaction() as tx:
                await tx.execute(refused)

    await admin.execute("SET session_replication_role = replica")
    second = "position = (SELECT position FROM audit_entry WHERE chain_number = 2)"
    await admin.execute(f"UPDATE audit_entry SET after = after || '{{\"amount_minor\": 1}}' WHERE {second}")
    assert "entry 2" in (await proved(service, who))[0].faults[0]
    await admin.execute(f"DELETE FROM audit_entry WHERE {second}")
    assert (await proved(service, who))[0].faults == ["entries 2 to 2 are gone"]
    await admin.execute("DELETE FROM audit_entry WHERE chain_number = 3")
    assert (await proved(service, who))[0].faults == ["the chain ends at 1, not at 3 as it did"]
    await admin.execute("DELETE FROM audit_entry")
    assert (await proved(service, who))[0].faults == ["the chain ends at 0, not at 3 as it did"]
    await admin.close()


async def test_the_command_proves_the_chains_of_every_service_that_it_can_reach(
    client: httpx.AsyncClient, service: RunningService, databases: Databases, issue: Issue
) -> None:
    invoice = await issue(total_minor=10_000)
    await pay(client, amount_minor=100, invoice_id=str(invoice.id))
    await audit.seal(service.parts.worker)
    environment = {
        **os.environ,
        "POSTGRES_WORKER_DSN": databases.worker_dsn("payment"),
        "POSTGRES_WORKER_DSN_GATEWAY": databases.worker_dsn("gateway"),
    }

    async def prove() -> tuple[int | None, str]:
        command = (sys.executable, "-m", "shared.runtime.command", "prove")
        running = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await running.communicate()
        return running.returncode, out.decode()

    status, sound = await prove()
    admin = await asyncpg.connect(databases.admin_dsn)
    await admin.execute("SET session_replication_role = replica; UPDATE payment.audit_entry SET actor = 'me'")
    await admin.close()
    broken_status, broken = await prove()

    assert (status, broken_status) == (0, 1)
    assert "ok    audit log of payment: 1 entries in 1 chains, 0 broken" in sound
    assert "ok    audit log of gateway" in sound
    assert "FAULT audit log of payment" in broken
    assert "entry 1" in broken


async def proved(service: RunningService, who: Principal) -> list[audit.Proof]:
    async with service.parts.worker.transaction() as tx:
        return [one async for one in audit.prove(tx, who.workspace_id)]


async def test_each_line_of_a_statement_leaves_its_own_entry(client: httpx.AsyncClient, issue: Issue) -> None:
    invoice = await issue(total_minor=10**9)
    lines = [{"invoice_id": str(invoice.id), "amount_minor": index} for index in range(1, 601)]

    answer = await client.post(
        "/v1/payments/batch", json={"payments": lines}, headers={"x-request-id": "the-file"}
    )

    made = {line["payment"]["id"]: line["payment"] for line in answer.json()["data"]}
    assert len(made) == 600
    found: list[Json] = []
    while len(
        page := await entries(client, limit="250", **({"before": found[-1]["position"]} if found else {}))
    ):
        found += page
    assert {entry["resource_id"] for entry in found} == set(made)
    assert len({entry["position"] for entry in found}) == len(found) == 600
    for entry in found:
        payment = made[entry["resource_id"]]
        assert (entry["types"], entry["request_id"]) == (["payment.created"], "the-file")
        assert (entry["sequence"], entry["before"]) == (1, None)
        assert entry["after"]["amount_minor"] == payment["amount_minor"]
        assert "note" not in entry["after"]

"""One workspace never sees or touches what belongs to another."""

import asyncpg
import httpx
import pytest

from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.conftest import Databases
from tests.integration.payment.conftest import Issue, counted, paid


async def test_another_workspaces_rows_are_not_found(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, a_principal: type[Principal]
) -> None:
    invoice = await issue()
    payment = await paid(client, invoice_id=str(invoice.id), amount_minor=40000)
    [allocation] = payment["allocations"]

    async with service.client(a_principal()) as stranger:  # type: ignore[call-arg]
        hidden = [
            await stranger.get(path)
            for path in (
                f"/v1/payments/{payment['id']}",
                f"/v1/allocations/{allocation['id']}",
                f"/v1/allocations/{allocation['serial']}",
            )
        ]
        empty = [
            await stranger.get(path) for path in ("/v1/payments", "/v1/allocations", "/v1/credit-balances")
        ]
        paying = await stranger.post("/v1/payments", json={"invoice_id": str(invoice.id), "amount_minor": 1})

    assert {reply.status_code for reply in hidden} == {404}
    assert [reply.json()["data"] for reply in empty] == [[], [], []]
    assert paying.status_code == 503, "unknown here, and its owner cannot be asked"
    assert await counted(service, "payment") == 1


async def test_a_reference_of_one_workspace_is_free_in_another(
    service: RunningService, issue: Issue, client: httpx.AsyncClient, a_principal: type[Principal]
) -> None:
    from tests.integration.payment.conftest import a_known_contact

    await paid(client, invoice_id=str((await issue()).id), amount_minor=1, external_reference="R-1")
    stranger = a_principal()  # type: ignore[call-arg]
    contact_id = await a_known_contact(service, stranger.workspace_id)

    async with service.client(stranger) as other:
        payment = await paid(other, contact_id=str(contact_id), amount_minor=1, external_reference="R-1")

    assert payment["external_reference"] == "R-1"


@pytest.mark.usefixtures("service")
async def test_the_database_itself_hides_other_workspaces(
    client: httpx.AsyncClient, issue: Issue, databases: Databases
) -> None:
    await paid(client, invoice_id=str((await issue()).id), amount_minor=40000)
    connection = await asyncpg.connect(databases.api_dsn("payment"))

    try:
        for table in ("receivable", "payment", "allocation", "credit_balance", "idempotency_key"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
        await connection.execute("SELECT set_config('app.workspace_id', $1, false)", str(new_id()))
        assert await connection.execute("UPDATE receivable SET paid_minor = 0") == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("INSERT INTO contact VALUES ($1, $1)", new_id())
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT * FROM outbox")
    finally:
        await connection.close()


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE receivable SET paid_minor = total_minor + 1", "receivable_never_overpaid"),
        ("UPDATE receivable SET paid_minor = -1", "receivable_amounts_not_negative"),
        ("UPDATE receivable SET status = 'settled'", "receivable_settled_means_nothing_due"),
        ("UPDATE receivable SET status = 'closed'", "receivable_closed_holds_no_money"),
        ("UPDATE payment SET unallocated_minor = amount_minor + 1", "payment_never_overallocated"),
        ("UPDATE payment SET amount_minor = 0, unallocated_minor = 0", "payment_amount_positive"),
        ("UPDATE allocation SET live_minor = amount_minor + 1", "allocation_live_within_amount"),
        ("UPDATE allocation SET receivable_paid_minor = 0", "allocation_within_receivable"),
        ("DELETE FROM payment", "allocation_of_payment"),
        ("DELETE FROM receivable", "allocation_to_receivable"),
    ],
)
async def test_the_database_itself_keeps_the_sums_right(
    client: httpx.AsyncClient, issue: Issue, databases: Databases, statement: str, rule: str
) -> None:
    await paid(client, invoice_id=str((await issue()).id), amount_minor=100)
    connection = await asyncpg.connect(databases.worker_dsn("payment"))

    try:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError) as caught:
            await connection.execute(statement)
    finally:
        await connection.close()

    assert caught.value.constraint_name == rule

"""The ledger: each fact of money books itself, and nothing that is booked changes."""

from typing import Any

import asyncpg
import httpx
import pytest

from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.conftest import Databases
from tests.integration.payment.conftest import Issue, Json, a_known_contact, balances, paid


async def entries(client: httpx.AsyncClient, **filters: Any) -> list[Json]:
    reply = await client.get("/v1/ledger/entries", params=filters)
    assert reply.status_code == 200, reply.text
    found: list[Json] = reply.json()["data"]
    return found


async def test_an_issued_invoice_books_revenue_and_tax(client: httpx.AsyncClient, issue: Issue) -> None:
    await issue()

    assert await balances(client) == {"accounts_receivable": 33900, "revenue": 28017, "tax_payable": 5883}


async def test_an_invoice_whose_lines_take_tax_back_books_it_the_other_way(
    client: httpx.AsyncClient, issue: Issue
) -> None:
    await issue(total_minor=100, tax_minor=-20)

    assert await balances(client) == {"accounts_receivable": 100, "revenue": 120, "tax_payable": -20}


async def test_a_payment_books_what_the_invoice_takes_and_what_is_left(
    client: httpx.AsyncClient, issue: Issue
) -> None:
    invoice = await issue()

    payment = await paid(client, invoice_id=str(invoice.id), amount_minor=40000, method="bank")

    assert await balances(client) == {
        "cash bank": 40000,
        "credit_balance": 6100,
        "revenue": 28017,
        "tax_payable": 5883,
    }
    booked = await entries(client, source_id=payment["id"])
    assert sorted(entry["amount_minor"] for entry in booked) == [6100, 33900]
    assert {entry["source_type"] for entry in booked} == {"payment"}


async def test_accounts_and_entries_are_found_by_every_filter(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, who: Any
) -> None:
    mine, other = await issue(), await issue(currency="USD")
    await paid(client, invoice_id=str(mine.id), amount_minor=100, paid_on="2026-04-20", method="cash")
    await paid(client, contact_id=str(await a_known_contact(service, who.workspace_id)), amount_minor=7)
    contact = str(mine.contact_id)

    [receivable] = (
        await client.get("/v1/ledger/accounts", params={"contact_id": contact, "include": "total"})
    ).json()["data"]

    assert (receivable["type"], receivable["balance_minor"]) == ("accounts_receivable", 33800)
    assert (receivable["debits_minor"], receivable["credits_minor"]) == (33900, 100)
    assert (await client.get(f"/v1/ledger/accounts/{receivable['id']}")).json() == receivable
    assert (await client.get(f"/v1/ledger/accounts/{new_id()}")).status_code == 404
    assert await balances(client, type="cash") == {"cash cash": 100, "cash other": 7}
    assert set(await balances(client, currency="USD")) == {"accounts_receivable", "revenue", "tax_payable"}
    assert len(await entries(client)) == 6
    assert len(await entries(client, account_id=receivable["id"])) == 3
    assert len(await entries(client, contact_id=contact)) == 3
    assert len(await entries(client, source_type="invoice")) == 4
    assert len(await entries(client, source_id=str(other.id), currency="USD")) == 2
    assert len(await entries(client, booked_from="2026-04-20", booked_to="2026-04-20")) == 1
    first = (await client.get("/v1/ledger/entries", params={"limit": 4, "include": "total"})).json()
    rest = await entries(client, cursor=first["meta"]["next_cursor"])
    assert (first["meta"]["total"], len(rest)) == (6, 2)


async def test_another_workspace_sees_nothing_of_it(
    service: RunningService, issue: Issue, a_principal: Any
) -> None:
    await issue()

    async with service.client(a_principal()) as stranger:
        assert await balances(stranger) == {}
        assert await entries(stranger) == []


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("role", ["api", "worker", "admin"])
@pytest.mark.parametrize("table", ["ledger_entry", "ledger_account"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET currency = 'USD'", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
async def test_what_is_booked_cannot_be_changed(
    issue: Issue, databases: Databases, role: str, table: str, statement: str
) -> None:
    await issue()
    dsn = databases.admin_dsn if role == "admin" else getattr(databases, f"{role}_dsn")("payment")
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "payment"})

    refused = asyncpg.RestrictViolationError if role == "admin" else asyncpg.InsufficientPrivilegeError
    try:
        with pytest.raises(refused):
            await connection.execute(statement.format(table))
    finally:
        await connection.close()


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("amount_minor = 0", "ledger_entry_amount_positive"),
        ("credit_account_id = debit_account_id", "ledger_entry_accounts_differ"),
        ("currency = 'USD'", "ledger_entry_debit"),
        ("credit_account_id = gen_random_uuid()", "ledger_entry_credit"),
        ("workspace_id = gen_random_uuid()", "ledger_entry_debit"),
    ],
)
async def test_an_entry_that_does_not_balance_cannot_be_booked(
    issue: Issue, databases: Databases, change: str, rule: str
) -> None:
    await issue()
    column, _, value = change.partition(" = ")
    connection = await asyncpg.connect(databases.worker_dsn("payment"))
    names = """workspace_id id currency debit_account_id credit_account_id amount_minor source_type source_id
        booked_on created_at""".split()
    values = [value if name == column else "gen_random_uuid()" if name == "id" else name for name in names]

    try:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError) as caught:
            await connection.execute(
                f"INSERT INTO ledger_entry ({', '.join(names)})"
                f" SELECT {', '.join(values)} FROM ledger_entry LIMIT 1"
            )
    finally:
        await connection.close()

    assert caught.value.constraint_name == rule

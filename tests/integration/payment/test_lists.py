"""Lists and single reads of payments, allocations and credit balances."""

from typing import Any

import httpx

from shared.kernel.ids import new_id
from tests.integration.payment.conftest import Issue, Json, paid


async def listed(client: httpx.AsyncClient, path: str, **query: Any) -> list[Json]:
    reply = await client.get(path, params=query)
    assert reply.status_code == 200, reply.text
    found: list[Json] = reply.json()["data"]
    return found


async def test_payments_are_found_by_every_filter(client: httpx.AsyncClient, issue: Issue) -> None:
    mine, other = await issue(), await issue()
    first = await paid(
        client,
        invoice_id=str(mine.id),
        amount_minor=100,
        method="cash",
        external_reference="R-1",
        paid_on="2026-04-11",
    )
    second = await paid(client, invoice_id=str(other.id), amount_minor=100, paid_on="2026-05-11")

    found_by: list[tuple[Json, list[Json]]] = [
        ({}, [second, first]),
        ({"invoice_id": str(mine.id)}, [first]),
        ({"contact_id": str(other.contact_id)}, [second]),
        ({"state": "succeeded"}, [second, first]),
        ({"external_reference": "R-1"}, [first]),
        ({"external_reference": "R-2"}, []),
        ({"method": "other"}, [second]),
        ({"paid_from": "2026-04-12"}, [second]),
        ({"paid_to": "2026-04-11"}, [first]),
        ({"paid_from": "2026-04-11", "paid_to": "2026-05-11"}, [second, first]),
    ]

    for filters, expected in found_by:
        assert await listed(client, "/v1/payments", **filters) == expected, filters


async def test_pages_follow_each_other_under_inserts(client: httpx.AsyncClient, issue: Issue) -> None:
    invoice = await issue()
    made = [(await paid(client, invoice_id=str(invoice.id), amount_minor=1))["id"] for _ in range(5)]

    first = (await client.get("/v1/payments", params={"limit": 2, "include": "total"})).json()
    await paid(client, invoice_id=str(invoice.id), amount_minor=1)
    second = (
        await client.get("/v1/payments", params={"limit": 3, "cursor": first["meta"]["next_cursor"]})
    ).json()
    skipped = await listed(client, "/v1/payments", limit=1, offset=5)

    ids = [payment["id"] for payment in first["data"] + second["data"]]
    assert ids == made[::-1]
    assert first["meta"]["total"] == 5
    assert second["meta"] == {"limit": 3, "next_cursor": None, "total": None}
    assert [payment["id"] for payment in skipped] == made[:1]


async def test_an_allocation_is_found_by_id_and_by_serial(client: httpx.AsyncClient, issue: Issue) -> None:
    invoice = await issue()
    payment = await paid(client, invoice_id=str(invoice.id), amount_minor=100)
    [allocation] = payment["allocations"]
    expected = allocation | {"payment_id": payment["id"]}

    by_id = await client.get(f"/v1/allocations/{allocation['id']}")
    by_serial = await client.get(f"/v1/allocations/{allocation['serial']}")

    assert (by_id.json(), by_serial.json()) == (expected, expected)
    assert await listed(client, "/v1/allocations", invoice_id=str(invoice.id)) == [expected]
    assert await listed(client, "/v1/allocations", payment_id=payment["id"]) == [expected]
    assert await listed(client, "/v1/allocations", invoice_id=str(new_id())) == []
    counted = (await client.get("/v1/allocations", params={"include": "total"})).json()
    assert counted["meta"]["total"] == 1


async def test_balances_are_kept_by_contact_and_currency(client: httpx.AsyncClient, issue: Issue) -> None:
    contact_id = new_id()
    in_euros = await issue(contact_id=contact_id, total_minor=1)
    in_yen = await issue(contact_id=contact_id, total_minor=1, currency="JPY")
    of_another = await issue(total_minor=1)
    for invoice in (in_euros, in_yen, of_another):
        await paid(client, invoice_id=str(invoice.id), amount_minor=11)

    balances = await listed(client, "/v1/credit-balances", contact_id=str(contact_id))
    in_one_currency = await listed(client, "/v1/credit-balances", contact_id=str(contact_id), currency="JPY")

    assert [(balance["currency"], balance["amount_minor"]) for balance in balances] == [
        ("JPY", 10),
        ("EUR", 10),
    ]
    assert in_one_currency == balances[:1]
    counted = (await client.get("/v1/credit-balances", params={"include": "total"})).json()
    assert counted["meta"]["total"] == 3

"""Credit notes over HTTP, on real Postgres."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.conftest import Databases
from tests.integration.invoice import numbering
from tests.integration.invoice.conftest import a_line, an_invoice


async def credit(client: httpx.AsyncClient, invoice: dict[str, Any], **body: Any) -> httpx.Response:
    """The reply to a credit note on the invoice: all of it, unless told otherwise."""
    return await client.post(f"/v1/invoices/{invoice['id']}/credit-notes", json=body)


async def shown(client: httpx.AsyncClient, invoice: dict[str, Any]) -> dict[str, Any]:
    """The invoice as it is now."""
    return (await client.get(f"/v1/invoices/{invoice['id']}")).json()


def of_line(invoice: dict[str, Any], index: int = 0, **wanted: Any) -> dict[str, Any]:
    """What takes back of one line."""
    return {"invoice_line_id": invoice["lines"][index]["id"], **wanted}


async def test_a_full_credit_note_takes_back_the_invoice_and_settles_it(client: httpx.AsyncClient) -> None:
    invoice = await an_invoice(client, issue_date="2026-04-11")

    reply = await credit(client, invoice, reason="Wrong customer", issue_date="2026-05-01", external_id="C1")
    note, after = reply.json(), await shown(client, invoice)

    assert (reply.status_code, reply.headers["etag"], note["number"]) == (201, '"1"', "CN-2026-00001")
    assert [note[name] for name in ("subtotal_minor", "tax_minor", "total_minor")] == [28017, 5883, 33900]
    assert note["tax_breakdown"] == invoice["tax_breakdown"]
    assert [line["invoice_line_id"] for line in note["lines"]] == [x["id"] for x in invoice["lines"][:2]]
    assert (note["invoice"]["number"], note["invoice"]["amount_credited_minor"]) == (invoice["number"], 33900)
    assert (after["status"], after["payment_status"], after["amount_due_minor"]) == ("paid", "paid", 0)
    assert (after["amount_credited_minor"], after["version"], note["invoice"]["version"]) == (33900, 2, 2)
    assert after["paid_at"] is not None


async def test_partial_credits_reduce_what_is_due_until_nothing_remains(client: httpx.AsyncClient) -> None:
    invoice = await an_invoice(client)

    first = await credit(client, invoice, lines=[of_line(invoice, 1, quantity=1)])
    partly = await shown(client, invoice)
    second = await credit(client, invoice, lines=[of_line(invoice, 0, amount_minor=900)])
    rest = await credit(client, invoice)
    again = await credit(client, invoice)

    assert (first.json()["total_minor"], partly["status"], partly["amount_due_minor"]) == (
        12500,
        "open",
        21400,
    )
    assert second.json()["lines"][0]["credited_quantity"] is None
    assert sum(reply.json()["tax_minor"] for reply in (first, second, rest)) == invoice["tax_minor"]
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_credit")
    numbers = [reply.json()["number"][-5:] for reply in (first, second, rest)]
    assert numbers == ["00001", "00002", "00003"]


async def test_credit_notes_are_read_and_listed(client: httpx.AsyncClient) -> None:
    invoice, other = await an_invoice(client), await an_invoice(client)
    first = (await credit(client, invoice, lines=[of_line(invoice)], external_id="A", reason="Kapot")).json()
    second = (await credit(client, invoice)).json()
    third = (await credit(client, other, issue_date="2030-01-01")).json()

    async def ids(path: str = "/v1/credit-notes", **query: Any) -> list[str]:
        reply = await client.get(path, params=query)
        assert reply.status_code == 200, reply.text
        return [note["id"] for note in reply.json()["data"]]

    assert (await client.get(f"/v1/credit-notes/{first['id']}")).json() == first
    assert await ids() == [third["id"], second["id"], first["id"]]
    assert await ids(f"/v1/invoices/{invoice['id']}/credit-notes") == [second["id"], first["id"]]
    assert await ids(invoice_id=invoice["id"], limit=1) == [second["id"]]
    assert await ids(contact_id=other["contact_id"]) == [third["id"]]
    assert await ids(external_id="A") == await ids(q="kapo") == [first["id"]]
    assert await ids(issued_from="2029-12-31") == [third["id"]]
    assert await ids(issued_to="2029-12-31", q=invoice["number"]) == [second["id"], first["id"]]
    page = (await client.get("/v1/credit-notes", params={"limit": 2, "include": "total"})).json()
    assert page["meta"]["total"] == 3
    assert await ids(cursor=page["meta"]["next_cursor"]) == [first["id"]]


async def test_a_credit_note_is_told_with_the_change_of_its_invoice(
    client: httpx.AsyncClient, databases: Databases
) -> None:
    invoice = await an_invoice(client)

    note = (await credit(client, invoice)).json()

    timeline = (await client.get(f"/v1/invoices/{invoice['id']}/events")).json()["data"]
    assert [(entry["sequence"], entry["type"]) for entry in timeline[2:]] == [
        (2, "invoice.updated"),
        (2, "invoice.paid"),
        (2, "credit_note.issued"),
    ]
    connection = await asyncpg.connect(databases.admin_dsn)
    rows = await connection.fetch(
        "SELECT type, aggregateid::text, aggregate_seq FROM invoice.outbox ORDER BY position DESC LIMIT 3"
    )
    await connection.close()
    assert [tuple(row) for row in reversed(rows)] == [
        ("invoice.updated", invoice["id"], 2),
        ("invoice.paid", invoice["id"], 2),
        ("credit_note.issued", note["id"], 1),
    ]


async def test_eight_credits_at_once_never_exceed_the_invoice(
    client: httpx.AsyncClient, databases: Databases
) -> None:
    invoice = await an_invoice(client, lines=[a_line("x", 5, "10.00", tax_behavior="exclusive")])
    by_quantity, by_amount = of_line(invoice, quantity=1), of_line(invoice, amount_minor=1000)

    replies = await asyncio.gather(
        *(credit(client, invoice, lines=[(by_quantity, by_amount)[n % 2]]) for n in range(8))
    )

    made = [reply.json() for reply in replies if reply.status_code == 201]
    refused = [reply for reply in replies if reply.status_code != 201]
    assert {(reply.status_code, reply.json()["code"]) for reply in refused} == {(409, "credit_exceeds_line")}
    assert sum(note["subtotal_minor"] for note in made) == 5000
    assert sum(note["tax_minor"] for note in made) == invoice["tax_minor"]
    assert sorted(note["number"][-5:] for note in made) == [f"{n:05}" for n in range(1, 6)]
    after = await shown(client, invoice)
    assert (after["amount_credited_minor"], after["status"], after["version"]) == (6050, "paid", 6)
    connection = await asyncpg.connect(databases.admin_dsn)
    await connection.execute("SET search_path = invoice")
    workspace_id = await connection.fetchval("SELECT workspace_id FROM number_counter LIMIT 1")
    assert await numbering.gaps(connection, workspace_id, "credit_notes") == 0
    await connection.close()


async def test_a_note_on_an_invoice_without_a_seller_names_the_one_of_today(
    api: RunningService, client: httpx.AsyncClient
) -> None:
    before = await an_invoice(client)
    # As releases left it that let a business without a name issue invoices.
    async with api.parts.worker.transaction() as tx:
        await tx.execute("UPDATE invoice SET seller = NULL WHERE id = $1", UUID(before["id"]))
    await client.patch("/v1/business", json={"name": "Spont BV"})
    after = await an_invoice(client)
    await client.patch("/v1/business", json={"name": "Spont Holding BV"})

    notes = [(await credit(client, invoice)).json() for invoice in (before, after)]

    assert [note["seller"]["name"] for note in notes] == ["Spont Holding BV", "Spont BV"]


async def test_a_failed_credit_note_takes_no_number(client: httpx.AsyncClient) -> None:
    invoice, other = await an_invoice(client), await an_invoice(client)
    await credit(client, invoice, lines=[of_line(invoice)], external_id="A", issue_date="2030-01-01")

    preview = await client.get("/v1/credit-notes/next-number", params={"date": "2030-06-01"})
    taken = await credit(client, other, external_id="A", issue_date="2030-01-01")
    after = await client.get("/v1/credit-notes/next-number", params={"date": "2030-06-01"})

    assert (taken.status_code, taken.json()["code"]) == (409, "credit_note_external_id_taken")
    assert preview.json() == after.json() == {"number": "CN-2030-00002"}
    assert (await shown(client, other))["amount_credited_minor"] == 0


async def test_a_repeated_request_credits_once(client: httpx.AsyncClient) -> None:
    invoice = await an_invoice(client)
    path, headers = f"/v1/invoices/{invoice['id']}/credit-notes", {"idempotency-key": "c-1"}
    body = {"lines": [of_line(invoice, 1, quantity=1)]}

    replies = await asyncio.gather(*(client.post(path, json=body, headers=headers) for _ in range(4)))
    again = await client.post(path, json=body, headers=headers)
    other = await client.post(path, json={}, headers=headers)

    assert {reply.status_code for reply in replies} <= {201, 409}
    assert (again.status_code, again.headers["idempotent-replayed"], other.status_code) == (201, "true", 422)
    assert (await shown(client, invoice))["amount_credited_minor"] == 12500


@pytest.mark.parametrize(
    ("status", "move"), [("draft", None), ("open", "void")], ids=["a draft", "a void invoice"]
)
async def test_only_an_issued_invoice_is_credited(
    client: httpx.AsyncClient, status: str, move: str | None
) -> None:
    invoice = await an_invoice(client, status=status)
    if move:
        await client.post(f"/v1/invoices/{invoice['id']}/{move}")

    reply = await credit(client, invoice)

    assert (reply.status_code, reply.json()["code"]) == (409, "invoice_not_creditable")
    assert (await client.get("/v1/credit-notes")).json()["data"] == []


async def test_a_void_invoice_asks_for_nothing_and_one_written_off_still_does(
    client: httpx.AsyncClient,
) -> None:
    void, written_off = await an_invoice(client), await an_invoice(client)

    voided = (await client.post(f"/v1/invoices/{void['id']}/void")).json()
    given_up = (await client.post(f"/v1/invoices/{written_off['id']}/write-off")).json()
    partly = await credit(client, written_off, lines=[of_line(written_off)])
    after = await shown(client, written_off)

    assert (voided["amount_due_minor"], voided["total_minor"]) == (0, 33900)
    assert (given_up["amount_due_minor"], partly.status_code) == (33900, 201)
    assert (after["status"], after["amount_due_minor"]) == ("uncollectible", 25000)
    assert (await credit(client, written_off)).status_code == 201
    assert (await shown(client, written_off))["status"] == "paid"
    again = await client.post(f"/v1/invoices/{written_off['id']}/write-off")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


async def test_an_invoice_that_was_credited_cannot_be_voided(client: httpx.AsyncClient) -> None:
    invoice = await an_invoice(client)
    await credit(client, invoice, lines=[of_line(invoice)])

    reply = await client.post(f"/v1/invoices/{invoice['id']}/void")

    assert (reply.status_code, reply.json()["code"]) == (409, "invoice_has_payments")


LINE = {"invoice_line_id": str(new_id())}


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"lines": []}, 422, "/lines"),
        ({"lines": [LINE]}, 422, "/lines/0/invoice_line_id"),
        ({"lines": [{"index": 2}]}, 422, "/lines/0/invoice_line_id"),
        ({"lines": [{"index": 0}, {"index": 0}]}, 422, "/lines/1/invoice_line_id"),
        ({"lines": [{"index": 0, "quantity": 1, "amount_minor": 1}]}, 422, "/lines/0"),
        ({"lines": [{"index": 0, "quantity": 0}]}, 422, "/lines/0/quantity"),
        ({"lines": [{"index": 0, "quantity": "-1"}]}, 422, "/lines/0/quantity"),
        ({"lines": [{"index": 0, "quantity": "1.001"}]}, 409, "/lines/0/quantity"),
        ({"lines": [{"index": 0, "amount_minor": 8901}]}, 409, "/lines/0/amount_minor"),
        ({"lines": [{"index": 0, "amount_minor": "1"}]}, 422, "/lines/0/amount_minor"),
        ({"lines": [{"index": 0, "net_minor": 1}]}, 422, "/lines/0/net_minor"),
        ({"issue_date": "2020-01-01"}, 422, "/issue_date"),
        ({"refund_minor": 1}, 422, "/refund_minor"),
        ({"out_of_band_minor": 1}, 422, "/out_of_band_minor"),
        ({"refund_minor": -1}, 422, "/refund_minor"),
        ({"total_minor": 1}, 422, "/total_minor"),
        ({"reason": "a\x00b"}, 422, "/reason"),
    ],
)
async def test_bad_input_names_the_field_and_credits_nothing(
    client: httpx.AsyncClient, body: dict[str, Any], status: int, pointer: str
) -> None:
    invoice = await an_invoice(client)
    lines = [
        of_line(invoice, line["index"], **{name: value for name, value in line.items() if name != "index"})
        if "index" in line
        else line
        for line in body.get("lines", [])
    ]

    reply = await credit(client, invoice, **body | ({"lines": lines} if "lines" in body else {}))

    assert reply.status_code == status, reply.text
    assert reply.json()["errors"][0]["pointer"] == pointer, reply.text
    assert (await shown(client, invoice))["version"] == 1


async def test_another_workspace_sees_and_credits_nothing(
    client: httpx.AsyncClient, api: RunningService, a_principal: Callable[..., Any]
) -> None:
    invoice = await an_invoice(client)
    note = (await credit(client, invoice, lines=[of_line(invoice)])).json()

    stranger = api.client(a_principal())
    reader = api.client(a_principal(scopes=frozenset({"invoices:read"})))

    assert (await credit(stranger, invoice)).status_code == 404
    assert (await stranger.get(f"/v1/credit-notes/{note['id']}")).status_code == 404
    assert (await stranger.get(f"/v1/invoices/{invoice['id']}/credit-notes")).status_code == 404
    assert (await stranger.get("/v1/credit-notes")).json()["data"] == []
    assert (await credit(reader, invoice)).status_code == 403


async def test_a_credit_note_cannot_be_unmade(client: httpx.AsyncClient, api: RunningService) -> None:
    await credit(client, await an_invoice(client))

    for statement in ("DELETE FROM credit_note", "UPDATE credit_note_line SET gross_minor = 0"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with api.parts.worker.transaction() as tx:
                await tx.execute(statement)
    with pytest.raises(asyncpg.CheckViolationError, match="invoice_credited_within_total"):
        async with api.parts.worker.transaction() as tx:
            await tx.execute("UPDATE invoice SET amount_credited_minor = total_minor + 1")

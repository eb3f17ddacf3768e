"""Files of banks: every line is kept, those that name what they pay are matched, and all can be undone."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.payment.bank_files.domain.statement import (
    BankEntry,
    BankStatement,
    Counterparty,
    HolderAccount,
    Remittance,
    StatementKind,
)
from services.payment.bank_files.formats.camt_writing import write_camt
from services.payment.bank_lines.workers import LineMatcher
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.payment.conftest import (
    Issue,
    Json,
    a_known_contact,
    counted,
    paid,
    receivable_of,
)

IBAN = "NL91ABNA0417164300"
VECTORS = Path(__file__).parents[2] / "vectors" / "bank"


def entry(amount_minor: int, text: str = "", **fields: Any) -> BankEntry:
    structured = fields.pop("structured", ())
    return BankEntry(
        booked_on=fields.pop("booked_on", date(2026, 4, 11)),
        amount_minor=amount_minor,
        currency="EUR",
        counterparty=Counterparty("Jansen BV", "NL20INGB0001234567"),
        remittance=Remittance(text, structured),
        **fields,
    )


def camt(*entries: BankEntry, **fields: Any) -> bytes:
    statement = BankStatement(
        HolderAccount(fields.pop("iban", IBAN)), "EUR", StatementKind.STATEMENT, entries, **fields
    )
    return write_camt(statement, new_id().hex, datetime(2026, 4, 12, tzinfo=UTC))


async def an_account(client: httpx.AsyncClient, **fields: Any) -> Json:
    reply = await client.post("/v1/bank-accounts", json={"name": "Current", "iban": IBAN, **fields})
    assert reply.status_code == 201, reply.text
    made: Json = reply.json()
    return made


async def uploaded(client: httpx.AsyncClient, data: bytes, status: int = 202, **query: str) -> Json:
    reply = await client.post("/v1/bank-imports", content=data, params=query)
    assert reply.status_code == status, reply.text
    made: Json = reply.json()
    return made


async def matched(service: RunningService) -> None:
    matcher = LineMatcher(service.parts.worker)
    while await matcher.step():
        pass


async def lines_of(client: httpx.AsyncClient, **query: str) -> list[Json]:
    reply = await client.get("/v1/bank-lines", params=query)
    assert reply.status_code == 200, reply.text
    found: list[Json] = reply.json()["data"]
    return found[::-1]


async def imported(client: httpx.AsyncClient, service: RunningService, *entries: BankEntry) -> list[Json]:
    done = await uploaded(client, camt(*entries))
    await matched(service)
    return await lines_of(client, import_id=done["id"])


async def ledger(client: httpx.AsyncClient) -> dict[str, int]:
    """Balances by type of account; cash by its method."""
    found = (await client.get("/v1/ledger/accounts", params={"limit": 100})).json()["data"]
    sums: dict[str, int] = {}
    for account in found:
        sums[account["type"]] = sums.get(account["type"], 0) + account["balance_minor"]
    return sums


async def test_a_line_that_names_an_invoice_pays_it(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    invoice = await issue(number="INV-2026-00042", total_minor=33_900)
    account = await an_account(client)

    done = await uploaded(client, camt(entry(33_900, "Factuur INV 2026 00042")), file_name="april.xml")
    assert (done["status"], done["progress_percent"], done["line_counts"]) == ("matching", 0, {"imported": 1})
    sums = await ledger(client)
    assert (sums["bank"], sums["suspense"]) == (33_900, 33_900)
    await matched(service)

    [line] = await lines_of(client, state="matched", account_id=account["id"])
    assert (line["rule"], line["has_made_payment"], line["decided_by"]) == ("numbers", True, None)
    assert line["evidence"] == [
        "The text names INV-2026-00042.",
        "339.00 EUR came in; 339.00 EUR was due.",
    ]
    assert (line["counterparty_name"], line["counterparty_iban"]) == ("Jansen BV", "NL20INGB0001234567")
    assert (await receivable_of(service, invoice.id))["paid_minor"] == 33_900
    sums = await ledger(client)
    assert (sums["bank"], sums["suspense"], sums["cash"]) == (33_900, 0, 0)
    seen = (await client.get(f"/v1/bank-imports/{done['id']}")).json()
    assert (seen["status"], seen["progress_percent"], seen["file_name"]) == ("finished", 100, "april.xml")


@pytest.mark.parametrize(
    ("amount_minor", "text", "structured", "rule", "state"),
    [
        (33_900, "", ("RF36INV202600042",), "structured", "matched"),
        (10_000, "INV-2026-00042", (), "number_part", "matched"),
        (40_000, "INV-2026-00042", (), "number_over", "matched"),
        (33_900, "thank you", (), "unknown_payer", "unknown"),
        (33_900, "", ("RF37INV202600042",), "unknown_payer", "unknown"),
        (44_900, "INV-2026-00042 INV-2026-00043", (), "numbers", "matched"),
        (44_800, "INV-2026-00042 INV-2026-00043", (), "ambiguous", "proposed"),
        (-500, "Kosten INV-2026-00042", (), "outgoing", "unknown"),
    ],
)
async def test_the_rule_says_why(
    client: httpx.AsyncClient,
    service: RunningService,
    issue: Issue,
    amount_minor: int,
    text: str,
    structured: tuple[str, ...],
    rule: str,
    state: str,
) -> None:
    contact_id = new_id()
    await issue(number="INV-2026-00042", total_minor=33_900, contact_id=contact_id)
    await issue(number="INV-2026-00043", total_minor=11_000, contact_id=contact_id)
    await an_account(client)

    [line] = await imported(client, service, entry(amount_minor, text, structured=structured))

    assert (line["rule"], line["state"]) == (rule, state)
    if state == "proposed":
        assert [one["number"] for one in line["candidates"]] == ["INV-2026-00042", "INV-2026-00043"]
    if state != "matched":
        assert (await ledger(client))["suspense"] == amount_minor


async def test_two_contacts_invoices_are_for_a_person(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    first = await issue(number="NT-2026-0054", total_minor=100)
    await issue(number="NT-2026-0042", total_minor=200)
    await an_account(client)
    [line] = await imported(client, service, entry(300, "Facturen NT-2026-0054 + NT-2026-0042"))
    assert (line["state"], (await ledger(client))["suspense"]) == ("proposed", 300)

    allocations = [{"invoice_id": str(first.id)}]
    reply = await client.post(f"/v1/bank-lines/{line['id']}/match", json={"allocations": allocations})

    assert reply.status_code == 200, reply.text
    decided = reply.json()
    assert (decided["state"], decided["rule"], decided["candidates"]) == ("matched", "by_hand", [])
    assert decided["decided_by"]
    payment = (await client.get(f"/v1/payments/{decided['payment_id']}")).json()
    assert (payment["unallocated_minor"], payment["paid_on"]) == (200, "2026-04-11")


async def test_the_same_file_and_overlapping_files_bring_no_line_twice(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    await an_account(client)
    alike = entry(1_000, "Donatie")
    file = camt(alike, alike)
    first = await uploaded(client, file)
    again = await uploaded(client, file, 200)
    assert again["id"] == first["id"]
    assert (first["line_count"], first["new_line_count"]) == (2, 2)

    with_one_more = await uploaded(client, camt(alike, alike, alike, entry(7, "x")))

    assert (with_one_more["line_count"], with_one_more["new_line_count"]) == (4, 2)
    assert len(await lines_of(client)) == 4
    assert (await ledger(client))["bank"] == 3_007


async def test_files_sent_together_bring_no_line_twice(client: httpx.AsyncClient) -> None:
    await an_account(client)
    alike = entry(1_000, "Donatie")
    files = [camt(alike, entry(number, f"{number}")) for number in range(1, 6)]
    replies = await asyncio.gather(
        *(client.post("/v1/bank-imports", content=file) for file in [*files, *files])
    )
    assert sorted(reply.status_code for reply in replies) == [200] * 5 + [202] * 5
    assert sorted(line["amount_minor"] for line in await lines_of(client)) == [1, 2, 3, 4, 5, 1_000]


async def test_a_payment_registered_before_is_linked_and_not_registered_again(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    invoice = await issue(number="INV-2026-00042", total_minor=33_900)
    earlier = await paid(
        client, invoice_id=str(invoice.id), amount_minor=33_900, method="bank_transfer", paid_on="2026-04-09"
    )
    await an_account(client)

    [line] = await imported(client, service, entry(33_900, "INV-2026-00042"))

    assert (line["rule"], line["payment_id"]) == ("registered_before", earlier["id"])
    assert line["has_made_payment"] is False
    assert await counted(service, "payment") == 1
    sums = await ledger(client)
    assert (sums["bank"], sums["suspense"], sums["cash"]) == (33_900, 0, 0)

    undone = await client.post(f"/v1/bank-lines/{line['id']}/undo", json={"reason": "Another one"})
    assert undone.json()["state"] == "proposed"
    assert (await client.get(f"/v1/payments/{earlier['id']}")).json()["state"] == "succeeded"
    linked = await client.post(f"/v1/bank-lines/{line['id']}/match", json={"payment_id": earlier["id"]})
    assert linked.json()["payment_id"] == earlier["id"]


async def test_a_match_is_undone_and_done_another_way(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, who: Principal
) -> None:
    invoice = await issue(number="INV-2026-00042", total_minor=33_900)
    contact_id = await a_known_contact(service, who.workspace_id)
    await an_account(client)
    [line] = await imported(client, service, entry(33_900, "INV-2026-00042"))

    refused = await client.post(f"/v1/payments/{line['payment_id']}/void", json={"reason": "mine"})
    assert (refused.status_code, refused.json()["code"]) == (409, "payment_has_bank_line")
    undone = (await client.post(f"/v1/bank-lines/{line['id']}/undo", json={"reason": "Wrong one"})).json()

    assert (undone["state"], undone["payment_id"], undone["reason"]) == ("proposed", None, "Wrong one")
    assert [one["number"] for one in undone["candidates"]] == ["INV-2026-00042"]
    assert (await receivable_of(service, invoice.id))["paid_minor"] == 0
    assert (await ledger(client))["suspense"] == 33_900
    voided = (await client.get(f"/v1/payments/{line['payment_id']}")).json()
    assert (voided["state"], voided["void_reason"]) == ("voided", "Wrong one")

    again = await client.post(f"/v1/bank-lines/{line['id']}/match", json={"contact_id": str(contact_id)})
    assert again.status_code == 200, again.text
    assert (await ledger(client))["credit_balance"] == 33_900
    twice = await client.post(f"/v1/bank-lines/{line['id']}/match", json={"contact_id": str(contact_id)})
    assert (twice.status_code, twice.json()["code"]) == (409, "bank_line_is_matched")


async def test_a_line_of_the_banks_own_is_a_charge_or_unrelated(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    await an_account(client)
    charge, rent = await imported(client, service, entry(-250, "Kosten"), entry(-90_000, "Huur"))
    for line, word in ((charge, "bank_charges"), (rent, "unrelated")):
        body = {"ignored_as": word, "reason": "seen"}
        reply = await client.post(f"/v1/bank-lines/{line['id']}/ignore", json=body)
        assert (reply.status_code, reply.json()["state"]) == (200, "ignored")

    sums = await ledger(client)
    assert (sums["bank"], sums["suspense"]) == (-90_250, 0)
    assert (sums["bank_charges"], sums["unrelated"]) == (250, -90_000)
    undone = await client.post(f"/v1/bank-lines/{rent['id']}/undo", json={"reason": "no"})
    assert undone.json()["state"] == "unknown"
    assert (await ledger(client))["suspense"] == -90_000
    refused = await client.post(f"/v1/bank-lines/{rent['id']}/undo", json={"reason": "no"})
    assert (refused.status_code, refused.json()["code"]) == (409, "bank_line_not_decided")
    out = await client.post(f"/v1/bank-lines/{rent['id']}/match", json={"contact_id": str(new_id())})
    assert (out.status_code, out.json()["code"]) == (409, "bank_line_goes_out")


async def test_one_line_is_decided_once_by_many_at_once(
    client: httpx.AsyncClient, service: RunningService, issue: Issue, who: Principal
) -> None:
    contact_id = await a_known_contact(service, who.workspace_id)
    await issue(number="INV-2026-00042", total_minor=33_900)
    await an_account(client)
    await uploaded(client, camt(*(entry(100 + n, f"INV-2026-00042 {n}") for n in range(20))))

    await asyncio.gather(*(matched(service) for _ in range(4)))
    assert {line["state"] for line in await lines_of(client)} == {"matched"}
    assert await counted(service, "payment") == 20

    [line] = await imported(client, service, entry(5, "who knows"))
    tries = [
        client.post(f"/v1/bank-lines/{line['id']}/match", json={"contact_id": str(contact_id)})
        for _ in range(5)
    ]
    replies = await asyncio.gather(*tries)
    assert sorted(reply.status_code for reply in replies) == [200, 409, 409, 409, 409]


@pytest.mark.parametrize(
    ("data", "query", "code", "field"),
    [
        (b"", {}, "invalid", "/file"),
        (b"Dear customer", {}, "unreadable_bank_file", "/file"),
        (b"<html/>", {}, "no_statement", "/file"),
        (camt(entry(1), iban="DE89370400440532013000"), {}, "unknown_bank_account", "/file"),
        ((VECTORS / "danske/report_052.xml").read_bytes(), {}, "statement_not_final", "/file"),
        ((VECTORS / "n26/csv.csv").read_bytes(), {}, "unknown_bank_account", "/account_id"),
        (camt(entry(1)), {"account_id": str(new_id())}, "unknown_bank_account", "/account_id"),
        (camt(entry(1)), {"account": "x"}, "invalid", "account"),
    ],
)
async def test_a_file_that_cannot_be_taken_says_why_and_leaves_nothing(
    client: httpx.AsyncClient, data: bytes, query: dict[str, str], code: str, field: str
) -> None:
    await an_account(client)
    refused = await uploaded(client, data, 422, **query)
    assert (refused["code"], [error["pointer"] for error in refused["errors"]]) == (code, [field])
    assert await lines_of(client) == []


async def test_a_csv_that_names_no_account_is_imported_for_the_one_named(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    account = await an_account(client, iban="DE02120300000000202051")
    done = await uploaded(client, (VECTORS / "n26/csv.csv").read_bytes(), account_id=account["id"])
    assert (done["format"], done["line_count"]) == ("csv", 1)
    [line] = await lines_of(client, account_id=account["id"])
    assert line["instructed"] == {"amount_minor": 13_000, "currency": "USD", "exchange_rate": "1.0924"}
    german = await uploaded(client, (VECTORS / "sparkasse/mt940.sta").read_bytes())
    assert (german["statement_count"], german["line_count"]) == (1, 2)


async def test_lists_filter_and_statements_show_whether_they_are_balanced(
    client: httpx.AsyncClient, service: RunningService
) -> None:
    await an_account(client)
    await uploaded(client, camt(entry(100, "één"), entry(-7, "twee"), number="17", opening_minor=5))
    await uploaded(client, camt(entry(1, "drie"), opening_minor=98, closing_minor=100))
    [second, first] = (await client.get("/v1/bank-statements")).json()["data"]
    assert (first["is_balanced"], first["closing_minor"], first["number"]) == (True, 98, "17")
    assert second["is_balanced"] is False
    unbalanced = (await client.get("/v1/bank-statements?is_balanced=false&include=total")).json()
    assert (unbalanced["meta"]["total"], unbalanced["data"][0]["id"]) == (1, second["id"])
    for query, count in (({"q": "TWEE"}, 1), ({"amount_minor": "100"}, 1), ({"booked_to": "2026-04-10"}, 0)):
        assert len(await lines_of(client, **query)) == count


async def test_another_workspace_sees_and_changes_nothing(
    client: httpx.AsyncClient, service: RunningService, a_principal: Callable[..., Principal]
) -> None:
    account = await an_account(client)
    [line] = await imported(client, service, entry(5, "x"))
    async with service.client(a_principal()) as other:
        for path in (f"bank-accounts/{account['id']}", f"bank-lines/{line['id']}"):
            assert (await other.get(f"/v1/{path}")).status_code == 404
        for verb, body in (
            ("match", {"contact_id": str(new_id())}),
            ("ignore", {"reason": "x"}),
            ("undo", {"reason": "x"}),
        ):
            assert (await other.post(f"/v1/bank-lines/{line['id']}/{verb}", json=body)).status_code == 404
        assert await lines_of(other) == []
        theirs = await an_account(other)
        assert theirs["id"] != account["id"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"iban": "NL91ABNA0417164301"}, "/iban"),
        ({"iban": None}, "/iban"),
        ({"number": "1"}, "/iban"),
        ({"currency": "XXY"}, "/currency"),
    ],
)
async def test_an_account_is_one(client: httpx.AsyncClient, body: Json, field: str) -> None:
    refused = await client.post("/v1/bank-accounts", json={"name": "a", "iban": IBAN, **body})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, field)


async def test_an_account_is_renamed_and_archived(client: httpx.AsyncClient) -> None:
    account = await an_account(client, iban="nl91 abna 0417 1643 00")
    assert account["iban"] == IBAN
    twice = await client.post("/v1/bank-accounts", json={"name": "b", "iban": IBAN})
    assert (twice.status_code, twice.json()["code"]) == (409, "bank_account_exists")
    changed = await client.patch(
        f"/v1/bank-accounts/{account['id']}", json={"name": "c", "is_archived": True}
    )
    assert (changed.json()["name"], changed.json()["version"]) == ("c", 2)
    assert changed.json()["archived_at"]
    refused = await uploaded(client, camt(entry(1)), 409)
    assert refused["code"] == "bank_account_archived"
    assert (await client.get("/v1/bank-accounts?is_archived=false")).json()["data"] == []

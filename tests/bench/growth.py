"""Lists, search, counts and the proof in a workspace of a million invoices, payments and messages.

`make growth` loads the rows by SQL (a few minutes, some 10 GB) and asks for everything through the gateway.
With `EXPLAIN=1` the plan of each slow statement of what misses the goal follows: the very statement, by the
service's own login, with its row security (growth_plans.py). `ROWS=100000` loads fewer.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg

from tests.bench import growth_plans
from tests.bench.bench import show
from tests.bench.growth_rows import Size, load
from tests.bench.platform import running

GOAL_MS = 50
ROUNDS = 5
# Every list with each of its filters, its search and its counts; names stand for rows of the middle.
REQUESTS = {
    "/v1/invoices": """|status=draft|status=open|status=paid|status=void|status=uncollectible
        |payment_status=paid|payment_status=partially_paid|payment_status=unpaid|overdue=true|overdue=false|contact_id={contact}
        |external_id=none|number={number}|reference=PO 1500000|issued_from=2030-01-01|issued_to=2020-01-01
        |issued_from={month}-01&issued_to={month}-28|issued_to={month}-01|due_from=2030-01-01|due_to=2020-01-01
        |due_from={month}-01&due_to={month}-28|sent=true|sent=false|opened=true|opened=false|reminder_level=0
        |reminder_level=3|subscription_id={invoice}|q={number}|q=500000|q=zzzz|q=Kowalski|q=INV|q=INV-{year}
        |q=gmbh|q=müller bakery|q=1|include=total|include=total&status=open|include=total&status=void
        |include=total&q=gmbh|include=total&overdue=true|include=total&issued_from={month}-01|offset=9900""",
    "/v1/payments": """|invoice_id={invoice}|contact_id={contact}|state=failed|state=succeeded|method=cash
        |method=card|external_reference=T500000-1|external_reference=none|paid_from=2030-01-01
        |paid_to=2020-01-01|paid_from={month}-01&paid_to={month}-28|paid_to={month}-01|include=total
        |include=total&method=card|offset=9900""",
    "/v1/receivables": """|number={number}|number=none|contact_id={contact}|status=closed|status=written_off
        |status=open|currency=USD|due_from=2030-01-01|due_to=2020-01-01|due_from={month}-01&due_to={month}-28
        |include=total|include=total&status=open""",
    "/v1/ledger/entries": """|account_id={cash_account}|account_id={contact_account}|contact_id={contact}
        |source_type=refund|source_type=void|source_id={payment}|booked_from=2030-01-01|booked_to=2020-01-01
        |booked_from={month}-01&booked_to={month}-28|currency=USD|include=total
        |include=total&source_type=invoice""",
    "/v1/ledger/accounts": "|type=cash|contact_id={contact}|currency=USD|include=total",
    "/v1/ledger/accounts/{cash_account}": "",
    "/v1/allocations": "invoice_id={invoice}|payment_id={payment}|reversed=true",
    "/v1/contacts": """|q=nobody|q=Kowalski|q=office250000|q=10250000|q=müller bak|q=%|tag=none|tag=vip
        |archived=true|include=total|include=total&q=gmbh|external_id=none""",
    "/v1/messages": """|event_type=none.such|event_type=invoice.paid|subject={invoice}
        |since=2030-01-01T00:00:00Z|until=2020-01-01T00:00:00Z""",
    "/v1/events": "",
    "/v1/deliveries": "|state=exhausted",
    "/v1/quotes": "|status=draft|contact_id={contact}|q=zzzz|q=Kowalski|include=total",
    "/v1/products": "|q=zzzz|q=Kowalski|q=SKU-150000|sku=SKU-150000|archived=true|include=total",
    "/v1/credit-notes": "|q=zzzz|issued_from=2030-01-01",
    "/v1/subscriptions": """|status=paused|contact_id={contact}|product_id={contact}|parked=true
        |next_billing_before=2020-01-01T00:00:00Z|q=zzzz|q=Kowalski|include=total""",
    "/v1/audit-log": "|resource_id={invoice}|actor=key:none|since=2030-01-01T00:00:00Z",
}
DEEP = ("invoices", "payments", "receivables", "ledger/entries", "contacts", "messages")


@dataclass(frozen=True, slots=True)
class Names:
    """Rows that requests ask for: of the middle, so that neither end is near."""

    contact: UUID
    invoice: UUID
    payment: UUID
    number: str
    cash_account: UUID
    contact_account: UUID
    year: str
    month: str


async def measure(rows: int, *, explains: bool) -> None:
    """Load, ask, prove, and print the tables."""
    async with running() as platform:
        facts, workspace_id = platform.facts, UUID(platform.workspace_id)
        await load(facts["postgres_dsn"], workspace_id, Size(rows, rows * 3 // 10), print)
        asking = Asking(facts["gateway_url"], platform.api_key, facts["postgres_dsns"], explains=explains)
        requests = await asking.all(workspace_id)
        show(f"requests by the gateway, {rows:,} rows, of {ROUNDS} the median and the worst", requests)
        show("the ledger", [prove(facts["postgres_dsns"]["payment_worker"])])
        print(f"\nload average {os.getloadavg()[0]:.1f}")


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks through the gateway, and for the plans of what was slow."""

    gateway: str
    api_key: str
    dsns: dict[str, str]
    explains: bool = False

    async def all(self, workspace_id: UUID) -> list[dict[str, Any]]:
        """How long each request takes, in milliseconds."""
        names = await find_names(self.dsns["postgres"], workspace_id)
        paths = [
            path.format(**asdict(names)) + (f"?{filter_}" if filter_ else "")
            for path, filters in REQUESTS.items()
            for filter_ in ("".join(filters.format(**asdict(names)).split("\n        "))).split("|")
        ]
        async with aiohttp.ClientSession(self.gateway, headers={"x-api-key": self.api_key}) as session:
            rows = [await self._timed(session, path, workspace_id) for path in paths]
            for name in DEEP:
                cursor = await _cursor(session, f"/v1/{name}")
                rows.append(await self._timed(session, f"/v1/{name}?cursor={cursor}", workspace_id))
        return rows

    async def _timed(self, session: aiohttp.ClientSession, path: str, workspace_id: UUID) -> dict[str, Any]:
        times: list[float] = []
        while len(times) < ROUNDS and sum(times) < 3_000:
            began = time.perf_counter()
            async with session.get(path) as reply:
                body = await reply.read()
            times.append((time.perf_counter() - began) * 1_000)
        times.sort()
        median = times[len(times) // 2]
        if median > GOAL_MS and self.explains:
            await growth_plans.explain(self.dsns, workspace_id, lambda: session.get(path))
        remark = "" if median <= GOAL_MS else "above the goal"
        return {
            "request": path,
            "ms": round(median, 1),
            "worst": round(times[-1], 1),
            "": remark if reply.status == 200 else f"{reply.status} {body[:100].decode()}",
        }


async def find_names(dsn: str, workspace_id: UUID) -> Names:
    """Rows of five hundred days ago."""
    connection = await asyncpg.connect(dsn)
    try:
        row = await connection.fetchrow(
            """SELECT i.contact_id AS contact, i.id AS invoice, p.payment_id AS payment, i.number,
                (SELECT id FROM payment.ledger_account a WHERE a.workspace_id = $1
                    AND type = 'cash' LIMIT 1) AS cash_account,
                (SELECT id FROM payment.ledger_account a WHERE a.workspace_id = $1
                    AND a.contact_id = i.contact_id LIMIT 1) AS contact_account,
                to_char(issue_date, 'YYYY') AS year, to_char(issue_date, 'YYYY-MM') AS month
            FROM invoice.invoice i JOIN payment.allocation p
                ON p.workspace_id = i.workspace_id AND p.invoice_id = i.id
            WHERE i.workspace_id = $1 AND i.issue_date = current_date - 500 LIMIT 1""",
            workspace_id,
        )
    finally:
        await connection.close()
    assert row is not None
    return Names(**row)


async def _cursor(session: aiohttp.ClientSession, path: str) -> str:
    """The cursor of a page far behind the first: as far as one goes in a few steps."""
    cursor = ""
    for _ in range(5):
        async with session.get(f"{path}?limit=500{cursor and f'&cursor={cursor}'}") as reply:
            cursor = (await reply.json())["meta"]["next_cursor"]
    return cursor


def prove(dsn: str) -> dict[str, Any]:
    """How long the proof takes, as an operator runs it, and what it says."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "services.payment.main", "prove"],
        env={**os.environ, "POSTGRES_WORKER_DSN": dsn},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = round(time.perf_counter() - began, 1)
    return {"command": "prove", "seconds": seconds, "": "ok" if done.returncode == 0 else done.stdout}


def main(arguments: list[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make growth", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of each kind")
    parser.add_argument("--explain", action="store_true", help="the plans of what is slow")
    given = parser.parse_args(arguments)
    asyncio.run(measure(given.rows, explains=given.explain))


if __name__ == "__main__":
    main(sys.argv[1:])

"""The rig of the chaos test of collection: workers that die at named points, a provider with its own disk."""

import asyncio
import contextlib
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp

from deploy.local.ports import free_port
from services.payment.collections.consumers import invoice as charged_invoice
from services.payment.collections.operations.collect import CollectionRequest, collect
from services.payment.collections.repository import collections
from services.payment.payment_methods import operations as payment_methods
from services.payment.payment_methods.domain import Attachment
from services.payment.provider_connections import repository as provider_connections
from services.payment.provider_connections.domain import ConnectionEdit, connect, edit_connection
from services.payment.receivables.consumers import invoice
from services.payment.sandbox.providers.cards import CARDS
from shared.events.invoice import InvoiceIssued
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.messaging.handlers import Handlers
from shared.messaging.work import begin
from shared.postgres.transaction import Database
from tests.journeys.collection_workers import POINTS, RING, Orders, Workers
from tests.unit.payment.builders import an_invoice

ACCOUNT = "sk_test_chaos"
BEARER = {"authorization": f"Bearer {ACCOUNT}"}


@contextlib.asynccontextmanager
async def provider_process(file: Path, *options: str) -> AsyncIterator[str]:
    """The sandbox provider as a process of its own; its address."""
    port = free_port()
    command = [sys.executable, "-m", "tests.stripe_server"]
    process = subprocess.Popen([*command, "--port", str(port), "--file", str(file), *options])
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as session:
            for _ in range(300):
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(url):
                        break
                await asyncio.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


@dataclass
class Verdict:
    """What the provider's ledger says beside ours."""

    collections: int = 0
    crashes: int = 0
    charges: int = 0
    double_charges: int = 0
    never_marked_paid: int = 0
    marked_without_charge: int = 0
    settled: int = 0
    in_review: int = 0
    unfinished: int = 0
    unproved: list[str] = field(default_factory=list)
    points: Counter[str] = field(default_factory=Counter)

    def row(self) -> dict[str, Any]:
        """One row of the table."""
        return {name: value for name, value in vars(self).items() if name != "points"}


@dataclass
class Chaos:
    """One run: so many collections, two workers that die again and again, and the verdict."""

    database: Database
    dsn: str
    url: str
    file: Path
    seed: int
    per_card: int
    crashes_per_point: int = 1
    bug: str | None = None
    cards: tuple[str, ...] = tuple(CARDS)
    workspace_id: UUID = field(default_factory=new_id)
    verdict: Verdict = field(default_factory=Verdict)
    invoices: list[UUID] = field(default_factory=list)
    contacts: list[UUID] = field(default_factory=list)

    async def run(self, deadline_seconds: float = 120) -> Verdict:
        """Fill, disturb, heal, wait until nothing is due, judge."""
        await self.fill()
        async with aiohttp.ClientSession(self.url, headers=BEARER) as session:
            workers = Workers(Orders(self.dsn, self.url, bug=self.bug))
            try:
                await self._disturb(workers, session)
                await self._quiesce(workers, session, deadline_seconds)
                await self._collect_failed_again()
                await self._quiesce(workers, session, deadline_seconds)
            finally:
                workers.kill()
        self.verdict.points = workers.points
        self.verdict.crashes = workers.crash_count
        await self.judge()
        return self.verdict

    async def fill(self) -> None:
        """The workspace's account, and a contact with a method for each card."""
        now, edit = Clock().now(), ConnectionEdit(secret_key=ACCOUNT)
        connection = edit_connection(connect(self.workspace_id, "stripe", "test", now), edit, now, RING)
        async with self.database.transaction() as tx:
            await provider_connections.insert(tx, connection)
        async with aiohttp.ClientSession(self.url, headers=BEARER) as session:
            for card in self.cards:
                form = {"test_card": card, "customer": "cus_1"}
                async with session.post("/sandbox/payment_methods", data=form) as reply:
                    external_id = (await reply.json())["id"]
                contact_id = new_id()
                attachment = Attachment(
                    self.workspace_id, contact_id, "stripe", "test", "cus_1", external_id, "card", *[None] * 4
                )
                async with begin(self.database) as unit:
                    work = unit.within(self.workspace_id, Clock())
                    await payment_methods.attach_method(work, attachment)
                self.contacts.append(contact_id)

    async def issue_wave(self) -> None:
        """One more invoice for each card."""
        handlers = Handlers()
        handlers.include(invoice.handlers)
        handlers.include(charged_invoice.handlers)
        issued = [
            an_invoice(contact_id=contact_id, collection_method="charge_automatically")
            for contact_id in self.contacts
        ]
        async with begin(self.database) as unit:
            await handlers.apply(unit, [InvoiceIssued.of(self.workspace_id, one) for one in issued])
        self.invoices += [one.id for one in issued]

    async def _disturb(self, workers: Workers, session: aiohttp.ClientSession) -> None:
        """Kill at every point in turn while invoices are issued; half way, the provider forgets its keys."""
        plan = POINTS * self.crashes_per_point
        random.Random(self.seed).shuffle(plan)
        half = len(plan) // 2
        workers.start(plan)
        deadline = time.monotonic() + (6 if self.bug else 150 * self.crashes_per_point)
        while time.monotonic() < deadline and (
            workers.has_plans or len(self.invoices) < self.per_card * len(self.cards)
        ):
            if await self._due() < 8:
                await self.issue_wave()
            workers.replace_dead()
            if workers.crash_count >= half:
                half = 10**9
                async with session.post("/sandbox/forget_keys"):
                    pass
            await self._answer_some(session)
            await asyncio.sleep(0.05)
        workers.heal()

    async def _answer_some(self, session: aiohttp.ClientSession) -> None:
        """Half of the payers who are asked by their bank answer, and the provider's hint arrives."""
        async with self.database.transaction() as tx:
            asked = await tx.fetch(
                """SELECT provider_reference FROM collection WHERE state = 'requires_action'
                AND hashtext(payment_id::text) % 2 = 0 AND cancel_reason IS NULL LIMIT 5"""
            )
        for row in asked:
            async with session.post(f"/sandbox/payment_intents/{row[0]}/authenticate"):
                pass
            async with self.database.transaction() as tx:
                await collections.wake(tx, self.workspace_id, "stripe", row[0])

    async def _quiesce(
        self, workers: Workers, session: aiohttp.ClientSession, deadline_seconds: float
    ) -> None:
        deadline = time.monotonic() + deadline_seconds
        while await self._due(with_waiting=True) and time.monotonic() < deadline:
            workers.replace_dead()
            await self._answer_some(session)
            await asyncio.sleep(0.1)

    async def is_quiet(self) -> bool:
        """Whether nothing is due but what a payer or a stopped worker must do."""
        async with self.database.transaction() as tx:
            count: int = await tx.fetchval(
                "SELECT count(*) FROM collection WHERE state IN ('pending', 'processing', 'unknown')"
            )
        return not count

    async def _due(self, *, with_waiting: bool = False) -> int:
        async with self.database.transaction() as tx:
            found: int = await tx.fetchval(
                """SELECT count(*) FROM collection WHERE next_step_at IS NOT NULL
                AND ($1 OR state <> 'requires_action')""",
                with_waiting,
            )
        return found

    async def _collect_failed_again(self) -> None:
        """As dunning would: once more for what failed."""
        for invoice_id in self.invoices:
            async with begin(self.database) as unit:
                work = unit.within(self.workspace_id, Clock())
                await collect(work, CollectionRequest(invoice_id))

    async def judge(self) -> None:
        charges = self._charges()
        async with self.database.transaction() as tx:
            rows = await tx.fetch("SELECT payment_id, invoice_id, state, next_step_at FROM collection")
            receivables = await tx.fetch("SELECT invoice_id, paid_minor FROM receivable")
        paid = {row["invoice_id"]: row["paid_minor"] for row in receivables}
        verdict = self.verdict
        invoice_of = {str(row["payment_id"]): row["invoice_id"] for row in rows}
        state_of = {str(row["payment_id"]): row["state"] for row in rows}
        per_invoice = Counter(invoice_of[payment_id] for payment_id in charges.elements())
        verdict.collections = len(rows)
        verdict.charges = charges.total()
        verdict.double_charges = sum(count - 1 for count in per_invoice.values() if count > 1)
        open_states = ("succeeded", "needs_review")
        verdict.never_marked_paid = sum(state_of[payment_id] not in open_states for payment_id in charges)
        verdict.marked_without_charge = sum(
            row["state"] == "succeeded" and not charges[str(row["payment_id"])] for row in rows
        )
        verdict.settled = sum(row["state"] in ("succeeded", "failed", "canceled") for row in rows)
        verdict.in_review = sum(row["state"] == "needs_review" for row in rows)
        verdict.unfinished = sum(row["next_step_at"] is not None for row in rows)
        verdict.marked_without_charge += sum(
            paid[invoice_id] > 33900 * per_invoice[invoice_id] for invoice_id in self.invoices
        )

    def _charges(self) -> Counter[str]:
        """By payment: read from the provider's disk, not by asking it."""
        with contextlib.closing(sqlite3.connect(self.file)) as book:
            rows = book.execute(
                "SELECT json_extract(body, '$.metadata.collection_id') FROM document WHERE kind = 'charge'"
            ).fetchall()
        return Counter(row[0] for row in rows)

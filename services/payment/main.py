"""The payment service: receivables, payments, refunds, the ledger.

`python -m services.payment.main` runs it; `python -m services.payment.main prove [workspace id]` recomputes
every identity of money, with POSTGRES_WORKER_DSN.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from fastapi import FastAPI

from services.payment.allocations import api as allocations
from services.payment.bank_accounts import api as bank_accounts
from services.payment.bank_imports import api as bank_imports
from services.payment.bank_lines import api as bank_lines
from services.payment.bank_lines.workers import LineMatcher
from services.payment.checkouts import api as checkouts
from services.payment.checkouts.operations import CheckoutTimes
from services.payment.collections import api as collections
from services.payment.collections.consumers import dunning
from services.payment.collections.consumers import invoice as charged_invoice
from services.payment.collections.domain.collection import Delays
from services.payment.collections.workers import Collector, Limits
from services.payment.common import consumers as workspace
from services.payment.common.api import Tools
from services.payment.common.repository.due import next_due_at
from services.payment.common.workers import measure
from services.payment.contacts import consumers as contact
from services.payment.credit_balances import api as credit_balances
from services.payment.ledger import api as ledger
from services.payment.ledger import operations as proofs
from services.payment.ledger.repository.identities import Finding
from services.payment.ledger.workers import LedgerWatch
from services.payment.payment_methods.api import routes as payment_methods
from services.payment.payment_methods.api import setup_intents
from services.payment.payment_methods.workers import PaymentMethods
from services.payment.payments.api import routes as payments
from services.payment.payments.api import undoing as payment_undoing
from services.payment.provider_connections import api as provider_connections
from services.payment.provider_connections.operations import Providers
from services.payment.provider_events import api as provider_webhooks
from services.payment.provider_events.workers import ProviderEvents
from services.payment.receivables.api import openings
from services.payment.receivables.api import routes as receivables
from services.payment.receivables.consumers import credit_note, invoice
from services.payment.refunds import api as refunds
from services.payment.refunds.workers import RefundSender
from services.payment.released_credits import consumers as subscription
from services.payment.sandbox.api import bank as sandbox
from services.payment.sandbox.api import bank_statements as sandbox_statements
from services.payment.sandbox.api import pages as sandbox_pages
from services.payment.sandbox.providers.sandbox import SandboxProvider
from services.payment.sandbox.repository import TableStore
from services.payment.settings import PaymentSettings
from services.payment.statements import api as payment_batches
from shared.environment import read_settings, require_variable
from shared.http.client import ServiceClient
from shared.kernel.key_ring import KeyRing
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.postgres.next_due import next_due_in
from shared.postgres.pool import PoolLimits, create_pool
from shared.postgres.transaction import Database
from shared.runtime.exposition import while_watched
from shared.runtime.service import Parts, Service, build, run
from shared.runtime.settings import DSN_EXAMPLE, Role
from shared.runtime.worker import Worker

EXAMPLES = Path(__file__).parent / "static" / "examples.json"

# A proof reads every row there is.
_PROOF_LIMITS = PoolLimits(min_size=1, max_size=1, statement_timeout_seconds=3600)

# Collections before the payments: /{payment_id} would take /collect for an id.
ROUTERS = [
    module.router
    for module in (
        collections,
        payment_batches,
        payment_undoing,
        payments,
        allocations,
        refunds,
        receivables,
        openings,
        credit_balances,
        ledger,
        setup_intents,
        payment_methods,
        provider_connections,
        provider_webhooks,
        checkouts,
        bank_accounts,
        bank_imports,
        bank_lines,
        sandbox_pages,
        sandbox,
        sandbox_statements,
    )
]


def make(role: Role) -> tuple[FastAPI, PaymentSettings]:
    """The service's app for this role, and its settings."""
    settings = read_settings(PaymentSettings)
    handlers = Handlers()
    # In this order: a clock's move is measured before it is stored, an invoice opened before it is charged.
    for heard in (
        workspace,
        workspaces,
        contact,
        invoice,
        charged_invoice,
        credit_note,
        dunning,
        subscription,
    ):
        handlers.include(heard.handlers)
    wiring = Wiring(settings, role)

    def resources(parts: Parts, app: FastAPI) -> Sequence[Callable[[], Awaitable[object]]]:
        client = ServiceClient("invoice", settings.invoice_url, settings.upstream_timeout_seconds)
        app.state.invoice_service = client
        return [client.close, *wiring.resources(parts, app)]

    service = Service(
        name="payment",
        title="Payments",
        settings=settings,
        routers=ROUTERS,
        gathered=[payments.gathered()],
        examples=EXAMPLES,
        handlers=handlers,
        workers=wiring.workers,
        next_due_at=next_due_at,
        resources=resources,
        pruned={"provider_event": ("received_at", settings.provider_event_retention_days)},
    )
    return build(service, role), settings


@dataclass(slots=True)
class Wiring:
    """What is made once the pools are open, and what of it repeats its steps."""

    settings: PaymentSettings
    role: Role
    collecting: list[Worker] = field(default_factory=list)

    def resources(self, parts: Parts, app: FastAPI) -> list[Callable[[], Awaitable[object]]]:
        """The providers and, where there are workers, what collects through them; closed in reverse order."""
        ring = KeyRing.parse(self.settings.encryption_keys)
        providers = make_providers(self.settings, parts, ring)
        app.state.key_ring = ring
        app.state.tools = Tools(providers, delays_of(self.settings), times_of(self.settings))
        if self.role == "api":
            return [providers.close]
        return [providers.close, self._collector(parts, providers).close]

    def workers(self, _: Parts) -> Sequence[Worker]:
        """Everything that the clock sets going."""
        return self.collecting

    def _collector(self, parts: Parts, providers: Providers) -> Collector:
        settings, database = self.settings, parts.worker
        lease = timedelta(seconds=settings.collection_lease_seconds)
        limits = Limits(settings.collection_slots, lease)
        collector = Collector(database, providers, delays_of(settings), limits)
        catch_up_every = timedelta(seconds=settings.provider_catch_up_seconds)
        events = ProviderEvents(database, providers, catch_up_every=catch_up_every)
        refunds = RefundSender(database, providers, delays_of(settings), lease)
        methods = PaymentMethods(database, providers)
        every_seconds = settings.payment_method_interval_seconds
        outdated_seconds = settings.collection_outdated_interval_seconds
        self.collecting += [
            Worker(
                "collect",
                collector.step,
                settings.collection_poll_seconds,
                follows_clocks=True,
                next_due_in=next_due_in(database, "collection", "next_step_at"),
            ),
            Worker("outdated-collections", collector.cancel_outdated, outdated_seconds, follows_clocks=True),
            Worker(
                "provider-events",
                events.step,
                settings.provider_events_poll_seconds,
                follows_clocks=True,
                next_due_in=next_due_in(database, "provider_event", "next_step_at"),
            ),
            Worker("provider-catch-up", events.catch_up, settings.provider_catch_up_seconds / 4),
            Worker("send-refunds", refunds.step, settings.refund_poll_seconds, follows_clocks=True),
            Worker("expiring-methods", methods.announce, every_seconds, follows_clocks=True),
            Worker("detach-methods", methods.detach, every_seconds),
            Worker("match-bank-lines", LineMatcher(database).step, settings.bank_lines_poll_seconds),
            Worker(
                "measure-payments",
                while_watched(partial(measure, database)),
                settings.gauges_interval_seconds,
            ),
            Worker("watch-ledger", LedgerWatch(database).step, settings.ledger_watch_interval_seconds),
        ]
        return collector


def make_providers(settings: PaymentSettings, parts: Parts, ring: KeyRing) -> Providers:
    """The providers of all workspaces."""
    store = TableStore(parts.api)
    slow_seconds = settings.sandbox_slow_seconds
    return Providers(
        ring,
        lambda workspace_id: SandboxProvider(store, str(workspace_id), slow_seconds),
        settings.stripe_api_base,
        settings.provider_timeout_seconds,
    )


def times_of(settings: PaymentSettings) -> CheckoutTimes:
    """How long checkouts may take to open, and stay open."""
    return CheckoutTimes(
        timedelta(seconds=settings.collection_lease_seconds), timedelta(seconds=settings.checkout_seconds)
    )


def delays_of(settings: PaymentSettings) -> Delays:
    """How long collections wait between steps."""
    return Delays.parse(
        settings.collection_retry_delays_seconds,
        settings.collection_lookup_delays_seconds,
        settings.collection_processing_delays_seconds,
        str(settings.collection_action_seconds),
    )


def prove(arguments: Sequence[str]) -> int:
    """`prove [workspace id]`: print how every identity of money stands; 1 where one does not hold."""
    workspace_id = UUID(arguments[0]) if arguments else None
    dsn = require_variable("POSTGRES_WORKER_DSN", DSN_EXAMPLE)

    async def run_proof() -> list[Finding]:
        async with await create_pool(dsn, "payment-prove", _PROOF_LIMITS) as pool:
            async with Database(pool).transaction() as tx:
                return await proofs.prove(tx, workspace_id)

    findings = asyncio.run(run_proof())
    sys.stdout.write(proofs.report(findings) + "\n")
    return int(any(finding.fault_count for finding in findings))


if __name__ == "__main__":
    if sys.argv[1:2] == ["prove"]:
        sys.exit(prove(sys.argv[2:]))
    run(make, "payment")

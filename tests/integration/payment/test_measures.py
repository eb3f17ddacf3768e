"""What alerts are about is measured: unknown and overdue collections, and ledgers that are wrong."""

from typing import Any

import asyncpg
import httpx

from services.payment import metrics
from services.payment.common.workers import measure
from services.payment.ledger.workers import LedgerWatch
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.conftest import Databases
from tests.integration.payment.conftest import Issue, paid

_WORKSPACE = """INSERT INTO workspace (workspace_id, sequence, slug, mode, zone, currency, clock_offset_ms)
    VALUES ($1, 1, $2, 'live', 'Europe/Amsterdam', 'EUR', 0)"""
_UNKNOWN = """
WITH method AS (
    INSERT INTO payment_method (workspace_id, id, version, created_at, updated_at, provider, mode, type,
        status, is_default, external_id, customer_reference, metadata)
    VALUES ($1, $2, 1, now(), now(), 'sandbox', 'live', 'card', 'active', false, 'pm', 'cus', '{}')
), payment AS (
    INSERT INTO payment (workspace_id, id, version, created_at, updated_at, contact_id, state, amount_minor,
        unallocated_minor, currency, method, paid_on, invoice_id, provider)
    SELECT workspace_id, $2, 1, now(), now() - interval '20 minutes', contact_id, 'unknown', 100, 0, 'EUR',
        'card', now(), invoice_id, 'sandbox' FROM receivable
)
INSERT INTO collection (workspace_id, payment_id, invoice_id, payment_method_id, provider, mode,
    method_reference, customer_reference, amount_minor, currency, state, is_automatic, next_step_at)
SELECT $1, $2, invoice_id, $2, 'sandbox', 'live', 'pm', 'cus', 100, 'EUR', 'unknown', false,
    now() - interval '10 minutes' FROM receivable
"""


def value(metric: Any) -> float:
    (sample,) = metric.collect()[0].samples
    return float(sample.value)


async def test_unknown_and_overdue_collections_are_measured(
    service: RunningService, databases: Databases, who: Principal, issue: Issue
) -> None:
    await issue(total_minor=100)
    async with service.parts.worker.transaction() as tx:
        await tx.execute("SET CONSTRAINTS ALL DEFERRED")
        await tx.execute(_UNKNOWN, who.workspace_id, new_id())

    await measure(service.parts.worker)

    assert value(metrics.COLLECTIONS.labels("unknown", "live")) == 1
    assert value(metrics.COLLECTIONS.labels("unknown", "test")) == 0
    assert 1200 <= value(metrics.UNKNOWN_OLDEST) < 1300
    assert 600 <= value(metrics.OVERDUE.labels("collection")) < 700


async def test_a_ledger_that_differs_from_its_rows_is_noticed_until_it_is_right_again(
    service: RunningService, client: httpx.AsyncClient, databases: Databases, who: Principal, issue: Issue
) -> None:
    invoice = await issue(total_minor=1000)
    await paid(client, invoice_id=str(invoice.id), amount_minor=400)
    async with service.parts.worker.transaction() as tx:
        await tx.execute(_WORKSPACE, who.workspace_id, new_id().hex)
    watch = LedgerWatch(service.parts.worker)
    admin = await asyncpg.connect(databases.admin_dsn)
    found = []

    for change in (0, 1, -1):
        await admin.execute("UPDATE payment.receivable SET total_minor = total_minor + $1", change)
        await watch.step()
        found.append(value(metrics.LEDGER_WRONG))
    await admin.close()

    assert found == [0, 1, 0]

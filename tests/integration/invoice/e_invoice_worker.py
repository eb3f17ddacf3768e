"""A worker of e-invoices that dies at a named point: `python -m tests.integration.invoice.e_invoice_worker`.

Its arguments: the DSN of the api role, that of the worker role, and the point.
"""

import asyncio
import os
import signal
import sys
from datetime import timedelta

from services.invoice.e_invoices.domain.e_invoice import StepDelays
from services.invoice.e_invoices.operations.access_points import AccessPoints
from services.invoice.e_invoices.validation.process import ValidationProcess
from services.invoice.e_invoices.workers.send import EInvoiceLimits, EInvoiceSender
from services.invoice.sandbox.access_point import SandboxAccessPoint
from services.invoice.sandbox.access_point_network import TableNetwork
from shared.kernel.key_ring import KeyRing
from shared.postgres.pool import PoolLimits, create_pool
from shared.postgres.transaction import Database
from tests.integration.invoice.e_invoicing import AT_ONCE, no_findings

LEASE_SECONDS = 1


async def main(api_dsn: str, worker_dsn: str, point: str) -> None:
    """One step, which does not end."""

    def reach(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    api = Database(await create_pool(api_dsn, "test", PoolLimits(min_size=1, max_size=4)))
    worker = Database(await create_pool(worker_dsn, "test", PoolLimits(min_size=1, max_size=4)))
    points = AccessPoints(
        KeyRing.parse(f"k1:{'A' * 43}="),
        ValidationProcess(),
        lambda workspace_id, _: SandboxAccessPoint(TableNetwork(api, workspace_id), no_findings),
    )
    delays = StepDelays(AT_ONCE, AT_ONCE, AT_ONCE, AT_ONCE[:1])
    limits = EInvoiceLimits(8, timedelta(seconds=LEASE_SECONDS))
    sender = EInvoiceSender(worker, points, delays, limits, reach=reach)
    await sender.step()
    await sender.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""The clock over usage: what periods that are over come to is billed."""

from datetime import datetime, timedelta

import structlog

from services.subscription_renewal import metrics
from services.subscription_renewal.charges.operations.billing import bill_usage
from services.subscription_renewal.charges.repository import usage_periods
from services.subscription_renewal.charges.repository.usage_periods import DueUsage
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError, Unavailable
from shared.messaging import workspaces
from shared.messaging.work import begin
from shared.postgres.transaction import Database

AT_ONCE = 200
LATER = timedelta(hours=1)
# What one subscription's own data can raise: it is looked at later, and the others are not held up.
_FAULTS = (BillingError, ArithmeticError, LookupError, ValueError)
log = structlog.get_logger()


async def bill_due_usage(database: Database, grace: timedelta, now: datetime | None = None) -> bool:
    """Bill the usage that is due when it is really `now`; returns whether there may be more."""
    now = now or Clock().now()
    async with database.transaction() as tx:
        found = await usage_periods.due(tx, now, AT_ONCE)
    for due in found:
        await _bill(database, due, grace)
    return bool(found)


async def next_usage_in(database: Database, now: datetime | None = None) -> float | None:
    """In how many seconds usage is to be billed next, on its workspace's clock; negative: it is overdue."""
    async with database.transaction() as tx:
        wait = await usage_periods.next_in(tx, now or Clock().now())
    return None if wait is None else wait.total_seconds()


async def _bill(database: Database, due: DueUsage, grace: timedelta) -> None:
    # A sandbox's usage is counted when it is answered: nothing is under way that a period must wait for.
    waits = timedelta(0) if due.is_sandbox else grace
    try:
        async with begin(database) as unit:
            work = await workspaces.work_of(unit, due.workspace_id)
            await bill_usage(work, due.subscription_id, due.as_of, waits)
    except Unavailable:
        raise
    except _FAULTS as error:
        metrics.USAGE_BILLS.labels("postponed").inc()
        log.error("usage.not_billed", subscription_id=str(due.subscription_id), error=repr(error))
        async with database.transaction() as tx:
            await usage_periods.postpone(tx, due.workspace_id, due.subscription_id, due.as_of + LATER)
        return
    metrics.USAGE_BILLS.labels("billed").inc()

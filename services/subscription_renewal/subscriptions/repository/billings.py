"""SQL of what was billed: one row for each period or change that was handed to the invoice service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import asyncpg

from services.subscription_renewal.subscriptions.domain.billed import Billed
from services.subscription_renewal.subscriptions.domain.cycle import Change, PeriodBilledBefore
from shared.postgres.listing import Found, Listing, Window, in_order
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

_INSERT = Statement("""
INSERT INTO billing (workspace_id, subscription_id, sequence, reason, period_start, period_end, billed_at,
    currency, amount_minor, run_id)
SELECT * FROM unnest(:workspace_id::uuid[], :subscription_id::uuid[], :sequence::bigint[], :reason::text[],
    :period_start::timestamptz[], :period_end::timestamptz[], :billed_at::timestamptz[], :currency::text[],
    :amount_minor::bigint[], :run_id::uuid[])
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Whose."""

    subscription_id: Annotated[UUID, in_order("subscription_id = :subscription_id")]


_LIST = Listing(Filter, "billing", ", ".join(Billed._fields), key="sequence")


async def insert(
    tx: Connection, changes: Sequence[Change], run_ids: Mapping[UUID, UUID] | None = None
) -> None:
    """Store what these changes bill, in the runs of their workspaces; raises PeriodBilledBefore."""
    runs = run_ids or {}
    billed = [row for one in changes if (row := Billed.of(one, runs.get(one.subscription.workspace_id)))]
    if not billed:
        return
    try:
        await _INSERT.execute_many(tx, billed)
    except asyncpg.UniqueViolationError as error:
        raise PeriodBilledBefore from error


async def of_subscription(
    tx: Connection, workspace_id: UUID, subscription_id: UUID, window: Window
) -> Found[Billed]:
    """What was billed of the subscription, newest first."""
    wanted = Filter(subscription_id=subscription_id)
    return await _LIST.find(tx, workspace_id, wanted, window, lambda row: Billed(**row))

"""SQL of usage periods: which are to be looked at, and what was billed of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.subscription_renewal.charges.domain.usage_period import PeriodState, UsagePeriod
from shared.postgres.named import Statement
from shared.postgres.pool import Connection, Row

_COLUMNS = (
    "workspace_id, charge_id, from_at, subscription_id, until_at, nominal_from, nominal_until, state, "
    "look_at, billed_quantity, billed_minor"
)
_STORE = Statement(f"""
INSERT INTO usage_period ({_COLUMNS})
SELECT * FROM unnest(:workspace_id::uuid[], :charge_id::uuid[], :from_at::timestamptz[],
    :subscription_id::uuid[], :until_at::timestamptz[], :nominal_from::timestamptz[],
    :nominal_until::timestamptz[], :state::text[], :look_at::timestamptz[], :billed_quantity::numeric[],
    :billed_minor::bigint[])
ON CONFLICT (workspace_id, charge_id, from_at) DO UPDATE SET until_at = excluded.until_at,
    state = excluded.state, look_at = excluded.look_at, billed_quantity = excluded.billed_quantity,
    billed_minor = excluded.billed_minor
""")
# Hops from workspace to workspace in the index of what is to be looked at.
_CLOCKED = """
WITH RECURSIVE hop AS (
    (SELECT workspace_id FROM usage_period WHERE state <> 'final' ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT p.workspace_id FROM usage_period p
            WHERE p.workspace_id > hop.workspace_id AND p.state <> 'final' ORDER BY p.workspace_id LIMIT 1)
    FROM hop WHERE hop.workspace_id IS NOT NULL
), clocked AS (
    SELECT hop.workspace_id, coalesce(mode, 'live') = 'sandbox' AS is_sandbox,
           $1::timestamptz + coalesce(clock_offset_ms, 0) * interval '1 millisecond' AS as_of
    FROM hop LEFT JOIN workspace USING (workspace_id) WHERE hop.workspace_id IS NOT NULL
)
"""
_DUE = f"""{_CLOCKED}
SELECT DISTINCT clocked.workspace_id, subscription_id, as_of, is_sandbox
FROM clocked CROSS JOIN LATERAL (
    SELECT subscription_id FROM usage_period p
    WHERE p.workspace_id = clocked.workspace_id AND state <> 'final' AND look_at <= as_of
    ORDER BY look_at LIMIT $2) AS due
LIMIT $2
"""
_NEXT = f"""{_CLOCKED}
SELECT min(first.look_at - as_of) FROM clocked CROSS JOIN LATERAL (
    SELECT look_at FROM usage_period p WHERE p.workspace_id = clocked.workspace_id AND state <> 'final'
    ORDER BY look_at LIMIT 1) AS first
"""


@dataclass(frozen=True, slots=True)
class DueUsage:
    """A subscription whose usage is to be looked at, when it is `as_of` in its workspace."""

    workspace_id: UUID
    subscription_id: UUID
    as_of: datetime
    is_sandbox: bool


async def store(tx: Connection, periods: Sequence[UsagePeriod]) -> None:
    """Store periods as they are now."""
    if periods:
        await _STORE.execute_many(tx, periods)


async def due(tx: Connection, now: datetime, limit: int) -> list[DueUsage]:
    """Whose usage is to be looked at when it is really `now`."""
    return [DueUsage(**row) for row in await tx.fetch(_DUE, now, limit)]


async def next_in(tx: Connection, now: datetime) -> timedelta | None:
    """How long from `now` until the first is to be looked at; negative: it is already; None: none ever is."""
    wait: timedelta | None = await tx.fetchval(_NEXT, now)
    return wait


async def not_final(tx: Connection, workspace_id: UUID, subscription_id: UUID) -> list[UsagePeriod]:
    """The subscription's periods that still may change, in the order of their time."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM usage_period WHERE workspace_id = $1 AND subscription_id = $2 "
        "AND state <> 'final' ORDER BY from_at, charge_id",
        workspace_id,
        subscription_id,
    )
    return [_to_period(row) for row in rows]


async def newest(tx: Connection, workspace_id: UUID, subscription_id: UUID, limit: int) -> list[UsagePeriod]:
    """The subscription's last periods, newest first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM usage_period WHERE workspace_id = $1 AND subscription_id = $2 "
        "ORDER BY from_at DESC, charge_id LIMIT $3",
        workspace_id,
        subscription_id,
        limit,
    )
    return [_to_period(row) for row in rows]


async def hasten(tx: Connection, subscriptions: Sequence[tuple[UUID, UUID, datetime]]) -> None:
    """Have the open periods of these, which ended at these instants, looked at as after any other end."""
    await tx.execute(
        """UPDATE usage_period p SET look_at = least(p.look_at, o.ended_at + (p.look_at - p.until_at))
        FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
            AS o (workspace_id, subscription_id, ended_at)
        WHERE p.workspace_id = o.workspace_id AND p.subscription_id = o.subscription_id
          AND p.state = 'open'""",
        *([list(column) for column in zip(*subscriptions, strict=True)]),
    )


async def postpone(tx: Connection, workspace_id: UUID, subscription_id: UUID, until: datetime) -> None:
    """Look at what is due of it later: something was wrong."""
    await tx.execute(
        "UPDATE usage_period SET look_at = $3 WHERE workspace_id = $1 AND subscription_id = $2 "
        "AND state <> 'final' AND look_at < $3",
        workspace_id,
        subscription_id,
        until,
    )


async def earliest(tx: Connection, workspace_id: UUID) -> datetime | None:
    """When usage of the workspace is looked at next."""
    found: datetime | None = await tx.fetchval(
        "SELECT min(look_at) FROM usage_period WHERE workspace_id = $1 AND state <> 'final'", workspace_id
    )
    return found


def _to_period(row: Row) -> UsagePeriod:
    return UsagePeriod(**{**row, "state": PeriodState(row["state"])})

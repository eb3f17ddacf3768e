"""SQL of billings that wait."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.invoice.billings.domain import waiting_billing as rules
from services.invoice.billings.domain.waiting_billing import Claimed, Problem, WaitingBilling
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_SHOWN = """id, subscription_id, contact_id, reason, period_start, period_end, problem_code, problem,
    attempt_count, first_attempt_at, next_attempt_at"""
_HOLD = """
INSERT INTO waiting_billing (workspace_id, id, subscription_id, sequence, contact_id, reason, period_start,
    period_end, event_type, event, problem_code, problem, attempt_count, next_attempt_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, now() + $14)
ON CONFLICT (workspace_id, subscription_id, sequence) DO UPDATE SET
    problem_code = excluded.problem_code, problem = excluded.problem,
    attempt_count = excluded.attempt_count, next_attempt_at = excluded.next_attempt_at
WHERE waiting_billing.attempt_count < excluded.attempt_count
"""
_CLAIM = """
SELECT event_type, event, attempt_count FROM waiting_billing WHERE next_attempt_at <= now()
ORDER BY next_attempt_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
"""


async def hold(tx: Connection, problems: Sequence[Problem], attempt_counts: Sequence[int]) -> None:
    """Keep these billings, tried so often by now, until they can be billed."""
    rows = [_row(*one) for one in zip(problems, attempt_counts, strict=True)]
    if rows:
        await tx.executemany(_HOLD, rows)


async def claim(tx: Connection, limit: int) -> list[Claimed]:
    """Up to `limit` billings whose next attempt is due, locked, longest due first."""
    rows = await tx.fetch(_CLAIM, limit)
    return [rules.claimed(*row) for row in rows]


async def remove(tx: Connection, done: Sequence[Claimed]) -> None:
    """Let go of billings that have their invoice."""
    await tx.execute(
        """DELETE FROM waiting_billing USING unnest($1::uuid[], $2::uuid[]) AS done (workspace_id, id)
        WHERE waiting_billing.workspace_id = done.workspace_id AND waiting_billing.id = done.id""",
        [one.billed.workspace_id for one in done],
        [one.billed.id for one in done],
    )


async def hurry(tx: Connection, workspace_id: UUID) -> None:
    """Let all of the workspace's billings be tried again at once: something of it has changed."""
    await tx.execute(
        "UPDATE waiting_billing SET next_attempt_at = now() WHERE workspace_id = $1", workspace_id
    )


async def hurry_one(tx: Connection, workspace_id: UUID, billing_id: UUID) -> None:
    """Let this one be tried again at once; raises NotFound."""
    done = await tx.fetchval(
        "UPDATE waiting_billing SET next_attempt_at = now() WHERE workspace_id = $1 AND id = $2 RETURNING 1",
        workspace_id,
        billing_id,
    )
    if done is None:
        raise_not_found("waiting billing", billing_id)


async def find(
    tx: Connection, workspace_id: UUID, subscription_id: UUID | None, part: dict[str, Any]
) -> list[WaitingBilling]:
    """The workspace's billings that wait, newest first."""
    rows = await tx.fetch(
        f"""SELECT {_SHOWN} FROM waiting_billing WHERE workspace_id = $1
        AND ($2::uuid IS NULL OR subscription_id = $2) AND ($3::uuid IS NULL OR id < $3)
        ORDER BY id DESC LIMIT $4 OFFSET $5""",
        workspace_id,
        subscription_id,
        part["after"],
        part["limit"],
        part["offset"],
    )
    return [WaitingBilling(**row) for row in rows]


async def count(tx: Connection, workspace_id: UUID | None = None, subscription_id: UUID | None = None) -> int:
    """How many wait: of a workspace, or of all."""
    found: int = await tx.fetchval(
        """SELECT count(*) FROM waiting_billing WHERE ($1::uuid IS NULL OR workspace_id = $1)
        AND ($2::uuid IS NULL OR subscription_id = $2)""",
        workspace_id,
        subscription_id,
    )
    return found


def _row(problem: Problem, attempt_count: int) -> tuple[Any, ...]:
    billed, data = problem.billed, problem.billed.data
    return (
        billed.workspace_id,
        billed.id,
        data.id,
        data.version,
        data.contact_id,
        data.billing.reason,
        data.billing.period_start,
        data.billing.period_end,
        billed.type,
        billed.encode(),
        problem.error.code,
        problem.error.detail,
        attempt_count,
        rules.pause(attempt_count),
    )

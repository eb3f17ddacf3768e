"""SQL of subscriptions: how they become rows and rows become them, one at a time or listed."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.proration import Segment
from services.subscription_renewal.subscriptions.domain.subscription import (
    Status,
    Subscription,
    SubscriptionExternalIdTaken,
)
from shared.kernel.errors import raise_not_found
from shared.kernel.pricing import USUAL_ROUNDING, Rounding
from shared.postgres.pool import Connection

_NAMES = (
    "id version created_at updated_at contact_id currency status lines interval interval_count timezone "
    "start_at anchor_at period_index trial_end current_period_start current_period_end next_billing_at "
    "collection_method payment_method_id payment_terms_days cancel_at_period_end scheduled_change "
    "pending_lines catch_up parked_reason parked_at external_id metadata paused_at keeps_anchor canceled_at "
    "ended_at segments changes_from_at billed_on billed_count last_amount_minor"
).split()
_COLUMNS = ", ".join("interval_unit" if name == "interval" else name for name in _NAMES)
_PLACES = ", ".join(f"${number}" for number in range(2, len(_NAMES) + 2))
# Rounding is the business's, of today: asked for beside each row, and left out where nothing was heard of it.
_ROUNDING = """(SELECT ARRAY[rounding_level, rounding_mode] FROM business_copy b
    WHERE b.workspace_id = subscription.workspace_id) AS rounding"""
COLUMNS = f"workspace_id, {_COLUMNS}, {_ROUNDING}"
_FILTERS = """workspace_id = $1
  AND ($2::text[] IS NULL OR status = ANY($2))
  AND ($3::uuid IS NULL OR contact_id = $3)
  AND ($4::text IS NULL OR external_id = $4)
  AND ($5::jsonb IS NULL OR lines @> $5)
  AND ($6::timestamptz IS NULL OR next_billing_at < $6)
  AND ($7::timestamptz IS NULL OR next_billing_at >= $7)
  AND ($8::boolean IS NULL OR (parked_reason IS NOT NULL) = $8)
  AND ($9::text IS NULL OR contact_id IN (
      SELECT contact_id FROM contact_copy
      WHERE workspace_id = $1 AND (name ILIKE $9 OR external_id = $10)))"""


async def get(tx: Connection, workspace_id: UUID, subscription_id: UUID) -> Subscription:
    """The subscription; raises NotFound."""
    return await _one(tx, workspace_id, subscription_id, "")


async def lock(tx: Connection, workspace_id: UUID, subscription_id: UUID) -> Subscription:
    """The subscription, locked against other changes; raises NotFound."""
    return await _one(tx, workspace_id, subscription_id, "FOR NO KEY UPDATE")


async def lock_if_known(tx: Connection, workspace_id: UUID, subscription_id: UUID) -> Subscription | None:
    """The subscription, locked; None where there is none."""
    row = await _row(tx, workspace_id, subscription_id, "FOR NO KEY UPDATE")
    return of_row(row) if row else None


async def insert(tx: Connection, subscription: Subscription) -> None:
    """Store a new subscription; raises SubscriptionExternalIdTaken."""
    try:
        await tx.execute(
            f"INSERT INTO subscription (workspace_id, {_COLUMNS}) VALUES ($1, {_PLACES})",
            *_values(subscription),
        )
    except asyncpg.UniqueViolationError as error:
        raise SubscriptionExternalIdTaken(field="external_id") from error


async def update(tx: Connection, subscription: Subscription) -> None:
    """Store a changed subscription; raises SubscriptionExternalIdTaken."""
    try:
        await tx.execute(
            f"UPDATE subscription SET ({_COLUMNS}) = ROW({_PLACES}) WHERE workspace_id = $1 AND id = $2",
            *_values(subscription),
        )
    except asyncpg.UniqueViolationError as error:
        raise SubscriptionExternalIdTaken(field="external_id") from error


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[Subscription]:
    """Subscriptions, newest first.

    By `status` (several), `contact_id`, `external_id`, `product_id`, `next_billing_before` and `_from`,
    `parked`, `q` (the contact's name or external id), and the slice.
    """
    rows = await tx.fetch(
        f"""SELECT {COLUMNS} FROM subscription WHERE {_FILTERS}
        AND ($11::uuid IS NULL OR id < $11) ORDER BY id DESC LIMIT $12 OFFSET $13""",
        workspace_id,
        *_filter_values(filters),
        filters["after"],
        filters["limit"],
        filters["offset"],
    )
    return [of_row(row) for row in rows]


async def count(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> int:
    """How many subscriptions the filters find."""
    found: int = await tx.fetchval(
        f"SELECT count(*) FROM subscription WHERE {_FILTERS}", workspace_id, *_filter_values(filters)
    )
    return found


async def parked(tx: Connection, workspace_id: UUID, limit: int) -> list[Subscription]:
    """Subscriptions that are parked, longest first."""
    rows = await tx.fetch(
        f"""SELECT {COLUMNS} FROM subscription WHERE workspace_id = $1 AND parked_reason IS NOT NULL
        ORDER BY parked_at, id LIMIT $2""",
        workspace_id,
        limit,
    )
    return [of_row(row) for row in rows]


def of_row(row: Any) -> Subscription:
    """The subscription of a row that has COLUMNS, and maybe others after them."""
    fields = {name: row[number] for number, name in enumerate(_NAMES, 1)}
    scheduled = fields["scheduled_change"]
    fields |= {
        "status": Status(fields["status"]),
        "lines": line_rules.from_fields(fields["lines"]),
        "pending_lines": line_rules.from_fields(fields["pending_lines"]),
        "scheduled_change": rules.scheduled_of(scheduled) if scheduled else None,
        "segments": tuple(_segment(one) for one in fields["segments"]),
    }
    rounding = Rounding(*row["rounding"]) if row["rounding"] else USUAL_ROUNDING
    return Subscription(workspace_id=row["workspace_id"], rounding=rounding, **fields)


async def _one(tx: Connection, workspace_id: UUID, subscription_id: UUID, locking: str) -> Subscription:
    row = await _row(tx, workspace_id, subscription_id, locking)
    return of_row(row) if row else raise_not_found("subscription", subscription_id)


async def _row(tx: Connection, workspace_id: UUID, subscription_id: UUID, locking: str) -> Any:
    return await tx.fetchrow(
        f"SELECT {COLUMNS} FROM subscription WHERE workspace_id = $1 AND id = $2 {locking}",
        workspace_id,
        subscription_id,
    )


def _values(subscription: Subscription) -> list[Any]:
    scheduled = subscription.scheduled_change
    special = {
        "lines": line_rules.to_fields(subscription.lines),
        "pending_lines": line_rules.to_fields(subscription.pending_lines),
        "scheduled_change": scheduled.model_dump(mode="json") if scheduled else None,
        "segments": [_segment_fields(one) for one in subscription.segments],
    }
    plain = [special[name] if name in special else getattr(subscription, name) for name in _NAMES]
    return [subscription.workspace_id, *plain]


def _segment(fields: dict[str, Any]) -> Segment:
    lines = line_rules.from_fields(fields["lines"])
    return Segment(datetime.fromisoformat(fields["at"]), fields["left"], fields["whole"], lines)


def _segment_fields(one: Segment) -> dict[str, Any]:
    lines = line_rules.to_fields(one.lines)
    return {"at": one.at.isoformat(), "left": one.left, "whole": one.whole, "lines": lines}


def _filter_values(filters: dict[str, Any]) -> tuple[Any, ...]:
    product_id = filters["product_id"]
    return (
        filters["status"],
        filters["contact_id"],
        filters["external_id"],
        [{"product_id": str(product_id)}] if product_id else None,
        filters["next_billing_before"],
        filters["next_billing_from"],
        filters["parked"],
        _anywhere(filters["q"]),
        filters["q"],
    )


def _anywhere(text: str | None) -> str | None:
    if text is None:
        return None
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"

"""SQL of subscriptions: how they become rows and rows become them, one at a time or listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg

from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain.proration import Segment
from services.subscription_renewal.subscriptions.domain.subscription import (
    Subscription,
    SubscriptionExternalIdTaken,
    SubscriptionState,
)
from shared.kernel.errors import raise_not_found
from shared.kernel.json import JsonMapping
from shared.kernel.pricing import USUAL_ROUNDING, Rounding
from shared.postgres import search
from shared.postgres.listing import Found, Listing, Window, in_order, where, where_by
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = (
    "id version created_at updated_at contact_id currency status lines interval interval_count timezone "
    "start_at anchor_at period_index trial_end current_period_start current_period_end next_billing_at "
    "collection_method payment_method_id payment_terms_days cancel_at_period_end scheduled_change "
    "pending_lines catch_up parked_reason parked_at external_id metadata paused_at keeps_anchor canceled_at "
    "ended_at segments changes_from_at billed_on billed_count last_amount_minor"
).split()
_COLUMNS = ", ".join("interval_unit" if name == "interval" else name for name in _NAMES)
# Rounding is the business's, of today: asked for beside each row, and left out where nothing was heard of it.
_ROUNDING = """(SELECT ARRAY[rounding_level, rounding_mode] FROM business_copy b
    WHERE b.workspace_id = subscription.workspace_id) AS rounding"""
COLUMNS = f"workspace_id, {_COLUMNS}, {_ROUNDING}"
_INSERT = Statement(
    f"INSERT INTO subscription (workspace_id, {_COLUMNS}) VALUES (:workspace_id, {places(_NAMES)})"
)
_UPDATE = Statement(f"""
UPDATE subscription SET ({_COLUMNS}) = ROW({places(_NAMES)}) WHERE workspace_id = :workspace_id AND id = :id
""")
_OF_CONTACT = """(SELECT {0} FROM contact_copy c WHERE c.workspace_id = :workspace_id
    AND c.contact_id = subscription.contact_id)"""


def _line_of(product_id: UUID) -> list[dict[str, str]]:
    return [{"product_id": str(product_id)}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which subscriptions; `q` are beginnings of words of the contact's name, or its external id."""

    status: Annotated[Sequence[str] | None, where("status = ANY(:status)")] = None
    contact_id: Annotated[UUID | None, in_order("contact_id = :contact_id")] = None
    external_id: Annotated[str | None, in_order("external_id = :external_id")] = None
    product_id: Annotated[
        UUID | None,
        where(
            "lines @> :line",
            found_in="""SELECT id FROM subscription_word
                WHERE workspace_id = :workspace_id AND word = search_tag(:product_id::uuid::text)""",
            line=_line_of,
        ),
    ] = None
    next_billing_before: Annotated[datetime | None, where("next_billing_at < :next_billing_before")] = None
    next_billing_from: Annotated[datetime | None, where("next_billing_at >= :next_billing_from")] = None
    is_parked: Annotated[
        bool | None, where_by({True: "parked_reason IS NOT NULL", False: "parked_reason IS NULL"})
    ] = None
    q: Annotated[
        str | None,
        where(
            search.has_words(_OF_CONTACT.format("name"), _OF_CONTACT.format("external_id")),
            found_in=search.found_in_contacts("subscription", "contact_copy"),
        ),
    ] = None
    literal: Annotated[str | None, where(search.has_literally(_OF_CONTACT.format("name")))] = None


_LIST = Listing(Filter, "subscription", COLUMNS)


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
        await _INSERT.execute(tx, subscription, **_json_of(subscription))
    except asyncpg.UniqueViolationError as error:
        raise SubscriptionExternalIdTaken(field="external_id") from error


async def update(tx: Connection, subscription: Subscription) -> None:
    """Store a changed subscription; raises SubscriptionExternalIdTaken."""
    try:
        await _UPDATE.execute(tx, subscription, **_json_of(subscription))
    except asyncpg.UniqueViolationError as error:
        raise SubscriptionExternalIdTaken(field="external_id") from error


async def find(tx: Connection, workspace_id: UUID, wanted: Filter, window: Window) -> Found[Subscription]:
    """Subscriptions, newest first."""
    return await _LIST.find(tx, workspace_id, wanted, window, of_row)


async def parked(tx: Connection, workspace_id: UUID, limit: int) -> list[Subscription]:
    """Subscriptions that are parked, longest first."""
    rows = await tx.fetch(
        f"""SELECT {COLUMNS} FROM subscription WHERE workspace_id = $1 AND parked_reason IS NOT NULL
        ORDER BY parked_at, id LIMIT $2""",
        workspace_id,
        limit,
    )
    return [of_row(row) for row in rows]


def of_row(row: asyncpg.Record) -> Subscription:
    """The subscription of a row that has COLUMNS, and maybe others after them."""
    fields = {name: row[number] for number, name in enumerate(_NAMES, 1)}
    scheduled = fields["scheduled_change"]
    fields |= {
        "status": SubscriptionState(fields["status"]),
        "lines": line_rules.from_fields(fields["lines"]),
        "pending_lines": line_rules.from_fields(fields["pending_lines"]),
        "scheduled_change": line_rules.scheduled_of(scheduled) if scheduled else None,
        "segments": tuple(_segment(one) for one in fields["segments"]),
    }
    rounding = Rounding(*row["rounding"]) if row["rounding"] else USUAL_ROUNDING
    return Subscription(workspace_id=row["workspace_id"], rounding=rounding, **fields)


async def _one(tx: Connection, workspace_id: UUID, subscription_id: UUID, locking: str) -> Subscription:
    row = await _row(tx, workspace_id, subscription_id, locking)
    return of_row(row) if row else raise_not_found("subscription", subscription_id)


async def _row(
    tx: Connection, workspace_id: UUID, subscription_id: UUID, locking: str
) -> asyncpg.Record | None:
    return await tx.fetchrow(
        f"SELECT {COLUMNS} FROM subscription WHERE workspace_id = $1 AND id = $2 {locking}",
        workspace_id,
        subscription_id,
    )


def _json_of(subscription: Subscription) -> dict[str, object]:
    """The columns that are JSON."""
    scheduled = subscription.scheduled_change
    return {
        "lines": line_rules.to_fields(subscription.lines),
        "pending_lines": line_rules.to_fields(subscription.pending_lines),
        "scheduled_change": scheduled.model_dump(mode="json") if scheduled else None,
        "segments": [_segment_fields(one) for one in subscription.segments],
    }


def _segment(fields: JsonMapping) -> Segment:
    lines = line_rules.from_fields(fields["lines"])
    return Segment(datetime.fromisoformat(fields["at"]), fields["left"], fields["whole"], lines)


def _segment_fields(one: Segment) -> dict[str, object]:
    lines = line_rules.to_fields(one.lines)
    return {"at": one.at.isoformat(), "left": one.left, "whole": one.whole, "lines": lines}

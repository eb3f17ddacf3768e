"""State changes of subscriptions that people ask for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.subscription_renewal.copies.domain.missing import ContactArchived, NotKnownHere
from services.subscription_renewal.copies.domain.product import Product
from services.subscription_renewal.copies.repository import businesses, contacts, invoices, products
from services.subscription_renewal.subscriptions.domain import calendar, cycle, pause
from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.cycle import Change, Limits
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from services.subscription_renewal.subscriptions.operations import recording, renewing
from services.subscription_renewal.subscriptions.repository import subscriptions
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.pricing import Arithmetic, Rounding
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection

Lines = Sequence[Mapping[str, Any]]


async def create_subscription(
    tx: Connection,
    workspace_id: UUID,
    fields: dict[str, Any],
    lines: Lines,
    now: datetime,
    limits: Limits,
) -> Subscription:
    """Store a new subscription and bill what is due of it at once.

    `fields` holds those of Subscription, `trial_days`, and maybe no currency: then it is the first
    product's, or `default_currency`. Raises NotKnownHere, ContactArchived, Invalid naming the field, or
    SubscriptionExternalIdTaken.
    """
    given = dict(fields)
    trial_days, default = given.pop("trial_days"), given.pop("default_currency")
    calendar.zone_of(given["timezone"])
    known, rounding = await _named(tx, workspace_id, lines, given["contact_id"])
    given["currency"] = given["currency"] or _currency_of(lines, known) or default
    made = rules.start(
        given
        | {
            "workspace_id": workspace_id,
            "id": new_id(),
            "rounding": rounding,
            "lines": line_rules.make_all(lines, known, Arithmetic(given["currency"], rounding)),
        },
        trial_days,
        now,
    )
    _require_usable_calendar(made)
    await recording.create(tx, made)
    due = cycle.renew(made, now, limits)
    return await recording.save(tx, due) if due else made


async def edit_subscription(
    tx: Connection,
    workspace_id: UUID,
    subscription_id: UUID,
    fields: Mapping[str, Any],
    now: datetime,
    limits: Limits,
    expected_version: int | None = None,
) -> Subscription:
    """Change fields, status and `cancel_at_period_end` as a PATCH names them.

    Raises NotFound, PreconditionFailed, or what pausing, resuming and canceling raise.
    """
    found = await subscriptions.lock(tx, workspace_id, subscription_id)
    require_version(found.version, expected_version)
    given = dict(fields)
    status, ends = given.pop("status", None), given.pop("cancel_at_period_end", None)
    if given:
        found = await recording.save_one(tx, found, rules.edit(found, given, now))
    if status is not None and status != found.status:
        found = await _moved_to(tx, found, status, now, limits)
    if ends is not None and ends != found.cancel_at_period_end:
        found = await (_canceled(tx, found, True, now, limits) if ends else _resumed(tx, found, now))
    return found


async def pause_subscription(
    tx: Connection,
    workspace_id: UUID,
    subscription_id: UUID,
    keep_anchor: bool,
    now: datetime,
    limits: Limits,
) -> Subscription:
    """Bill nothing until it is resumed.

    Raises NotFound, IllegalMove, SubscriptionIsParked, SubscriptionEnds or RunIsPaused.
    """
    found = await subscriptions.lock(tx, workspace_id, subscription_id)
    return await _paused(tx, found, keep_anchor, now, limits)


async def resume_subscription(
    tx: Connection, workspace_id: UUID, subscription_id: UUID, now: datetime
) -> Subscription:
    """End a pause or a cancellation to come.

    Raises NotFound, IllegalMove, SubscriptionRuns, or SubscriptionIsOver once the end has come.
    """
    return await _resumed(tx, await subscriptions.lock(tx, workspace_id, subscription_id), now)


async def cancel_subscription(
    tx: Connection,
    workspace_id: UUID,
    subscription_id: UUID,
    at_period_end: bool,
    now: datetime,
    limits: Limits,
) -> Subscription:
    """Stop at once or at the period's end.

    Raises NotFound, IllegalMove, SubscriptionIsPaused, SubscriptionIsParked or RunIsPaused.
    """
    found = await subscriptions.lock(tx, workspace_id, subscription_id)
    return await _canceled(tx, found, at_period_end, now, limits)


async def lines_of(tx: Connection, workspace_id: UUID, lines: Lines, currency: str) -> line_rules.Lines:
    """Lines at today's prices; raises NotKnownHere, or Invalid naming the field."""
    known, rounding = await _named(tx, workspace_id, lines)
    return line_rules.make_all(lines, known, Arithmetic(currency, rounding))


async def _moved_to(
    tx: Connection, found: Subscription, status: str, now: datetime, limits: Limits
) -> Subscription:
    if status == "paused":
        return await _paused(tx, found, True, now, limits)
    if status == "canceled":
        return await _canceled(tx, found, False, now, limits)
    return await _resumed(tx, found, now)


async def _paused(
    tx: Connection, found: Subscription, keep_anchor: bool, now: datetime, limits: Limits
) -> Subscription:
    found = await renewing.settled(tx, found, now, limits)
    return await recording.save_one(tx, found, pause.pause(found, keep_anchor, now))


async def _resumed(tx: Connection, found: Subscription, now: datetime) -> Subscription:
    # It is locked: a failure that is heard of meanwhile comes after this, and looks again.
    is_owed = await invoices.is_owed_for(tx, found.workspace_id, found.id)
    return await recording.save_one(tx, found, pause.resume(found, now, is_owed))


async def _canceled(
    tx: Connection, found: Subscription, at_period_end: bool, now: datetime, limits: Limits
) -> Subscription:
    if at_period_end:
        found = await renewing.settled(tx, found, now, limits)
    canceled = rules.cancel(found, at_period_end, now)
    if canceled.version == found.version:
        return found
    is_over = canceled.status in rules.OVER
    return await recording.save(tx, [cycle.final_bill(canceled, now) if is_over else Change(canceled)])


async def _named(
    tx: Connection, workspace_id: UUID, lines: Lines, contact_id: UUID | None = None
) -> tuple[dict[UUID, Product], Rounding]:
    wanted = sorted({line["product_id"] for line in lines if line.get("product_id")})
    known = await products.get_many(tx, workspace_id, wanted)
    contact = await contacts.get(tx, workspace_id, contact_id) if contact_id else None
    rounding = await businesses.rounding(tx, workspace_id)
    missing = [id_ for id_ in wanted if id_ not in known]
    if missing or (contact_id and contact is None) or rounding is None:
        raise NotKnownHere(None if contact else contact_id, tuple(missing), tuple(lines), rounding is None)
    if contact and contact.is_archived:
        raise ContactArchived(field="contact_id")
    return known, rounding


def _currency_of(lines: Lines, known: Mapping[UUID, Product]) -> str | None:
    found = (known[line["product_id"]].currency for line in lines if line.get("product_id"))
    return next(found, None)


def _require_usable_calendar(subscription: Subscription) -> None:
    try:
        subscription.calendar.start(1)
    except (ValueError, OverflowError) as error:
        raise Invalid("The first period would end after the year 9999.", field="interval_count") from error

"""State changes of subscriptions that people ask for."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.subscription_renewal.copies.domain.missing import ContactArchived, NotKnownHere
from services.subscription_renewal.copies.domain.product import Product
from services.subscription_renewal.copies.repository import businesses, contacts, invoices, products
from services.subscription_renewal.subscriptions.domain import calendar, cycle, pause
from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.cycle import Change
from services.subscription_renewal.subscriptions.domain.line import WantedLine
from services.subscription_renewal.subscriptions.domain.subscription import (
    Subscription,
    SubscriptionEdit,
    Terms,
)
from services.subscription_renewal.subscriptions.operations import recording, renewing
from services.subscription_renewal.subscriptions.operations.limited import LimitedWork
from services.subscription_renewal.subscriptions.operations.recording import SUBSCRIPTIONS
from shared.kernel import money
from shared.kernel.errors import Invalid
from shared.kernel.pricing import Arithmetic, Rounding
from shared.kernel.versions import require_version
from shared.messaging.aggregate import Locked
from shared.messaging.work import Work


async def create_subscription(
    work: LimitedWork, terms: Terms, lines: Sequence[WantedLine], default_currency: str
) -> Subscription:
    """Store a new subscription and bill what is due of it at once.

    Without a currency in its terms it is the first product's, or the default. Raises NotKnownHere,
    ContactArchived, Invalid naming the field, or SubscriptionExternalIdTaken.
    """
    now = work.clock.now()
    calendar.zone_of(terms.timezone)
    known, rounding = await _named(work, lines, terms.contact_id)
    currency = terms.currency or _currency_of(lines, known) or default_currency
    arithmetic = Arithmetic(currency, rounding)
    # What bills usage alone has no lines.
    made_lines = line_rules.make_all(lines, known, arithmetic) if lines else ()
    money.exponent(currency)
    made = rules.start(work.workspace_id, terms, made_lines, arithmetic, now)
    _require_usable_calendar(made)
    held = await recording.create(work, made)
    return await recording.save(held, cycle.renew(made, now, work.limits))


async def edit_subscription(
    work: LimitedWork,
    subscription_id: UUID,
    edit: SubscriptionEdit,
    *,
    status: str | None = None,
    cancel_at_period_end: bool | None = None,
    expected_version: int | None = None,
) -> Subscription:
    """Change fields, status and `cancel_at_period_end` as a PATCH names them.

    Raises NotFound, PreconditionFailed, or what pausing, resuming and canceling raise.
    """
    held = await SUBSCRIPTIONS.lock(work, subscription_id)
    require_version(held.value.version, expected_version)
    await recording.save_one(held, rules.edit(held.value, edit, work.clock.now()))
    if status is not None and status != held.value.status:
        await _move(work, held, status)
    if cancel_at_period_end is not None and cancel_at_period_end != held.value.cancel_at_period_end:
        await (_cancel(work, held, at_period_end=True) if cancel_at_period_end else _resume(work, held))
    return held.value


async def pause_subscription(work: LimitedWork, subscription_id: UUID, keep_anchor: bool) -> Subscription:
    """Bill nothing until it is resumed.

    Raises NotFound, IllegalMove, SubscriptionIsParked, SubscriptionEnds or RunIsPaused.
    """
    return await _pause(work, await SUBSCRIPTIONS.lock(work, subscription_id), keep_anchor)


async def resume_subscription(work: Work, subscription_id: UUID) -> Subscription:
    """End a pause or a cancellation to come.

    Raises NotFound, IllegalMove, SubscriptionRuns, or SubscriptionIsOver once the end has come.
    """
    return await _resume(work, await SUBSCRIPTIONS.lock(work, subscription_id))


async def cancel_subscription(work: LimitedWork, subscription_id: UUID, at_period_end: bool) -> Subscription:
    """Stop at once or at the period's end.

    Raises NotFound, IllegalMove, SubscriptionIsPaused, SubscriptionIsParked or RunIsPaused.
    """
    return await _cancel(work, await SUBSCRIPTIONS.lock(work, subscription_id), at_period_end)


async def lines_of(work: Work, lines: Sequence[WantedLine], currency: str) -> line_rules.Lines:
    """Lines at today's prices; raises NotKnownHere, or Invalid naming the field."""
    known, rounding = await _named(work, lines)
    return line_rules.make_all(lines, known, Arithmetic(currency, rounding))


async def _move(work: LimitedWork, held: Locked[Subscription], status: str) -> Subscription:
    if status == "paused":
        return await _pause(work, held, keep_anchor=True)
    if status == "canceled":
        return await _cancel(work, held, at_period_end=False)
    return await _resume(work, held)


async def _pause(work: LimitedWork, held: Locked[Subscription], keep_anchor: bool) -> Subscription:
    now = work.clock.now()
    found = await renewing.settle(work, held, now)
    return await recording.save_one(held, pause.pause(found, keep_anchor, now))


async def _resume(work: Work, held: Locked[Subscription]) -> Subscription:
    # It is locked: a failure that is heard of meanwhile comes after this, and looks again.
    is_owed = await invoices.is_owed_for(work.tx, work.workspace_id, held.value.id)
    return await recording.save_one(held, pause.resume(held.value, work.clock.now(), is_owed))


async def _cancel(work: LimitedWork, held: Locked[Subscription], at_period_end: bool) -> Subscription:
    now = work.clock.now()
    found = await renewing.settle(work, held, now) if at_period_end else held.value
    canceled = rules.cancel(found, at_period_end, now)
    if canceled.version == found.version:
        return found
    is_over = canceled.status in rules.OVER
    return await recording.save(held, [cycle.final_bill(canceled, now) if is_over else Change(canceled)])


async def _named(
    work: Work, lines: Sequence[WantedLine], contact_id: UUID | None = None
) -> tuple[dict[UUID, Product], Rounding]:
    places = {
        line.product_id: f"{line.place_at(index)}product_id"
        for index, line in reversed([*enumerate(lines)])
        if line.product_id
    }
    known = await products.get_many(work.tx, work.workspace_id, sorted(places))
    contact = await contacts.get(work.tx, work.workspace_id, contact_id) if contact_id else None
    rounding = await businesses.rounding(work.tx, work.workspace_id)
    missing = {id_: places[id_] for id_ in sorted(places) if id_ not in known}
    if missing or (contact_id and contact is None) or rounding is None:
        raise NotKnownHere(None if contact else contact_id, missing, rounding is None)
    if contact and contact.is_archived:
        raise ContactArchived(field="contact_id")
    return known, rounding


def _currency_of(lines: Sequence[WantedLine], known: Mapping[UUID, Product]) -> str | None:
    return next((known[line.product_id].currency for line in lines if line.product_id), None)


def _require_usable_calendar(subscription: Subscription) -> None:
    try:
        subscription.calendar.start(1)
    except (ValueError, OverflowError) as error:
        raise Invalid("The first period would end after the year 9999.", field="interval_count") from error

"""State changes of dunning campaigns, and how subscriptions follow their invoices."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from services.subscription_renewal import metrics
from services.subscription_renewal.copies.domain.failed_collection import FailedCollection
from services.subscription_renewal.copies.domain.invoice import InvoiceCopy
from services.subscription_renewal.copies.domain.payment_method import PaymentMethodCopy
from services.subscription_renewal.copies.repository import invoices, payment_methods
from services.subscription_renewal.dunning.domain import campaign as rules
from services.subscription_renewal.dunning.domain.campaign import Dunning, DunningState
from services.subscription_renewal.dunning.repository import campaigns
from services.subscription_renewal.dunning.repository import settings as dunning_settings
from services.subscription_renewal.subscriptions.operations import standing
from services.subscription_renewal.subscriptions.repository import subscriptions
from shared.events.dunning import DunningCreated, DunningEnded, DunningRetryDue, DunningUpdated
from shared.events.event import Event
from shared.messaging.aggregate import Aggregate, Locked
from shared.messaging.work import Unit, Work

CAMPAIGNS = Aggregate(
    campaigns.lock, campaigns.insert, campaigns.update, lambda dunning, _: rules.snapshot(dunning)
)


async def note_failure(work: Work, failure: FailedCollection) -> None:
    """An automatic collection failed: its campaign begins, or goes on to the next row.

    The invoice and the contact are locked first: whatever is settled or attached meanwhile waits.
    """
    now = work.clock.now()
    invoice = await invoices.note_failure(work.tx, failure)
    if not await campaigns.note_failure(work.tx, failure):
        return
    usable_since = None
    if failure.is_hard:
        await payment_methods.lock_contact(work.tx, work.workspace_id, failure.contact_id)
        usable_since = await payment_methods.usable_since(work.tx, work.workspace_id, failure.contact_id)
    found = await campaigns.lock_of_invoice(work.tx, work.workspace_id, failure.invoice_id)
    if found:
        campaign = CAMPAIGNS.locked(work, found)
        await _save(campaign, rules.fail(found, failure, now))
    else:
        settings = await dunning_settings.get(work.tx, work.workspace_id)
        campaign = await _begin(work, rules.begin(failure, settings, now))
    if invoice.is_settled:
        await _save(campaign, rules.settle(campaign.value, invoice.is_paid, invoice.changed_at, now))
    elif usable_since:
        await _save(campaign, rules.new_payment_method(campaign.value, usable_since, now))
    if failure.subscription_id:
        await follow_invoices(work, failure.subscription_id)


async def note_payment_method(work: Work, copy: PaymentMethodCopy) -> None:
    """A contact's payment method changed: what waited for a usable one is retried at once."""
    await payment_methods.lock_contact(work.tx, work.workspace_id, copy.contact_id)
    await payment_methods.store(work.tx, copy)
    usable_since = await payment_methods.usable_since(work.tx, work.workspace_id, copy.contact_id)
    if usable_since is None:
        return
    for dunning in await campaigns.lock_waiting(work.tx, work.workspace_id, copy.contact_id):
        retried = rules.new_payment_method(dunning, usable_since, work.clock.now())
        await _save(CAMPAIGNS.locked(work, dunning), retried)


async def note_invoices(unit: Unit, copies: Sequence[InvoiceCopy], works: Mapping[UUID, Work]) -> None:
    """Invoices are late or settled: campaigns of settled ones end, and subscriptions follow."""
    news = await invoices.store(unit.tx, copies)
    newest = {(copy.workspace_id, copy.invoice_id): copy for copy in copies}
    for key in sorted(news):
        copy, work = newest[key], works[key[0]]
        found = await campaigns.lock_of_invoice(unit.tx, *key) if copy.is_settled else None
        if found:
            settled = rules.settle(found, copy.is_paid, copy.changed_at, work.clock.now())
            await _save(CAMPAIGNS.locked(work, found), settled)
    touched = {(key[0], subscription_id) for key in news if (subscription_id := newest[key].subscription_id)}
    for workspace_id, subscription_id in await invoices.moving_subscriptions(unit.tx, touched):
        await follow_invoices(works[workspace_id], subscription_id)


async def take_due(work: Work, dunning_id: UUID) -> None:
    """Do what the clock says with this campaign, which the caller has locked."""
    campaign = await CAMPAIGNS.lock(work, dunning_id)
    await _save(campaign, rules.take_due(campaign.value, work.clock.now()))


async def stop(work: Work, dunning_id: UUID) -> Dunning:
    """End a campaign by hand; raises NotFound or IllegalMove."""
    campaign = await CAMPAIGNS.lock(work, dunning_id)
    return await _save(campaign, rules.stop(campaign.value, work.clock.now()))


async def follow_invoices(work: Work, subscription_id: UUID) -> None:
    """A subscription is past due while an invoice of it is late or was not collected, and not settled."""
    # Locked before looking: of two invoices that are settled at once, the later one must see the other.
    await subscriptions.lock_if_known(work.tx, work.workspace_id, subscription_id)
    is_owed = await invoices.is_owed_for(work.tx, work.workspace_id, subscription_id)
    mark = standing.mark_past_due if is_owed else standing.mark_active
    await mark(work, subscription_id)


async def _begin(work: Work, begun: Dunning) -> Locked[Dunning]:
    campaign = await CAMPAIGNS.create(work, begun, DunningCreated, *_consequences(None, begun))
    await _follow(work, None, begun)
    return campaign


async def _save(campaign: Locked[Dunning], after: Dunning) -> Dunning:
    before = campaign.value
    if after is not before:
        await campaign.save(after, DunningUpdated, *_consequences(before, after))
        await _follow(campaign.work, before, after)
    return after


def _consequences(before: Dunning | None, after: Dunning) -> Iterator[type[Event]]:
    if rules.has_just_asked(before, after):
        yield DunningRetryDue
    if rules.has_just_ended(before, after):
        yield DunningEnded


async def _follow(work: Work, before: Dunning | None, after: Dunning) -> None:
    if rules.has_just_asked(before, after):
        metrics.DUNNING_RETRIES.inc()
    if rules.has_just_ended(before, after):
        metrics.DUNNING_ENDED.labels(after.status.value).inc()
        # What becomes of the invoice is the invoice service's: it hears dunning.ended.
        is_cancel = after.status is DunningState.EXHAUSTED and after.terminal_action == "cancel"
        if is_cancel and after.subscription_id:
            await standing.cancel_unpaid(work, after.subscription_id)

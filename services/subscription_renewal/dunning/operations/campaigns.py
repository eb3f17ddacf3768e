"""State changes of dunning campaigns, and how subscriptions follow their invoices."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.subscription_renewal import metrics
from services.subscription_renewal.copies.domain.invoice import InvoiceCopy
from services.subscription_renewal.copies.domain.payment_method import PaymentMethodCopy
from services.subscription_renewal.copies.repository import invoices, payment_methods
from services.subscription_renewal.dunning.domain import campaign as rules
from services.subscription_renewal.dunning.domain.campaign import Dunning, Failure, Status
from services.subscription_renewal.dunning.repository import campaigns
from services.subscription_renewal.dunning.repository import settings as dunning_settings
from services.subscription_renewal.subscriptions.operations import standing
from services.subscription_renewal.subscriptions.repository import subscriptions
from shared.events.dunning import DunningCreated, DunningEnded, DunningRetryDue, DunningUpdated
from shared.events.event import Event
from shared.kernel.clock import Clock
from shared.messaging import outbox
from shared.postgres.pool import Connection


async def note_failure(tx: Connection, failure: Failure, now: datetime) -> None:
    """An automatic collection failed: its campaign begins, or goes on to the next row.

    The invoice and the contact are locked first: whatever is settled or attached meanwhile waits.
    """
    invoice = await invoices.note_failure(tx, failure)
    if not await campaigns.note_failure(tx, failure):
        return
    usable_since = None
    if failure.is_hard:
        await payment_methods.lock_contact(tx, failure.workspace_id, failure.contact_id)
        usable_since = await payment_methods.usable_since(tx, failure.workspace_id, failure.contact_id)
    before = await campaigns.lock_of_invoice(tx, failure.workspace_id, failure.invoice_id)
    if before is None:
        settings = await dunning_settings.get(tx, failure.workspace_id)
        after = await _save(tx, None, rules.begin(failure, settings, now))
    else:
        after = await _save(tx, before, rules.fail(before, failure, now))
    if invoice.is_settled:
        after = await _save(tx, after, rules.settle(after, invoice.is_paid, invoice.changed_at, now))
    elif usable_since:
        await _save(tx, after, rules.new_payment_method(after, usable_since, now))
    if failure.subscription_id:
        await follow_invoices(tx, failure.workspace_id, failure.subscription_id, now)


async def note_payment_method(tx: Connection, copy: PaymentMethodCopy, now: datetime) -> None:
    """A contact's payment method changed: what waited for a usable one is retried at once."""
    await payment_methods.lock_contact(tx, copy.workspace_id, copy.contact_id)
    await payment_methods.store(tx, copy)
    usable_since = await payment_methods.usable_since(tx, copy.workspace_id, copy.contact_id)
    if usable_since is None:
        return
    for dunning in await campaigns.lock_waiting(tx, copy.workspace_id, copy.contact_id):
        await _save(tx, dunning, rules.new_payment_method(dunning, usable_since, now))


async def note_invoices(tx: Connection, copies: Sequence[InvoiceCopy], clocks: Mapping[UUID, Clock]) -> None:
    """Invoices are late or settled: campaigns of settled ones end, and subscriptions follow."""
    news = await invoices.store(tx, copies)
    newest = {(copy.workspace_id, copy.invoice_id): copy for copy in copies}
    for key in sorted(news):
        copy = newest[key]
        found = await campaigns.lock_of_invoice(tx, *key) if copy.is_settled else None
        if found:
            now = clocks[copy.workspace_id].now()
            await _save(tx, found, rules.settle(found, copy.is_paid, copy.changed_at, now))
    touched = {(key[0], subscription_id) for key in news if (subscription_id := newest[key].subscription_id)}
    for workspace_id, subscription_id in await invoices.moving_subscriptions(tx, touched):
        await follow_invoices(tx, workspace_id, subscription_id, clocks[workspace_id].now())


async def take_due(tx: Connection, keys: Sequence[tuple[UUID, UUID]], clocks: Mapping[UUID, Clock]) -> None:
    """Do what the clock says with these (workspace, campaign) ids, which the caller has locked."""
    for workspace_id, dunning_id in keys:
        before = await campaigns.lock(tx, workspace_id, dunning_id)
        await _save(tx, before, rules.take_due(before, clocks[workspace_id].now()))


async def stop(tx: Connection, workspace_id: UUID, dunning_id: UUID, now: datetime) -> Dunning:
    """End a campaign by hand; raises NotFound or IllegalMove."""
    before = await campaigns.lock(tx, workspace_id, dunning_id)
    return await _save(tx, before, rules.stop(before, now))


async def follow_invoices(tx: Connection, workspace_id: UUID, subscription_id: UUID, now: datetime) -> None:
    """A subscription is past due while an invoice of it is late or was not collected, and not settled."""
    # Locked before looking: of two invoices that are settled at once, the later one must see the other.
    await subscriptions.lock_if_known(tx, workspace_id, subscription_id)
    is_owed = await invoices.is_owed_for(tx, workspace_id, subscription_id)
    mark = standing.mark_past_due if is_owed else standing.mark_active
    await mark(tx, workspace_id, subscription_id, now)


async def _save(tx: Connection, before: Dunning | None, after: Dunning) -> Dunning:
    if after is before:
        return after
    await (campaigns.update if before else campaigns.insert)(tx, after)
    await outbox.record(tx, *_events(before, after))
    if before and rules.has_just_asked(before, after):
        metrics.DUNNING_RETRIES.inc()
    if rules.has_just_ended(before, after):
        metrics.DUNNING_ENDED.labels(after.status.value).inc()
        await _do_terminal_action(tx, after)
    return after


def _events(before: Dunning | None, after: Dunning) -> list[Event]:
    data = rules.snapshot(after)
    told: list[type[Event]] = [DunningUpdated if before else DunningCreated]
    if rules.has_just_asked(before, after):
        told.append(DunningRetryDue)
    if rules.has_just_ended(before, after):
        told.append(DunningEnded)
    return [event.of(after.workspace_id, data) for event in told]


async def _do_terminal_action(tx: Connection, ended: Dunning) -> None:
    # What becomes of the invoice is the invoice service's: it hears dunning.ended.
    is_cancel = ended.status is Status.EXHAUSTED and ended.terminal_action == "cancel"
    if is_cancel and ended.subscription_id:
        await standing.cancel_unpaid(tx, ended.workspace_id, ended.subscription_id, ended.updated_at)

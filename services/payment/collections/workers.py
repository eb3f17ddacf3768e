"""Collects: claims what is due, asks the provider with no transaction open, and applies what it answers.

The order makes a repetition harmless wherever a process dies: the intent's reference is committed before it
is confirmed, that a confirmation begins is committed before it is made, and once one was ever begun the
intent is looked up before anything else.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import structlog

from services.payment import metrics
from services.payment.collections.domain.collected_payment import UNANSWERED, CollectionFailure
from services.payment.collections.domain.collection import Collection, CollectionState, Delays
from services.payment.collections.operations import apply_outcome, checkout_page
from services.payment.collections.operations.apply_outcome import StepOutcome
from services.payment.collections.operations.collect import CollectionRequest, collect
from services.payment.collections.operations.judge_answer import after_answer, after_error
from services.payment.collections.repository import collections
from services.payment.provider_connections.operations import Providers
from services.payment.providers.provider import (
    Amount,
    PaymentState,
    Provider,
    ProviderAuth,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    ProviderUnknownOutcome,
    Result,
)
from services.payment.receivables.repository import receivables
from shared.kernel.errors import BillingError
from shared.kernel.leased_work import LeaseLost
from shared.messaging import workspaces
from shared.messaging.slots import Slots, pass_by
from shared.messaging.work import Work, begin
from shared.postgres.transaction import Database

log = structlog.get_logger()
_STILL_CANCELABLE = (Result.NOT_STARTED, Result.REQUIRES_ACTION, Result.DECLINED)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many collections this process works on at once, and for how long each is its own."""

    slots: int = 16
    lease: timedelta = timedelta(seconds=120)


class Collector:
    """The collections that one process works on. Several processes share them by their leases."""

    def __init__(
        self,
        database: Database,
        providers: Providers,
        delays: Delays,
        limits: Limits,
        reach: Callable[[str], None] = pass_by,
    ) -> None:
        self._database = database
        self._providers = providers
        self._delays = delays
        self._limits = limits
        self._reach = reach
        self._slots = Slots(limits.slots)

    async def step(self) -> bool:
        """Claim what is due and begin with it; True when there may be more at once."""
        free = await self._slots.free()
        async with self._database.transaction() as tx:
            claimed = await collections.claim(tx, uuid4(), self._limits.lease, free)
        self._reach("after_claim")
        for collection in claimed:
            self._slots.begin(self._work(collection))
        return bool(claimed)

    async def cancel_outdated(self) -> bool:
        """Ask to cancel what would collect more than is due now."""
        async with self._database.transaction() as tx:
            count = await collections.cancel_outdated(tx)
        if count:
            log.info("collections.outdated", count=count)
        return False

    async def close(self) -> None:
        """Wait for what is under way: each call to a provider has its time limit."""
        await self._slots.close()

    async def _work(self, claimed: Collection) -> None:
        try:
            await self._advance(claimed)
        except LeaseLost:
            metrics.COLLECTION_STEPS.labels("lease_lost").inc()
            log.warning("collection.lease_lost", payment_id=str(claimed.payment_id))
        except Exception as error:
            # The lease runs out and the next claim looks up what became of it.
            metrics.COLLECTION_STEPS.labels("error").inc()
            log.error("collection.step_failed", payment_id=str(claimed.payment_id), exc_info=error)

    async def _advance(self, claimed: Collection) -> None:
        now = claimed
        try:
            provider = await self._provider(claimed)
            now = await self._prepare(provider, claimed)
            now, outcome = await self._ask(provider, now)
        except _CallFailed as failed:
            _count(failed.error)
            now, outcome = failed.collection, after_error(failed.collection, failed.error, self._delays)
        except ProviderError as error:
            _count(error)
            outcome = after_error(now, error, self._delays)
            if isinstance(error, (ProviderAuth, ProviderRejected)):
                log.error("collection.refused", payment_id=str(now.payment_id), said=str(error))
        await self._finish(now, outcome)

    async def _provider(self, claimed: Collection) -> Provider:
        try:
            async with self._database.transaction() as tx:
                return await self._providers.get(tx, claimed.workspace_id, claimed.provider, claimed.mode)
        except BillingError as error:
            raise ProviderUnavailable(repr(error)) from error

    async def _prepare(self, provider: Provider, now: Collection) -> Collection:
        if now.provider_reference or now.cancel_reason or now.is_over:
            return now
        if now.is_checkout:
            return await self._open_page(provider, now)
        existing = await self._find_prepared(provider, now) if now.miss_count else None
        self._reach("before_prepare")
        amount = Amount(now.amount_minor, now.currency)
        prepared = existing or await provider.prepare(
            str(now.payment_id), amount, now.customer_reference, now.method_reference, key=now.prepare_key
        )
        self._reach("after_prepare")
        async with self._database.transaction() as tx:
            now = await apply_outcome.note_prepared(tx, now, prepared.reference, self._limits.lease)
            self._reach("before_commit_reference")
        self._reach("after_commit_reference")
        return now

    async def _open_page(self, provider: Provider, now: Collection) -> Collection:
        """The checkout with its page, where whoever asked for it did not get as far."""
        async with self._database.transaction() as tx:
            number = (await receivables.get(tx, now.workspace_id, now.invoice_id)).number
        opened = await provider.open_checkout(checkout_page.to_checkout(now, number), key=now.prepare_key)
        async with self._database.transaction() as tx:
            return await checkout_page.note_open(tx, now, opened, self._limits.lease)

    async def _find_prepared(self, provider: Provider, now: Collection) -> PaymentState | None:
        # Not every account can search; preparing again with the same key is as good.
        with contextlib.suppress(ProviderRejected):
            return await provider.find(str(now.payment_id))
        return None

    async def _ask(self, provider: Provider, now: Collection) -> tuple[Collection, StepOutcome]:
        reference = now.provider_reference
        if reference is None:
            return now, StepOutcome(CollectionState.CANCELED if not now.is_over else now.state, None)
        state = PaymentState(reference, Result.NOT_STARTED)
        if now.confirm_count or now.is_over:
            state = await self._look_up(provider, reference)
        if now.is_over:
            is_late = state.result is Result.SUCCEEDED
            return now, StepOutcome(CollectionState.SUCCEEDED, state.reference) if is_late else StepOutcome(
                now.state, reference
            )
        if self._should_cancel(now, state) and state.result in _STILL_CANCELABLE:
            return now, self._after_cancel(now, await self._cancel(provider, now))
        if state.result is Result.NOT_STARTED:
            if now.state is CollectionState.NEEDS_REVIEW:
                return now, StepOutcome(CollectionState.NEEDS_REVIEW, reference, miss_count=now.miss_count)
            now = await self._begin_confirm(now)
            if now.cancel_reason:
                return now, after_answer(now, await self._cancel(provider, now), self._delays)
            state = await self._confirm(provider, now)
        return now, after_answer(now, state, self._delays)

    async def _look_up(self, provider: Provider, reference: str) -> PaymentState:
        self._reach("before_look_up")
        try:
            state = await provider.lookup(reference)
        except ProviderRejected as error:
            # Another account's credentials, say: it tells nothing about the money.
            raise ProviderUnknownOutcome(str(error)) from error
        self._reach("after_look_up")
        return state

    async def _begin_confirm(self, now: Collection) -> Collection:
        async with begin(self._database) as unit:
            work = await workspaces.work_of(unit, now.workspace_id)
            begun = await apply_outcome.begin_confirm(work, now, self._limits.lease)
            self._reach("before_commit_confirm")
        self._reach("after_commit_confirm")
        return begun

    async def _confirm(self, provider: Provider, now: Collection) -> PaymentState:
        reference = now.provider_reference or ""
        self._reach("before_confirm")
        try:
            state = await provider.confirm(
                reference, now.method_reference, off_session=True, key=now.confirm_key
            )
        except ProviderRejected as error:
            # Refused as wrong may mean that it is paid already: only what it is counts.
            state = await self._look_up_after(provider, now, error)
        except ProviderError as error:
            raise _CallFailed(now, error) from error
        self._reach("after_confirm")
        return state

    async def _look_up_after(
        self, provider: Provider, now: Collection, error: ProviderRejected
    ) -> PaymentState:
        log.error("collection.rejected", payment_id=str(now.payment_id), code=error.code, said=str(error))
        try:
            state = await self._look_up(provider, now.provider_reference or "")
        except ProviderError as unanswered:
            raise _CallFailed(now, unanswered) from unanswered
        if state.result is Result.NOT_STARTED:
            raise _CallFailed(now, error) from error
        return state

    async def _cancel(self, provider: Provider, now: Collection) -> PaymentState:
        self._reach("before_cancel")
        state = await provider.cancel(now.provider_reference or "", key=now.cancel_key)
        self._reach("after_cancel")
        return state

    def _should_cancel(self, now: Collection, state: PaymentState) -> bool:
        if now.cancel_reason or now.has_expired:
            return True
        waited = now.claimed_at - now.created_at if now.claimed_at else timedelta(0)
        return state.result is Result.REQUIRES_ACTION and waited >= self._delays.action

    def _after_cancel(self, now: Collection, state: PaymentState) -> StepOutcome:
        outcome = after_answer(now, state, self._delays)
        is_due_to_time = now.cancel_reason is None and not now.is_checkout
        is_unanswered = is_due_to_time and outcome.state is CollectionState.CANCELED
        failure: CollectionFailure | None = UNANSWERED if is_unanswered else None
        return replace(outcome, state=CollectionState.FAILED, failure=failure) if is_unanswered else outcome

    async def _finish(self, now: Collection, outcome: StepOutcome) -> None:
        async with begin(self._database) as unit:
            work = await workspaces.work_of(unit, now.workspace_id)
            await apply_outcome.finish(work, now, outcome)
            if outcome.state is CollectionState.CANCELED and (
                now.cancel_reason == "outdated" or now.is_checkout
            ):
                await _follow(work, now)
            self._reach("before_commit_outcome")
        self._reach("after_commit_outcome")
        metrics.COLLECTION_STEPS.labels(outcome.state.value).inc()
        log.info(
            "collection.stepped",
            payment_id=str(now.payment_id),
            workspace_id=str(now.workspace_id),
            state=outcome.state.value,
            confirm_count=now.confirm_count,
            failure=outcome.failure.code if outcome.failure else None,
        )


def _count(error: ProviderError) -> None:
    kinds: dict[type[ProviderError], str] = {
        ProviderUnavailable: "unavailable",
        ProviderRejected: "rejected",
        ProviderAuth: "auth",
    }
    metrics.PROVIDER_FAILURES.labels(kinds.get(type(error), "unknown_outcome")).inc()


async def _follow(work: Work, ended: Collection) -> None:
    """What is left to pay is still to be collected, where that is wished by now."""
    now = await collections.lock(work.tx, ended.workspace_id, ended.payment_id)
    if now.is_automatic:
        await collect(work, CollectionRequest(now.invoice_id))


class _CallFailed(Exception):
    """A call failed after the collection had changed: carries it as it is now."""

    def __init__(self, collection: Collection, error: ProviderError) -> None:
        self.collection = collection
        self.error = error
        super().__init__(repr(error))

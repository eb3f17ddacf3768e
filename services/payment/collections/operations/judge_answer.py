"""What an answer of the provider, or an error instead of one, means for a collection."""

from collections.abc import Sequence
from datetime import timedelta

from services.payment.collections.domain.collected_payment import UNAVAILABLE, CollectionFailure
from services.payment.collections.domain.collection import Collection, CollectionState, Delays
from services.payment.collections.operations.apply_outcome import StepOutcome
from services.payment.collections.operations.checkout_page import wait_for_payer
from services.payment.providers.provider import (
    PaymentState,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    ProviderUnknownOutcome,
    Result,
)
from shared.events.payment import Advice
from shared.kernel.leased_work import delay_after

# Refused because of the method: another one may work.
_OF_METHOD = frozenset({"resource_missing", "payment_method_invalid", "payment_method_customer_decline"})


def after_answer(now: Collection, answer: PaymentState, delays: Delays) -> StepOutcome:
    """What the provider says is so."""
    reference = answer.reference
    match answer.result:
        case Result.SUCCEEDED:
            return StepOutcome(CollectionState.SUCCEEDED, reference)
        case Result.CANCELED:
            return StepOutcome(CollectionState.CANCELED, reference)
        case Result.DECLINED:
            failure = CollectionFailure(answer.code or "declined", answer.advice or "retry", answer.message)
            return StepOutcome(CollectionState.FAILED, reference, failure=failure)
        case Result.PROCESSING:
            count = now.miss_count if now.state is CollectionState.PROCESSING else 0
            return _waiting(
                CollectionState.PROCESSING, reference, delay_after(delays.processing, count), count
            )
        case Result.REQUIRES_ACTION if now.is_checkout:
            return wait_for_payer(now)
        case Result.REQUIRES_ACTION:
            return StepOutcome(CollectionState.REQUIRES_ACTION, reference, delays.action)
        case Result.NOT_STARTED:
            return after_error(now, ProviderUnknownOutcome("not started after a confirmation"), delays)


def after_error(now: Collection, error: ProviderError, delays: Delays) -> StepOutcome:
    """Nothing is known but how far we got: without a confirmation no money can have moved."""
    was_begun = now.confirm_count > 0
    reference, count = now.provider_reference, now.miss_count
    if now.is_over:
        return _waiting(now.state, reference, delay_after(delays.lookups, count), count)
    if isinstance(error, ProviderRejected):
        advice: Advice = "new_method" if error.code in _OF_METHOD else "retry"
        return StepOutcome(
            CollectionState.FAILED,
            reference,
            failure=CollectionFailure("provider_rejected", advice, error.code),
        )
    if not was_begun:
        delay = delay_after(delays.retries, count)
        if delay is None:
            return StepOutcome(CollectionState.FAILED, reference, failure=UNAVAILABLE)
        return StepOutcome(now.state, reference, delay, miss_count=count + 1)
    is_unknown = isinstance(error, ProviderUnknownOutcome) and now.state is CollectionState.PENDING
    state = CollectionState.UNKNOWN if is_unknown else now.state
    return _waiting(state, reference, delay_after(_schedule(state, error, delays), count), count)


def _schedule(state: CollectionState, error: ProviderError, delays: Delays) -> Sequence[timedelta]:
    if state is CollectionState.PROCESSING:
        return delays.processing
    return delays.retries if isinstance(error, ProviderUnavailable) else delays.lookups


def _waiting(
    state: CollectionState, reference: str | None, delay: timedelta | None, count: int
) -> StepOutcome:
    if delay is None and state not in (CollectionState.FAILED, CollectionState.CANCELED):
        return StepOutcome(CollectionState.NEEDS_REVIEW, reference, miss_count=count)
    return StepOutcome(state, reference, delay, miss_count=count + 1)

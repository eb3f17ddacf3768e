"""What answers of a provider, and errors instead of answers, mean for a collection."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.payment.collections.domain.collection import Collection, CollectionState, Delays
from services.payment.collections.operations.judge_answer import after_answer, after_error
from services.payment.providers.provider import (
    PaymentState,
    ProviderAuth,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    ProviderUnknownOutcome,
    Result,
)
from services.payment.providers.stripe_objects import advice
from shared.kernel.ids import new_id
from tests.unit.payment.builders import NOW, WORKSPACE

DELAYS = Delays.parse("1,5", "60,300*2", "60,86400*2", "3600")


def a_collection(**overrides: Any) -> Collection:
    made = Collection(
        workspace_id=WORKSPACE,
        payment_id=new_id(),
        invoice_id=new_id(),
        payment_method_id=new_id(),
        provider="stripe",
        mode="test",
        method_reference="pm_1",
        customer_reference="cus_1",
        amount_minor=33900,
        currency="EUR",
        state=CollectionState.PENDING,
        is_automatic=True,
        provider_reference="pi_1",
        confirm_count=0,
        miss_count=0,
        cancel_reason=None,
        created_at=NOW,
    )
    return replace(made, **overrides)


def test_delays_are_read_with_repetitions() -> None:
    assert DELAYS.lookups == (timedelta(seconds=60), timedelta(seconds=300), timedelta(seconds=300))
    with pytest.raises(ValueError, match="x"):
        Delays.parse("x*2", "1", "1", "1")


@pytest.mark.parametrize(
    ("error", "confirm_count", "state", "delay_seconds"),
    [
        (ProviderUnavailable(), 0, "pending", 1),
        (ProviderUnknownOutcome(), 0, "pending", 1),
        (ProviderAuth(), 0, "pending", 1),
        (ProviderUnavailable(), 1, "pending", 1),
        (ProviderUnknownOutcome(), 1, "unknown", 60),
        (ProviderAuth(), 1, "pending", 60),
        (ProviderRejected("x", "parameter_missing"), 0, "failed", None),
    ],
)
def test_an_error_is_unknown_only_once_a_confirmation_was_begun(
    error: ProviderError, confirm_count: int, state: str, delay_seconds: int | None
) -> None:
    outcome = after_error(a_collection(confirm_count=confirm_count), error, DELAYS)

    assert outcome.state == state
    assert outcome.delay == (None if delay_seconds is None else timedelta(seconds=delay_seconds))


def test_unknown_ends_in_review_and_nothing_begun_ends_in_failure() -> None:
    begun = a_collection(confirm_count=1, state=CollectionState.UNKNOWN, miss_count=3)
    not_begun = a_collection(miss_count=2)

    assert after_error(begun, ProviderUnknownOutcome(), DELAYS).state is CollectionState.NEEDS_REVIEW
    failed = after_error(not_begun, ProviderUnavailable(), DELAYS)
    assert (failed.state, failed.failure and failed.failure.code) == (
        CollectionState.FAILED,
        "provider_unavailable",
    )


def test_a_collection_in_review_or_over_is_not_failed_by_an_error() -> None:
    for state in (CollectionState.NEEDS_REVIEW, CollectionState.FAILED, CollectionState.CANCELED):
        held = a_collection(confirm_count=1, state=state, miss_count=9)

        assert after_error(held, ProviderUnknownOutcome(), DELAYS).state is state


def test_processing_is_looked_at_for_longer_than_the_unknown() -> None:
    first = after_answer(a_collection(miss_count=2), PaymentState("pi_1", Result.PROCESSING), DELAYS)
    last = after_answer(
        a_collection(state=CollectionState.PROCESSING, miss_count=3),
        PaymentState("pi_1", Result.PROCESSING),
        DELAYS,
    )

    assert (first.state, first.delay) == (CollectionState.PROCESSING, timedelta(seconds=60))
    assert last.state is CollectionState.NEEDS_REVIEW


@pytest.mark.parametrize(
    ("code", "given", "expected"),
    [
        ("insufficient_funds", None, "retry"),
        ("expired_card", None, "new_method"),
        ("stolen_card", None, "never"),
        ("generic_decline", "do_not_try_again", "never"),
        ("generic_decline", "confirm_card_data", "new_method"),
        (None, None, "retry"),
    ],
)
def test_a_decline_says_what_can_be_done(code: str | None, given: str | None, expected: str) -> None:
    assert advice(code, given) == expected

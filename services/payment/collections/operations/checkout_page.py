"""The page of a collection that its payer makes: what the provider is asked to open, and the wait for it."""

from dataclasses import replace
from datetime import timedelta

from services.payment.collections.domain.collection import Collection, CollectionState
from services.payment.collections.operations.apply_outcome import StepOutcome
from services.payment.collections.repository import collections
from services.payment.providers.provider import Amount, Checkout, OpenCheckout
from shared.postgres.pool import Connection

AFTER_END = timedelta(seconds=5)
"""So long after its page was closed a checkout is looked up, and is over."""


def to_checkout(collection: Collection, number: str) -> Checkout:
    """What the provider is asked to open."""
    assert collection.return_url
    assert collection.expires_at
    return Checkout(
        collection_id=str(collection.payment_id),
        amount=Amount(collection.amount_minor, collection.currency),
        description=number,
        return_url=collection.return_url,
        expires_at=collection.expires_at,
    )


async def note_open(
    tx: Connection, claimed: Collection, opened: OpenCheckout, lease: timedelta
) -> Collection:
    """Keep the page: from now on the payer may pay, so only a look-up can tell. Raises LeaseLost."""
    noted = replace(claimed, provider_reference=opened.reference, checkout_url=opened.url, confirm_count=1)
    await collections.save_step(tx, noted, lease)
    return noted


def wait_for_payer(collection: Collection) -> StepOutcome:
    """The payer has the page: nothing is to be done until it ends, or a hint comes."""
    return StepOutcome(
        CollectionState.REQUIRES_ACTION, collection.provider_reference, collection.remaining_time + AFTER_END
    )

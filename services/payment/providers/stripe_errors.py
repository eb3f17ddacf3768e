"""What the Stripe SDK raises, sorted by what is known: not executed, perhaps executed, refused."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import stripe

from services.payment.providers.provider import (
    ProviderAuth,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    ProviderUnknownOutcome,
)

# No byte of the request can have left: the connection was never made.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@contextmanager
def translated() -> Iterator[None]:
    """Raise the port's error for what the SDK raises inside; a card's decline passes as it is."""
    try:
        yield
    except stripe.CardError:
        raise
    except stripe.StripeError as error:
        raise port_error(error) from error
    except (LookupError, TypeError, ValueError) as error:
        # An answer that is none of Stripe's objects: it says nothing about what happened.
        raise ProviderUnknownOutcome(f"unreadable answer: {type(error).__name__}") from error


def port_error(error: stripe.StripeError) -> ProviderError:
    """The port's error; its text never holds what was sent."""
    said = f"{type(error).__name__} {error.http_status or ''} {error.code or ''}".strip()
    if isinstance(error, stripe.APIConnectionError):
        was_sent = not isinstance(error.__cause__, _NOT_SENT)
        return ProviderUnknownOutcome(said) if was_sent else ProviderUnavailable(said)
    if isinstance(error, (stripe.AuthenticationError, stripe.PermissionError)):
        return ProviderAuth(said)
    status = error.http_status or 500
    if status == 429:
        return ProviderUnavailable(said)
    if status == 409 or not 400 <= status < 500:
        return ProviderUnknownOutcome(said)
    return ProviderRejected(said, error.code)

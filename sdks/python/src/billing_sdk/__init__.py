"""The billing platform from Python: `Billing`, `AsyncBilling`, `Webhook`, and what they raise (`errors`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from billing_sdk import errors, money
from billing_sdk._client import Billing
from billing_sdk._version import VERSION

if TYPE_CHECKING:
    from billing_sdk._async_client import AsyncBilling
    from billing_sdk.errors import ApiError, BillingError
    from billing_sdk.webhooks import Webhook

__version__ = VERSION
__all__ = [
    "ApiError",
    "AsyncBilling",
    "Billing",
    "BillingError",
    "Webhook",
    "__version__",
    "errors",
    "money",
]


def __getattr__(name: str) -> Any:
    # What not every program needs is loaded where it is first named.
    if name == "AsyncBilling":
        from billing_sdk._async_client import AsyncBilling

        return AsyncBilling
    if name == "Webhook":
        from billing_sdk.webhooks import Webhook

        return Webhook
    if name in ("ApiError", "BillingError"):
        return getattr(errors, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Stripe behind our port, through its official SDK; nothing is retried here, the collection decides that."""

import json
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import stripe

from services.payment.providers import stripe_amounts, stripe_objects
from services.payment.providers.provider import (
    Amount,
    AmountRefused,
    Checkout,
    CurrencyRefused,
    Method,
    OpenCheckout,
    PaymentState,
    ProviderDispute,
    ProviderEvent,
    ProviderRejected,
    RefundState,
    SetupState,
    SignatureInvalid,
)
from services.payment.providers.stripe_errors import translated

WEBHOOK_TOLERANCE_SECONDS = 300
# The events that are of use here, as many as Stripe lists at most: a webhook endpoint needs no others.
EVENT_TYPES = (
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.canceled",
    "setup_intent.succeeded",
    "setup_intent.setup_failed",
    "payment_method.automatically_updated",
    "payment_method.updated",
    "payment_method.detached",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
)


@dataclass(frozen=True, slots=True)
class StripeAccount:
    """Credentials of one account, in live or test mode; `api_base` replaces Stripe's address."""

    secret_key: str = field(repr=False)
    webhook_secret: str = field(default="", repr=False)
    api_base: str | None = None
    timeout_seconds: int = 20
    connect_timeout_seconds: int = 5


class StripeProvider:
    """One Stripe account."""

    name = "stripe"

    def __init__(self, account: StripeAccount) -> None:
        self._account = account
        timeout = httpx.Timeout(account.timeout_seconds, connect=account.connect_timeout_seconds)
        self._http: Any = stripe.HTTPXClient(timeout=timeout)
        addresses: Any = {"base_addresses": {"api": account.api_base}} if account.api_base else {}
        client = stripe.StripeClient(
            account.secret_key, max_network_retries=0, http_client=self._http, **addresses
        )
        self._api = client.v1

    async def close(self) -> None:
        """Close its connections."""
        await self._http.close_async()

    async def prepare(
        self, collection_id: str, amount: Amount, customer: str, method: str, *, key: str
    ) -> PaymentState:
        """Make the collection's PaymentIntent, unconfirmed."""
        params: Any = {
            "amount": _counted(amount),
            "currency": amount.currency.lower(),
            "customer": customer,
            "payment_method": method,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"collection_id": collection_id},
        }
        return await self._payment(self._api.payment_intents.create_async(params, {"idempotency_key": key}))

    async def open_checkout(self, checkout: Checkout, *, key: str) -> OpenCheckout:
        """Make a Checkout Session with Stripe's own page."""
        metadata = {"collection_id": checkout.collection_id}
        price: Any = {
            "currency": checkout.amount.currency.lower(),
            "unit_amount": _counted(checkout.amount),
            "product_data": {"name": checkout.description},
        }
        params: Any = {
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": checkout.paid_url,
            "cancel_url": checkout.left_url,
            "expires_at": int(checkout.expires_at.timestamp()),
            "client_reference_id": checkout.collection_id,
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata, "description": checkout.description},
        }
        made = await _plain(self._api.checkout.sessions.create_async(params, {"idempotency_key": key}))
        with translated():
            return OpenCheckout(str(made["id"]), str(made["url"]))

    async def confirm(self, reference: str, method: str, *, off_session: bool, key: str) -> PaymentState:
        """Confirm the intent; a decline comes as an error that holds the intent."""
        params: Any = {"payment_method": method, "off_session": off_session}
        return await self._payment(
            self._api.payment_intents.confirm_async(reference, params, {"idempotency_key": key})
        )

    async def lookup(self, reference: str) -> PaymentState:
        """Retrieve the intent, or the checkout with the intent that it has."""
        if not stripe_objects.is_checkout(reference):
            return await self._payment(self._api.payment_intents.retrieve_async(reference))
        params: Any = {"expand": ["payment_intent"]}
        found = await _plain(self._api.checkout.sessions.retrieve_async(reference, params))
        with translated():
            return stripe_objects.checkout_state(found)

    async def find(self, collection_id: str) -> PaymentState | None:
        """Search by metadata; Stripe's index lags up to a minute, so None proves nothing."""
        query = f"metadata['collection_id']:'{collection_id}'"
        found = await _plain(self._api.payment_intents.search_async({"query": query, "limit": 1}))
        with translated():
            return stripe_objects.payment_state(found["data"][0]) if found["data"] else None

    async def cancel(self, reference: str, *, key: str) -> PaymentState:
        """Cancel the intent or end the checkout, or say what it is instead."""
        options: Any = {"idempotency_key": key}
        try:
            if stripe_objects.is_checkout(reference):
                await _plain(self._api.checkout.sessions.expire_async(reference, {}, options))
                return await self.lookup(reference)
            return await self._payment(self._api.payment_intents.cancel_async(reference, {}, options))
        except ProviderRejected:
            return await self.lookup(reference)

    async def refund(
        self, reference: str, amount: Amount, *, refund_id: str, reason: str | None, key: str
    ) -> RefundState:
        """Refund part of the intent's charge; our reason is free text, so it stays with us."""
        params: Any = {
            "payment_intent": reference,
            "amount": _counted(amount),
            "metadata": {"refund_id": refund_id},
        }
        made = await _plain(self._api.refunds.create_async(params, {"idempotency_key": key}))
        with translated():
            return stripe_objects.refund_state(made)

    async def get_refund(self, reference: str) -> RefundState:
        """Retrieve the refund."""
        found = await _plain(self._api.refunds.retrieve_async(reference))
        with translated():
            return stripe_objects.refund_state(found)

    async def find_refund(self, payment_reference: str, refund_id: str) -> RefundState | None:
        """Among the newest hundred refunds of the intent the one with our id."""
        found = await _plain(
            self._api.refunds.list_async({"payment_intent": payment_reference, "limit": 100})
        )
        with translated():
            return stripe_objects.refund_with(found["data"], refund_id)

    async def get_dispute(self, reference: str) -> ProviderDispute:
        """Retrieve the dispute."""
        found = await _plain(self._api.disputes.retrieve_async(reference))
        with translated():
            return stripe_objects.dispute(found)

    async def ensure_customer(self, owner_id: str, *, key: str) -> str:
        """Make a Customer that carries our id."""
        params: Any = {"metadata": {"owner_id": owner_id}}
        made = await _plain(self._api.customers.create_async(params, {"idempotency_key": key}))
        with translated():
            return str(made["id"])

    async def create_setup_intent(self, customer: str, *, key: str) -> SetupState:
        """Make a SetupIntent for collecting off session."""
        params: Any = {
            "customer": customer,
            "usage": "off_session",
            "automatic_payment_methods": {"enabled": True},
        }
        made = await _plain(self._api.setup_intents.create_async(params, {"idempotency_key": key}))
        with translated():
            return stripe_objects.setup_state(made)

    async def get_setup_intent(self, reference: str) -> SetupState:
        """Retrieve the SetupIntent."""
        found = await _plain(self._api.setup_intents.retrieve_async(reference))
        with translated():
            return stripe_objects.setup_state(found)

    async def get_method(self, external_id: str) -> Method:
        """Retrieve the PaymentMethod."""
        found = await _plain(self._api.payment_methods.retrieve_async(external_id))
        with translated():
            return stripe_objects.method(found)

    async def detach_method(self, external_id: str, *, key: str) -> None:
        """Detach the PaymentMethod from its customer."""
        await _plain(self._api.payment_methods.detach_async(external_id, {}, {"idempotency_key": key}))

    def parse_webhook(self, raw: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Verify Stripe-Signature over the raw body, at most five minutes old."""
        try:
            stripe.WebhookSignature.verify_header(
                raw,
                headers.get("stripe-signature"),
                self._account.webhook_secret,
                tolerance=WEBHOOK_TOLERANCE_SECONDS,
            )
            return stripe_objects.event(json.loads(raw))
        except (stripe.SignatureVerificationError, ValueError, LookupError, TypeError) as error:
            raise SignatureInvalid from error

    async def events_since(self, cursor: str | None) -> tuple[Sequence[ProviderEvent], str | None]:
        """List events; Stripe keeps them for 30 days."""
        params: Any = {"limit": 100, "types": list(EVENT_TYPES)}
        params |= {"ending_before": cursor} if cursor else {"limit": 1}
        with translated():
            # Amounts stay as they are: an account may have events of other systems, which we cannot read.
            found = (await self._api.events.list_async(params)).to_dict()
            newest_first = [stripe_objects.event(document) for document in found["data"]]
        newest = newest_first[0].id if newest_first else cursor
        return (newest_first[::-1] if cursor else []), newest

    async def _payment(self, call: Awaitable[Any]) -> PaymentState:
        try:
            found = await _plain(call)
        except stripe.CardError as error:
            body: Any = error.json_body
            intent = stripe_amounts.in_our_units(body["error"]["payment_intent"])
            found = {**intent, "last_payment_error": body["error"]}
        with translated():
            return stripe_objects.payment_state(found)


async def _plain(call: Awaitable[Any]) -> dict[str, Any]:
    with translated():
        plain: dict[str, Any] = stripe_amounts.in_our_units((await call).to_dict())
        return plain


def _counted(amount: Amount) -> int:
    try:
        return stripe_amounts.to_stripe(amount)
    except (AmountRefused, CurrencyRefused) as error:
        raise ProviderRejected(error.detail, error.code) from error

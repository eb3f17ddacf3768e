"""Stripe's objects, as plain dicts, in the words of our port."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.payment.providers.provider import (
    Method,
    PaymentState,
    ProviderDispute,
    ProviderEvent,
    RefundState,
    Result,
    SetupState,
)
from shared.events.payment import Advice

CHALLENGE = "authentication_required"
# Stripe's decline codes after which the same card cannot work, or nobody should try again.
_NEW_METHOD = frozenset(
    """expired_card incorrect_number invalid_account invalid_number invalid_expiry_month invalid_expiry_year
    incorrect_cvc invalid_cvc incorrect_zip new_account_information_available card_not_supported
    currency_not_supported restricted_card revocation_of_authorization revocation_of_all_authorizations
    stop_payment_order transaction_not_allowed not_permitted security_violation service_not_allowed
    testmode_decline invalid_mandate payment_method_not_available debit_not_authorized""".split()
)
_NEVER = frozenset("lost_card stolen_card pickup_card fraudulent merchant_blacklist".split())
_RESULTS = {
    "succeeded": Result.SUCCEEDED,
    "processing": Result.PROCESSING,
    "requires_action": Result.REQUIRES_ACTION,
    "canceled": Result.CANCELED,
    "requires_confirmation": Result.NOT_STARTED,
}


def payment_state(intent: Mapping[str, Any]) -> PaymentState:
    """A PaymentIntent: one whose last confirmation failed says how."""
    error = intent.get("last_payment_error") or {}
    code = error.get("decline_code") or error.get("code")
    result = _RESULTS.get(intent["status"], Result.NOT_STARTED)
    if intent["status"] == "requires_payment_method" and error:
        result = Result.REQUIRES_ACTION if CHALLENGE in (code, error.get("code")) else Result.DECLINED
    is_failure = result in (Result.DECLINED, Result.REQUIRES_ACTION)
    return PaymentState(
        reference=intent["id"],
        result=result,
        code=code if is_failure else None,
        advice=advice(code, error.get("advice_code")) if result is Result.DECLINED else None,
        message=error.get("message") if is_failure else None,
        client_secret=intent.get("client_secret"),
        amount_received_minor=intent.get("amount_received") or 0,
    )


def is_checkout(reference: str) -> bool:
    """Whether the reference is a Checkout Session's, not a PaymentIntent's."""
    return reference.startswith("cs_")


def checkout_state(session: Mapping[str, Any]) -> PaymentState:
    """A Checkout Session with its PaymentIntent: one that is complete is what its intent is.

    While it is open the payer may try again, whatever became of the last try.
    """
    if session["status"] == "complete" and isinstance(session.get("payment_intent"), Mapping):
        return payment_state(session["payment_intent"])
    result = Result.CANCELED if session["status"] == "expired" else Result.REQUIRES_ACTION
    return PaymentState(session["id"], result)


def advice(code: str | None, given: str | None = None) -> Advice:
    """What can be done about a decline: the network's own advice first, then what the code means."""
    if given == "do_not_try_again" or code in _NEVER:
        return "never"
    if given == "confirm_card_data" or code in _NEW_METHOD:
        return "new_method"
    return "retry"


def setup_state(intent: Mapping[str, Any]) -> SetupState:
    """A SetupIntent."""
    error = intent.get("last_setup_error") or {}
    return SetupState(
        intent["id"],
        intent["status"],
        intent.get("client_secret"),
        _id(intent.get("payment_method")),
        error.get("decline_code") or error.get("code"),
    )


def method(document: Mapping[str, Any]) -> Method:
    """A PaymentMethod: brand and digits stand in the part that is named as its type."""
    kind = document["type"]
    part = document.get(kind) or {}
    brand = part.get("brand") or part.get("bank_name") or part.get("bank")
    digits = part.get("last4") or part.get("iban_last4")
    return Method(document["id"], kind, brand, digits, part.get("exp_month"), part.get("exp_year"))


def refund_state(document: Mapping[str, Any]) -> RefundState:
    """A Refund; one without a status (of an old account) is done."""
    return RefundState(
        document["id"],
        document.get("status") or "succeeded",
        _id(document.get("payment_intent")),
        (document.get("metadata") or {}).get("refund_id"),
        document.get("failure_reason"),
    )


def refund_with(documents: Iterable[Mapping[str, Any]], refund_id: str) -> RefundState | None:
    """Of these Refunds the one that carries our refund's id."""
    found = map(refund_state, documents)
    return next((refund for refund in found if refund.refund_id == refund_id), None)


def dispute(document: Mapping[str, Any]) -> ProviderDispute:
    """A Dispute."""
    reference = _id(document.get("payment_intent")) or ""
    return ProviderDispute(
        reference=document["id"],
        status=document["status"],
        payment_reference=reference,
        amount_minor=document["amount"],
        reason=document.get("reason"),
        currency=(document.get("currency") or "").upper() or None,
    )


def event(document: Mapping[str, Any]) -> ProviderEvent:
    """An Event: its id, its type, and the id of the object that it is about."""
    about = document["data"]["object"]
    return ProviderEvent(str(document["id"]), str(document["type"]), str(about.get("id") or ""))


def _id(value: Any) -> str | None:
    """A reference that Stripe may have expanded."""
    return str(value["id"]) if isinstance(value, Mapping) else value and str(value)

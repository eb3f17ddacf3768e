"""The port to payment providers: what the service asks of one, and the words in which it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shared.events.payment import Advice
from shared.kernel.errors import BadRequest, Invalid

SANDBOX = "sandbox"
STRIPE = "stripe"


class Result(StrEnum):
    """Where an intent to pay stands at the provider. A decline is a value, not an error."""

    SUCCEEDED = "succeeded"
    PROCESSING = "processing"
    REQUIRES_ACTION = "requires_action"
    DECLINED = "declined"
    CANCELED = "canceled"
    NOT_STARTED = "not_started"


@dataclass(frozen=True, slots=True)
class PaymentState:
    """What the provider says of one intent; `code` and `advice` are set when it was declined."""

    reference: str
    result: Result
    code: str | None = None
    advice: Advice | None = None
    message: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    amount_received_minor: int = 0


@dataclass(frozen=True, slots=True)
class Amount:
    """So much, in minor units of `currency`."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A page of the provider's where the payer pays once, until `expires_at`; then it is over.

    `return_url` is where the payer comes back to, having paid or not.
    """

    collection_id: str
    amount: Amount
    description: str
    return_url: str
    expires_at: datetime

    @property
    def paid_url(self) -> str:
        """Where the payer comes back to after paying."""
        return f"{self.return_url}?checkout=done"

    @property
    def left_url(self) -> str:
        """Where the payer comes back to without having paid."""
        return f"{self.return_url}?checkout=canceled"


@dataclass(frozen=True, slots=True)
class OpenCheckout:
    """A checkout at the provider: `url` is the page for the payer, `reference` looks up what came of it."""

    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class Method:
    """What the provider keeps to collect from: never a number, only what may be shown."""

    external_id: str
    type: str
    brand: str | None = None
    last4: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None


@dataclass(frozen=True, slots=True)
class SetupState:
    """A setup intent: `method_id` is there once it succeeded; `client_secret` lets a payer finish it."""

    reference: str
    status: str
    client_secret: str | None = field(default=None, repr=False)
    method_id: str | None = None
    failure_code: str | None = None

    @property
    def has_succeeded(self) -> bool:
        return self.status == "succeeded"


@dataclass(frozen=True, slots=True)
class RefundState:
    """A refund at the provider; it is over once `status` is `succeeded`, `failed` or `canceled`."""

    reference: str
    status: str
    payment_reference: str | None = None
    refund_id: str | None = None
    failure_reason: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderDispute:
    """Money that the payer's bank took back, or gave back when the dispute was won.

    The amount is in minor units of `currency`, which may be the payer's; none: it is the payment's.
    """

    reference: str
    status: str
    payment_reference: str
    amount_minor: int
    reason: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """A hint that something happened to an object: the object is read again before anything is believed."""

    id: str
    type: str
    object_id: str


class ProviderError(Exception):
    """The provider did not do what was asked."""


class ProviderUnavailable(ProviderError):
    """Surely not executed (no connection, too many requests): the same call may be made again."""


class ProviderUnknownOutcome(ProviderError):
    """Perhaps executed (time-out, reset, 5xx, conflict): only a look-up can tell."""


class ProviderRejected(ProviderError):
    """Refused as wrong: our fault, so a repetition would not help. `code` is the provider's word."""

    def __init__(self, message: str, code: str | None = None) -> None:
        self.code = code
        super().__init__(message)


class ProviderAuth(ProviderError):
    """The credentials were refused, so nothing was executed."""


class CurrencyRefused(Invalid):
    """The payment provider takes no money in this currency."""

    code = "currency_not_supported"


class AmountRefused(Invalid):
    """The payment provider cannot take or send exactly this amount of its currency."""

    code = "amount_not_supported"


class SignatureInvalid(BadRequest):
    """The signature of this webhook does not fit its body."""

    code = "signature_invalid"


class Provider(Protocol):
    """One account at one provider. `key` makes a repetition of the same call harmless.

    Every call may raise ProviderUnavailable, ProviderUnknownOutcome, ProviderRejected or ProviderAuth.
    """

    name: str

    async def prepare(
        self, collection_id: str, amount: Amount, customer: str, method: str, *, key: str
    ) -> PaymentState:
        """Make the one intent of a collection, unconfirmed: no money moves yet."""

    async def open_checkout(self, checkout: Checkout, *, key: str) -> OpenCheckout:
        """Open a page where the payer pays. Its reference serves lookup() and cancel() as an intent's does.

        Once it was paid, lookup() answers with the reference of the intent that moved the money.
        """

    async def confirm(self, reference: str, method: str, *, off_session: bool, key: str) -> PaymentState:
        """Move the money."""

    async def lookup(self, reference: str) -> PaymentState:
        """What became of the intent."""

    async def find(self, collection_id: str) -> PaymentState | None:
        """The intent that carries this collection's id, where the answer to prepare() was lost."""

    async def cancel(self, reference: str, *, key: str) -> PaymentState:
        """Cancel the intent; what it is instead when it can no longer be canceled."""

    async def refund(
        self, reference: str, amount: Amount, *, refund_id: str, reason: str | None, key: str
    ) -> RefundState:
        """Send money back."""

    async def get_refund(self, reference: str) -> RefundState:
        """What became of a refund."""

    async def find_refund(self, payment_reference: str, refund_id: str) -> RefundState | None:
        """The refund that carries our refund's id, where the answer to refund() was lost."""

    async def get_dispute(self, reference: str) -> ProviderDispute:
        """What the payer's bank says."""

    async def ensure_customer(self, owner_id: str, *, key: str) -> str:
        """The provider's id for a contact, or for the workspace itself."""

    async def create_setup_intent(self, customer: str, *, key: str) -> SetupState:
        """Begin to keep a method for collecting without the payer (`usage=off_session`)."""

    async def get_setup_intent(self, reference: str) -> SetupState:
        """What became of it."""

    async def get_method(self, external_id: str) -> Method:
        """What may be shown of a method."""

    async def detach_method(self, external_id: str, *, key: str) -> None:
        """Let the provider forget it; one that is gone already is no error."""

    def parse_webhook(self, raw: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """The hint in a webhook; raises SignatureInvalid unless its body is signed with our secret."""

    async def events_since(self, cursor: str | None) -> tuple[Sequence[ProviderEvent], str | None]:
        """What happened after the cursor, oldest first, and the next cursor; None begins at the newest."""

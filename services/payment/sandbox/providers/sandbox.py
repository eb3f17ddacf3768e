"""The sandbox provider behind our port: the engine called directly, its faults as the port's errors."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Mapping, Sequence

from services.payment.providers import stripe_objects
from services.payment.providers.provider import (
    Amount,
    Checkout,
    Method,
    OpenCheckout,
    PaymentState,
    ProviderDispute,
    ProviderEvent,
    ProviderRejected,
    ProviderUnavailable,
    ProviderUnknownOutcome,
    RefundState,
    SetupState,
    SignatureInvalid,
)
from services.payment.sandbox.providers.cards import CardFault
from services.payment.sandbox.providers.checkouts import Checkouts
from services.payment.sandbox.providers.effects import Refused
from services.payment.sandbox.providers.engine import Engine, Reply
from services.payment.sandbox.providers.store import Document, SandboxStore


class SandboxProvider:
    """One workspace's account at the sandbox provider."""

    name = "sandbox"

    def __init__(
        self, book: SandboxStore, account: str, slow_seconds: int = 2, webhook_secret: str = ""
    ) -> None:
        self.engine = Engine(book, account)
        self.checkouts = Checkouts(self.engine)
        self._slow_seconds = slow_seconds
        self._webhook_secret = webhook_secret

    async def prepare(
        self, collection_id: str, amount: Amount, customer: str, method: str, *, key: str
    ) -> PaymentState:
        """Make the collection's intent."""
        fields = {
            "amount": amount.minor,
            "currency": amount.currency.lower(),
            "customer": customer,
            "payment_method": method,
            "metadata": {"collection_id": collection_id},
        }
        return stripe_objects.payment_state(await self._answer(self.engine.create_intent(fields, key)))

    async def open_checkout(self, checkout: Checkout, *, key: str) -> OpenCheckout:
        """Open a page where the payer chooses how it ends; it is shown below `return_url`."""
        fields = {
            "amount_total": checkout.amount.minor,
            "currency": checkout.amount.currency.lower(),
            "description": checkout.description,
            "success_url": checkout.paid_url,
            "cancel_url": checkout.left_url,
            "expires_at": int(checkout.expires_at.timestamp()),
            "metadata": {"collection_id": checkout.collection_id},
        }
        base_url = f"{checkout.return_url}/checkout"
        document = await self._answer(self.checkouts.create(fields, base_url, key))
        return OpenCheckout(str(document["id"]), str(document["url"]))

    async def confirm(self, reference: str, method: str, *, off_session: bool, key: str) -> PaymentState:
        """Move the money."""
        document = await self._answer(self.engine.confirm_intent(reference, off_session, key))
        return stripe_objects.payment_state(document)

    async def lookup(self, reference: str) -> PaymentState:
        """What became of the intent."""
        if stripe_objects.is_checkout(reference):
            return stripe_objects.checkout_state(await self._answer(self.checkouts.get(reference)))
        return stripe_objects.payment_state(await self._answer(self.engine.get_intent(reference)))

    async def find(self, collection_id: str) -> PaymentState | None:
        """The newest intent of the collection."""
        found = await self.engine.find("payment_intent", collection_id)
        return stripe_objects.payment_state(found[-1]) if found else None

    async def cancel(self, reference: str, *, key: str) -> PaymentState:
        """Cancel the intent or end the checkout, or say what it is instead."""
        try:
            if stripe_objects.is_checkout(reference):
                return stripe_objects.checkout_state(await self._answer(self.checkouts.expire(reference)))
            return stripe_objects.payment_state(await self._answer(self.engine.cancel_intent(reference)))
        except ProviderRejected:
            return await self.lookup(reference)

    async def refund(
        self, reference: str, amount: Amount, *, refund_id: str, reason: str | None, key: str
    ) -> RefundState:
        """Send money back."""
        fields = {
            "payment_intent": reference,
            "amount": amount.minor,
            "metadata": {"refund_id": refund_id},
        }
        return stripe_objects.refund_state(await self._answer(self.engine.create_refund(fields, key)))

    async def get_refund(self, reference: str) -> RefundState:
        """What became of a refund."""
        return stripe_objects.refund_state(await self._get("refund", reference))

    async def find_refund(self, payment_reference: str, refund_id: str) -> RefundState | None:
        """The refund with our id."""
        return stripe_objects.refund_with(await self.engine.find("refund", payment_reference), refund_id)

    async def get_dispute(self, reference: str) -> ProviderDispute:
        """What the payer's bank says."""
        return stripe_objects.dispute(await self._get("dispute", reference))

    async def ensure_customer(self, owner_id: str, *, key: str) -> str:
        """A customer for this owner."""
        document = await self._answer(self.engine.create_customer({"owner_id": owner_id}, key))
        return str(document["id"])

    async def create_setup_intent(self, customer: str, *, key: str) -> SetupState:
        """Begin to keep a method."""
        document = await self._answer(self.engine.create_setup_intent(customer, {}, key))
        return stripe_objects.setup_state(document)

    async def confirm_setup_intent(self, reference: str, card: str) -> SetupState:
        """Keep one of the test cards; raises ProviderRejected for a card that is none."""
        return stripe_objects.setup_state(
            await self._answer(self.engine.confirm_setup_intent(reference, card))
        )

    async def get_setup_intent(self, reference: str) -> SetupState:
        """What became of it."""
        return stripe_objects.setup_state(await self._get("setup_intent", reference))

    async def get_method(self, external_id: str) -> Method:
        """What may be shown of a method."""
        return stripe_objects.method(await self._get("payment_method", external_id))

    async def detach_method(self, external_id: str, *, key: str) -> None:
        """Forget it."""
        await self._answer(self.engine.detach_method(external_id))

    def parse_webhook(self, raw: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """The hint in a body that is signed with HMAC-SHA256 in the header `sandbox-signature`."""
        expected = hmac.new(self._webhook_secret.encode(), raw, hashlib.sha256).hexdigest()
        if not self._webhook_secret or not hmac.compare_digest(
            expected, headers.get("sandbox-signature", "")
        ):
            raise SignatureInvalid
        return stripe_objects.event(json.loads(raw))

    async def events_since(self, cursor: str | None) -> tuple[Sequence[ProviderEvent], str | None]:
        """What happened after the cursor."""
        found = [stripe_objects.event(document) for document in await self.engine.find("event")]
        ids = [event.id for event in found]
        newer = found[ids.index(cursor) + 1 :] if cursor in ids else found if cursor else []
        return newer, ids[-1] if ids else cursor

    async def _get(self, kind: str, reference: str) -> Document:
        try:
            return await self.engine.get(kind, reference)
        except Refused as error:
            raise ProviderRejected(error.message, error.code) from error

    async def _answer(self, call: Awaitable[Reply]) -> Document:
        try:
            reply = await call
        except Refused as error:
            raise ProviderRejected(error.message, error.code) from error
        if reply.fault is CardFault.SLOW:
            await asyncio.sleep(self._slow_seconds)
        elif reply.fault is CardFault.RATE_LIMITED:
            raise ProviderUnavailable("too many requests")
        elif reply.fault is not None:
            raise ProviderUnknownOutcome(reply.fault.value)
        return reply.document

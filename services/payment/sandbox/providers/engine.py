"""The sandbox provider's engine: what a provider does, with test cards that fail on purpose.

Documents have Stripe's shapes, so that the engine has two faces: our port and Stripe's HTTP interface.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.payment.sandbox.providers.cards import CardFault
from services.payment.sandbox.providers.effects import (
    Refused,
    card_of,
    charge,
    dispute,
    fail,
    needed,
    new_document,
    put_method,
    succeed,
    tell,
)
from services.payment.sandbox.providers.store import Document, Page, SandboxStore
from shared.kernel.ids import new_id

PROCESSING_LOOKUPS = 2
"""A payment in processing succeeds when it is looked up for the second time."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the engine answers, and what happens to the answer on its way."""

    document: Document
    fault: CardFault | None = None


Work = Callable[[Page], Awaitable[Reply]]


class Engine:
    """One provider account."""

    def __init__(self, book: SandboxStore, account: str) -> None:
        self._book = book
        self._account = account

    async def create_customer(self, metadata: dict[str, str], key: str) -> Reply:
        """A payer."""
        return await self._make("customer", "cus", {"metadata": metadata}, key)

    async def create_setup_intent(self, customer: str | None, metadata: dict[str, str], key: str) -> Reply:
        """The wish to keep a method."""
        fields = {"customer": customer, "status": "requires_payment_method", "payment_method": None}
        return await self._make("setup_intent", "seti", {**fields, "metadata": metadata}, key)

    async def confirm_setup_intent(self, reference: str, card: str) -> Reply:
        """What the payer does in the provider's form: keep a method, here one of the test cards."""

        async def work(page: Page) -> Reply:
            setup = await needed(page, "setup_intent", reference)
            if setup["status"] != "succeeded":
                method = await put_method(page, card, setup["customer"])
                setup |= {"status": "succeeded", "payment_method": method["id"]}
                await page.put("setup_intent", reference, setup)
                await tell(page, "setup_intent.succeeded", setup)
            return Reply(setup)

        return await self.do(work)

    async def create_method(self, card: str, customer: str | None) -> Reply:
        """A method kept without a setup intent, for tests."""

        async def work(page: Page) -> Reply:
            return Reply(await put_method(page, card, customer))

        return await self.do(work)

    async def detach_method(self, reference: str) -> Reply:
        """Forget a method's customer."""

        async def work(page: Page) -> Reply:
            method = await needed(page, "payment_method", reference)
            method["customer"] = None
            await page.put("payment_method", reference, method)
            return Reply(method)

        return await self.do(work)

    async def create_intent(self, fields: Document, key: str) -> Reply:
        """An intent to pay, unconfirmed; its group is the collection that it names."""
        made = {
            **fields,
            "status": "requires_confirmation",
            "amount_received": 0,
            "last_payment_error": None,
            "has_met_fault": False,
            "lookup_count": 0,
        }
        group = str(fields.get("metadata", {}).get("collection_id", ""))
        return await self._make("payment_intent", "pi", made, key, group)

    async def confirm_intent(self, reference: str, is_off_session: bool, key: str) -> Reply:
        """Move the money, as far as the card lets it."""

        async def work(page: Page) -> Reply:
            intent = await needed(page, "payment_intent", reference)
            if intent["status"] not in ("requires_confirmation", "requires_payment_method"):
                raise Refused("payment_intent_unexpected_state", f"The status is {intent['status']}.")
            card = card_of(intent["payment_method"])
            fault = None if intent["has_met_fault"] else card.fault
            intent["has_met_fault"] |= fault is not None
            if fault is None or card.fault_has_effect:
                await charge(page, intent, card, is_off_session)
            await page.put("payment_intent", reference, intent)
            return Reply(intent, fault)

        return await self.do(work, key)

    async def authenticate_intent(self, reference: str) -> Reply:
        """What the payer does when the bank asks: prove who they are. The money moves."""

        async def work(page: Page) -> Reply:
            intent = await needed(page, "payment_intent", reference)
            if intent["status"] in ("requires_action", "requires_payment_method"):
                await succeed(page, intent)
            return Reply(intent)

        return await self.do(work)

    async def get_intent(self, reference: str) -> Reply:
        """The intent as it is now."""

        async def work(page: Page) -> Reply:
            intent = await needed(page, "payment_intent", reference)
            if intent["status"] == "processing":
                intent["lookup_count"] += 1
                if intent["lookup_count"] >= PROCESSING_LOOKUPS:
                    await succeed(page, intent)
                await page.put("payment_intent", reference, intent)
            return Reply(intent)

        return await self.do(work)

    async def cancel_intent(self, reference: str) -> Reply:
        """End an intent that has moved no money."""

        async def work(page: Page) -> Reply:
            intent = await needed(page, "payment_intent", reference)
            if intent["status"] in ("succeeded", "processing"):
                raise Refused("payment_intent_unexpected_state", f"The status is {intent['status']}.")
            intent["status"] = "canceled"
            await page.put("payment_intent", reference, intent)
            return Reply(intent)

        return await self.do(work)

    async def create_refund(self, fields: Document, key: str) -> Reply:
        """Send money of a charge back."""

        async def work(page: Page) -> Reply:
            intent = await needed(page, "payment_intent", fields["payment_intent"])
            done = sum(one["amount"] for one in await page.find("refund", intent["id"]))
            amount = fields.get("amount") or intent["amount_received"] - done
            if amount > intent["amount_received"] - done:
                raise Refused("charge_already_refunded", "More than was charged and not refunded yet.")
            refund = {**new_document("refund", "re"), **fields, "amount": amount, "status": "succeeded"}
            refund["currency"] = intent["currency"]
            await page.put("refund", refund["id"], refund, intent["id"])
            await tell(page, "refund.updated", refund)
            if card_of(intent["payment_method"]).aftermath == "refund_fails":
                # It is answered as one that succeeded: that it failed is told afterwards.
                await fail(page, refund, "lost_or_stolen_card")
            return Reply(refund)

        return await self.do(work, key)

    async def fail_refund(self, reference: str, reason: str) -> Reply:
        """What the payer's bank does: send a refund back that had succeeded."""

        async def work(page: Page) -> Reply:
            return Reply(await fail(page, await needed(page, "refund", reference), reason))

        return await self.do(work)

    async def open_dispute(
        self, intent_reference: str, amount: int | None = None, reason: str = "fraudulent"
    ) -> Reply:
        """What the payer's bank does: take the money back, all of it where no amount is given."""

        async def work(page: Page) -> Reply:
            intent = await needed(page, "payment_intent", intent_reference)
            return Reply(await dispute(page, intent, amount or intent["amount_received"], reason))

        return await self.do(work)

    async def decide_dispute(self, reference: str, outcome: str) -> Reply:
        """What the payer's bank decides, once: `won` (the money comes back) or `lost`."""

        async def work(page: Page) -> Reply:
            disputed = await needed(page, "dispute", reference)
            if disputed["status"] in ("won", "lost"):
                raise Refused("dispute_decided", f"The dispute is {disputed['status']}.")
            disputed["status"] = outcome
            await page.put("dispute", reference, disputed, disputed["payment_intent"])
            await tell(page, "charge.dispute.closed", disputed)
            if outcome == "won":
                await tell(page, "charge.dispute.funds_reinstated", disputed)
            return Reply(disputed)

        return await self.do(work)

    async def get(self, kind: str, reference: str) -> Document:
        """A document of this kind; raises Refused when there is none."""
        async with self._book.open(self._account) as page:
            return await needed(page, kind, reference)

    async def find(self, kind: str, group: str | None = None) -> list[Document]:
        """The documents of a kind, oldest first: intents by collection, charges and refunds by intent."""
        async with self._book.open(self._account) as page:
            return await page.find(kind, group)

    async def forget_keys(self) -> None:
        """Forget every idempotency key, as a provider does after a while."""
        async with self._book.open(self._account) as page:
            await page.drop("key")

    async def _make(self, kind: str, prefix: str, fields: Document, key: str, group: str = "") -> Reply:
        async def work(page: Page) -> Reply:
            made = {**new_document(kind, prefix), **fields}
            made["client_secret"] = f"{made['id']}_secret_{new_id().hex}"
            await page.put(kind, made["id"], made, group)
            return Reply(made)

        return await self.do(work, key)

    async def do(self, work: Work, key: str | None = None) -> Reply:
        """Do this work in one transaction; a key that was used before gets the first answer again."""
        async with self._book.open(self._account) as page:
            known = await page.get("key", key) if key else None
            if known:
                fault = CardFault.STORED_500 if known["is_error"] else None
                return Reply(known["document"], fault)
            reply = await work(page)
            if key and reply.fault not in (CardFault.ERROR_500, CardFault.RATE_LIMITED):
                is_error = reply.fault is CardFault.STORED_500
                await page.put("key", key, {"document": reply.document, "is_error": is_error})
            return reply

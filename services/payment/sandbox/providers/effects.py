"""What happens to the sandbox provider's documents: money moves, comes back, is disputed, and is told of."""

from typing import Any

from services.payment.sandbox.providers.cards import CARDS, Card
from services.payment.sandbox.providers.store import Document, Page
from shared.kernel.ids import new_id

METHOD_PREFIX = "pm_sandbox_"


class Refused(Exception):
    """The engine refuses a call as wrong: `code` and `status` as Stripe has them."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        self.code, self.message, self.status = code, message, status
        super().__init__(message)


def card_of(method: str) -> Card:
    """The test card that a method was made from; raises Refused for another provider's method."""
    name = method.removeprefix(METHOD_PREFIX).rpartition("_")[0]
    if not method.startswith(METHOD_PREFIX) or name not in CARDS:
        raise Refused("resource_missing", f"No such payment_method: {method}", 404)
    return CARDS[name]


async def put_method(page: Page, card: str, customer: str | None) -> Document:
    """Keep a test card as a method; raises Refused for one that is none."""
    if card not in CARDS:
        raise Refused("invalid_test_card", f"The test cards are {', '.join(CARDS)}.")
    shown = {"brand": CARDS[card].brand, "last4": CARDS[card].last4, "exp_month": 12, "exp_year": 2040}
    method: Document = {"id": f"{METHOD_PREFIX}{card}_{new_id().hex}", "object": "payment_method"}
    method |= {"type": "card", "card": shown, "customer": customer}
    await page.put("payment_method", method["id"], method)
    return method


async def fail(page: Page, refund: Document, reason: str) -> Document:
    """The refund's money comes back."""
    failed = {**refund, "status": "failed", "failure_reason": reason}
    await page.put("refund", refund["id"], failed, refund["payment_intent"])
    await tell(page, "refund.failed", failed)
    return failed


async def dispute(page: Page, intent: Document, amount: int, reason: str) -> Document:
    """The payer's bank takes so much of the intent's charge back until it has decided."""
    made = {**new_document("dispute", "dp"), "payment_intent": intent["id"], "amount": amount}
    made |= {"currency": intent["currency"], "status": "needs_response", "reason": reason}
    await page.put("dispute", made["id"], made, intent["id"])
    await tell(page, "charge.dispute.created", made)
    return made


async def charge(page: Page, intent: Document, card: Card, is_off_session: bool) -> None:
    """Move the money of an intent, as far as the card lets it."""
    if card.outcome == "succeeded":
        await succeed(page, intent)
        if card.aftermath == "dispute":
            await dispute(page, intent, intent["amount"], "fraudulent")
    elif card.outcome == "processing":
        intent["status"] = "processing"
    elif card.outcome == "requires_action" and not is_off_session:
        intent["status"] = "requires_action"
    else:
        error = {"type": "card_error", "code": "card_declined", "decline_code": card.code}
        if card.outcome == "requires_action":
            error["code"] = str(card.code)
        intent |= {"status": "requires_payment_method", "last_payment_error": error}
        await tell(page, "payment_intent.payment_failed", intent)


async def succeed(page: Page, intent: Document) -> None:
    """The money has moved: the intent has a charge."""
    charge = {**new_document("charge", "ch"), "payment_intent": intent["id"], "amount": intent["amount"]}
    charge |= {"currency": intent["currency"], "metadata": intent.get("metadata", {})}
    await page.put("charge", charge["id"], charge, intent["id"])
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
    await page.put("payment_intent", intent["id"], intent)
    await tell(page, "payment_intent.succeeded", intent)


async def tell(page: Page, type_: str, document: Document) -> None:
    """Note an event about the document."""
    event = {**new_document("event", "evt"), "type": type_, "data": {"object": document}}
    await page.put("event", event["id"], event)


async def needed(page: Page, kind: str, reference: Any) -> Document:
    """The document; raises Refused where there is none."""
    found = await page.get(kind, str(reference))
    if found is None:
        raise Refused("resource_missing", f"No such {kind}: {reference}", 404)
    return found


def new_document(kind: str, prefix: str) -> Document:
    """The start of a document of this kind, with an id of its own."""
    return {"id": f"{prefix}_{new_id().hex}", "object": kind}

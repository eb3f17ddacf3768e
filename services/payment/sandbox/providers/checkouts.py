"""The sandbox provider's checkouts: a page where a payer pays once, with one of the test cards."""

import time
from typing import Any

from services.payment.sandbox.providers.cards import CARDS
from services.payment.sandbox.providers.effects import (
    Refused,
    charge,
    needed,
    new_document,
    put_method,
    tell,
)
from services.payment.sandbox.providers.engine import Engine, Reply
from services.payment.sandbox.providers.store import Document, Page

KIND = "checkout_session"


class Checkouts:
    """The checkouts of one account."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def create(self, fields: Document, base_url: str, key: str) -> Reply:
        """A page below `base_url`, open until `expires_at` (seconds since 1970)."""

        async def work(page: Page) -> Reply:
            session = {**new_document("checkout.session", "cs_sandbox"), **fields}
            session |= {"status": "open", "payment_status": "unpaid", "payment_intent": None}
            session |= {"url": f"{base_url}/{session['id']}", "last_error": None}
            await page.put(KIND, session["id"], session)
            return Reply(session)

        return await self._engine.do(work, key)

    async def get(self, reference: str) -> Reply:
        """The checkout as it is now, with its intent."""

        async def work(page: Page) -> Reply:
            return Reply(await _whole(page, await _current(page, reference)))

        return await self._engine.do(work)

    async def pay(self, reference: str, card: str) -> Reply:
        """What the payer does on the page: pay with this test card. A decline leaves the checkout open."""

        async def work(page: Page) -> Reply:
            session = await _current(page, reference)
            if session["status"] != "open":
                return Reply(await _whole(page, session))
            intent = await _attempt(page, session, card)
            is_complete = intent["status"] in ("succeeded", "processing")
            session["last_error"] = (intent["last_payment_error"] or {}).get("decline_code")
            if is_complete:
                is_paid = intent["status"] == "succeeded"
                session |= {"status": "complete", "payment_intent": intent["id"], "url": None}
                session["payment_status"] = "paid" if is_paid else "unpaid"
                await tell(page, "checkout.session.completed", session)
            await page.put(KIND, reference, session)
            return Reply(await _whole(page, session))

        return await self._engine.do(work)

    async def expire(self, reference: str) -> Reply:
        """End an open checkout; raises Refused when it is over."""

        async def work(page: Page) -> Reply:
            session = await _current(page, reference)
            if session["status"] == "complete":
                raise Refused("resource_not_open", "The checkout is complete.")
            return Reply(await _expired(page, session))

        return await self._engine.do(work)


async def _current(page: Page, reference: str) -> Document:
    session = await needed(page, KIND, reference)
    is_late = session["status"] == "open" and session["expires_at"] <= time.time()
    return await _expired(page, session) if is_late else session


async def _expired(page: Page, session: Document) -> Document:
    session |= {"status": "expired", "url": None}
    await page.put(KIND, session["id"], session)
    return session


async def _attempt(page: Page, session: Document, card: str) -> Document:
    """An intent of the checkout, charged as far as the card lets it: the payer is there to be asked."""
    method = await put_method(page, card, None)
    intent: Document = {
        **new_document("payment_intent", "pi"),
        "amount": session["amount_total"],
        "currency": session["currency"],
        "customer": None,
        "payment_method": method["id"],
        "metadata": session["metadata"],
        "status": "requires_confirmation",
        "amount_received": 0,
        "last_payment_error": None,
        "has_met_fault": True,
        "lookup_count": 0,
    }
    await charge(page, intent, CARDS[card], is_off_session=False)
    if intent["status"] == "requires_action":
        # The page asks the payer itself, who is there.
        await charge(page, intent, CARDS["success"], is_off_session=False)
    await page.put("payment_intent", intent["id"], intent)
    return intent


async def _whole(page: Page, session: Document) -> Document:
    intent: Any = session["payment_intent"] and await needed(
        page, "payment_intent", session["payment_intent"]
    )
    return {**session, "payment_intent": intent}

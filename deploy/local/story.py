"""One invoice from its first line to its webhook, told line by line with the time each step took."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord

from deploy.local.console import Console
from deploy.local.errors import LocalError
from deploy.local.listener import Listener, listening
from deploy.local.ports import free_port

DIALECT = "/paydock/api"
WAIT_SECONDS = 30
POLL_SECONDS = 0.02
REFERENCE = "TXN-12345"
AFTERWARDS = "after the payment was sent"
LABEL_WIDTH = 28
WORDS_WIDTH = 46

CONTACT = {"name": "Acme BV", "email": "info@acme.nl"}
PRODUCT = {"name": "Spont POS Licentie", "unit_price_incl": 89.00, "tax_percentage": 21}
# The two example bodies of the dialect's documentation, literally.
INVOICE: dict[str, Any] = {
    "contact_id": "uuid-of-customer",
    "status": "verzonden",
    "invoice_date": "2026-04-11",
    "due_date": "2026-05-11",
    "lines": [
        {
            "description": "Spont POS Licentie",
            "quantity": 1,
            "unit_price_incl": 89.00,
            "tax_percentage": 21,
            "product_id": "uuid-of-product",
        },
        {"description": "Installatie", "quantity": 2, "unit_price_incl": 125.00, "tax_percentage": 21},
        {"description": "Notitie: Levering binnen 5 werkdagen", "is_text_line": True},
    ],
}
PAYMENT = {
    "invoice_id": "uuid-of-invoice",
    "amount": 339.00,
    "payment_date": "2026-04-11",
    "external_method": "bank_transfer",
    "external_reference": REFERENCE,
    "note": "Betaling ontvangen via extern systeem",
}


class StoryBroken(LocalError):
    """A step did not happen as told."""


@dataclass
class Story:
    """Tells the steps against one platform."""

    console: Console
    http: httpx.AsyncClient
    listener: Listener
    payments: AIOKafkaConsumer
    step_count: int = 0
    # When the payment was sent, in seconds of the wall clock: Kafka stamps its records with it.
    paid_at: float = 0.0

    async def tell(self) -> None:
        """Everything, in order; raises StoryBroken at the first step that fails."""
        endpoint_id = await self._register_listener()
        try:
            await self._sell()
        finally:
            # Nobody listens there afterwards: it would only gather failed deliveries.
            await self.http.delete(f"/v1/webhook-endpoints/{endpoint_id}")

    async def _register_listener(self) -> str:
        body = {"url": self.listener.url, "event_types": ["*"]}
        endpoint = await self._create(
            "listen for webhooks", "/v1/webhook-endpoints", body, lambda _: self.listener.url
        )
        self.listener.secret = endpoint["secret"]
        return str(endpoint["id"])

    async def _sell(self) -> None:
        new_contact = CONTACT | {"external_id": f"CRM-{token_hex(4)}"}
        contact = await self._create("create a contact", f"{DIALECT}/contacts", new_contact)
        product = await self._create("create a product", f"{DIALECT}/products", PRODUCT)
        invoice = await self._invoice(contact["id"], product["id"])
        invoice_id = invoice["id"]
        await self._pdf(invoice_id)
        await self._sent(invoice_id)
        await self._page(invoice_id)
        payment = await self._payment(invoice_id)
        await self._event(invoice_id, payment["id"])
        await self._paid(invoice_id)
        await self._webhook(invoice_id)
        await self._portal(contact["external_id"])

    async def _invoice(self, contact_id: str, product_id: str) -> dict[str, Any]:
        first, *others = INVOICE["lines"]
        body = INVOICE | {"contact_id": contact_id, "lines": [first | {"product_id": product_id}, *others]}
        invoice = await self._create(
            "create and issue an invoice", f"{DIALECT}/invoices", body, invoice_in_words
        )
        expect(
            invoice["total"] == PAYMENT["amount"], f"the invoice's total is {invoice['total']}, not 339.00"
        )
        expect(invoice["status"] == "verzonden", f"the invoice is {invoice['status']}, not verzonden")
        expect(bool(invoice["number"]), "the invoice has no number")
        return invoice

    async def _pdf(self, invoice_id: str) -> None:
        started_at = time.monotonic()
        pdf = await self._file(f"/v1/invoices/{invoice_id}/pdf")
        expect(pdf.startswith(b"%PDF-"), "the invoice's PDF is none")
        self._line("fetch its PDF", f"{len(pdf) / 1000:.0f} kB", time.monotonic() - started_at)

    async def _sent(self, invoice_id: str) -> None:
        """By e-mail, which the demo's sandbox simulates."""
        started_at = time.monotonic()
        await self._call("POST", f"/v1/invoices/{invoice_id}/send", {"channels": ["email"]})
        while True:
            _, deliveries = await self._call("GET", f"/v1/invoices/{invoice_id}/deliveries")
            (delivery,) = deliveries["data"]
            if delivery["status"] == "delivered":
                break
            expect(time.monotonic() < started_at + WAIT_SECONDS, f"the e-mail is {delivery['status']}")
            await asyncio.sleep(POLL_SECONDS)
        words = f"to {delivery['recipient']} · delivered (simulated)"
        self._line("send it by e-mail", words, time.monotonic() - started_at)

    async def _page(self, invoice_id: str) -> None:
        """The page that its customer sees, which asks for no key."""
        _, invoice = await self._call("GET", f"/v1/invoices/{invoice_id}")
        started_at = time.monotonic()
        async with httpx.AsyncClient(timeout=WAIT_SECONDS, trust_env=False) as customer:
            page = await customer.get(invoice["public_url"])
        expect(page.is_success, f"the public page answered {page.status_code}")
        expect(invoice["number"] in page.text, "the public page shows another invoice")
        words = f"{invoice['number']} · {len(page.content) / 1000:.0f} kB of HTML"
        self._line("open its public page", words, time.monotonic() - started_at)
        self.console.line(f"      {self.console.paint(invoice['public_url'], 2)}")

    async def _payment(self, invoice_id: str) -> dict[str, Any]:
        """The documentation's reference the first time; a reference is registered only once."""
        body = PAYMENT | {"invoice_id": invoice_id}
        _, earlier = await self._call("GET", f"{DIALECT}/payments?limit=500")
        if any(payment.get("external_reference") == REFERENCE for payment in earlier["data"]):
            body["external_reference"] = f"{REFERENCE}-{token_hex(3)}"
        words = f"{body['amount']:.2f} · {body['external_reference']}"
        self.paid_at = time.time()
        return await self._create("register the payment", f"{DIALECT}/payments", body, lambda _: words)

    async def _event(self, invoice_id: str, payment_id: str) -> None:
        record = await self._kafka_record(payment_id)
        allocated = [
            allocation["invoice_id"] for allocation in json.loads(record.value)["data"]["allocations"]
        ]
        expect(allocated == [invoice_id], f"payment.created names the invoices {allocated}, not {invoice_id}")
        place = f"partition {record.partition}, offset {record.offset}"
        self._line("payment.created on Kafka", place, record.timestamp / 1000 - self.paid_at, AFTERWARDS)

    async def _paid(self, invoice_id: str) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            _, invoice = await self._call("GET", f"{DIALECT}/invoices/{invoice_id}")
            if invoice["status"] == "betaald":
                break
            expect(time.monotonic() < deadline, f"the invoice is still {invoice['status']}")
            await asyncio.sleep(POLL_SECONDS)
        words = f"{invoice['number']} · betaald, {invoice['amount_due']:.2f} due"
        self._line("the invoice", words, time.time() - self.paid_at, AFTERWARDS)

    async def _webhook(self, invoice_id: str) -> None:
        def is_wanted(event: dict[str, Any]) -> bool:
            return event["type"] == "invoice.paid" and bool(event["data"]["id"] == invoice_id)

        try:
            delivery = await self.listener.wait_for(is_wanted, WAIT_SECONDS)
        except TimeoutError:
            seen = sorted({delivery.body["type"] for delivery in self.listener.received})
            counts = f"received: {seen}, refused: {self.listener.refused_count}"
            raise StoryBroken(f"no invoice.paid webhook came in {WAIT_SECONDS} s; {counts}") from None
        words = "received, its signature verified"
        self._line("webhook invoice.paid", words, delivery.arrived_at - self.paid_at, AFTERWARDS)

    async def _portal(self, external_id: str) -> None:
        started_at = time.monotonic()
        _, portal = await self._call("GET", f"{DIALECT}/client-portal/{external_id}")
        expect(portal["contact"]["name"] == CONTACT["name"], "the client portal shows another contact")
        summary = portal["summary"]
        expect(summary["open_invoice_count"] == 0, "the client portal still shows an open invoice")
        words = f"{len(portal['recent_payments'])} payment, 0 open, balance {summary['balance']:.2f}"
        self._line(f"client portal {external_id}", words, time.monotonic() - started_at)

    async def _create(
        self,
        label: str,
        path: str,
        body: dict[str, Any],
        words: Callable[[dict[str, Any]], str] | None = None,
    ) -> dict[str, Any]:
        started_at = time.monotonic()
        status, reply = await self._call("POST", path, body)
        expect(status == 201, f"POST {path} answered {status}, not 201: {json.dumps(reply)}")
        self._line(label, words(reply) if words else str(reply["name"]), time.monotonic() - started_at)
        return reply

    async def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        try:
            response = await self.http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise StoryBroken(f"the gateway did not answer {method} {path}: {error!r}") from error
        expect(response.is_success, f"{method} {path} answered {response.status_code}: {response.text}")
        reply: dict[str, Any] = response.json()
        return response.status_code, reply

    async def _file(self, path: str) -> bytes:
        try:
            response = await self.http.get(path)
        except httpx.HTTPError as error:
            raise StoryBroken(f"the gateway did not answer GET {path}: {error!r}") from error
        expect(response.is_success, f"GET {path} answered {response.status_code}: {response.text}")
        return response.content

    async def _kafka_record(self, payment_id: str) -> ConsumerRecord:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                async for record in self.payments:
                    if json.loads(record.value)["data"]["id"] == payment_id:
                        return record
        except TimeoutError:
            pass
        raise StoryBroken(f"payment.created did not appear on Kafka in {WAIT_SECONDS} s")

    def _line(self, label: str, words: str, seconds: float, ending: str = "") -> None:
        self.step_count += 1
        number = self.console.paint(f"{self.step_count:>2}", 2)
        timing = self.console.paint(f"{seconds * 1000:6.0f} ms {ending}", 2)
        self.console.line(f"  {number}  {label:<{LABEL_WIDTH}} {words:<{WORDS_WIDTH}} {timing}")


async def tell_story(console: Console, gateway_url: str, api_key: str, kafka_bootstrap_servers: str) -> None:
    """Tell the story against a running platform; raises StoryBroken when a step does not happen."""
    headers = {"X-API-Key": api_key}
    async with (
        httpx.AsyncClient(
            base_url=gateway_url, headers=headers, timeout=WAIT_SECONDS, trust_env=False
        ) as http,
        listening(free_port()) as listener,
        _consuming("payment.created", kafka_bootstrap_servers) as payments,
    ):
        await Story(console, http, listener, payments).tell()


def expect(is_so: bool, otherwise: str) -> None:
    """Raise StoryBroken with this sentence unless it is so."""
    if not is_so:
        raise StoryBroken(otherwise)


def invoice_in_words(invoice: dict[str, Any]) -> str:
    """Number, total and status."""
    return f"{invoice['number']} · {invoice['total']:.2f} {invoice['currency']} · {invoice['status']}"


@asynccontextmanager
async def _consuming(topic: str, bootstrap_servers: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap_servers, auto_offset_reset="latest")
    await consumer.start()
    try:
        # Fixes the position now; otherwise "latest" is decided at the first poll, after the payment.
        for partition in consumer.assignment():
            await consumer.position(partition)
        yield consumer
    finally:
        await consumer.stop()

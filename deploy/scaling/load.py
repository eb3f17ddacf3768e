"""Invoices to collect at a steady rate, and requests to the other services that are timed."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

CONTACTS = 20
PROBES = ("/v1/invoices?limit=20", "/v1/subscriptions?limit=20", "/v1/webhook-endpoints?limit=20")
PROBE_SECONDS = 0.25


@dataclass
class Load:
    """One sandbox workspace whose customers are charged automatically, with a slow card."""

    session: aiohttp.ClientSession
    per_second: int
    contacts: list[str] = field(default_factory=list)
    issued_count: int = 0
    paid_count: int = 0
    batch_count: int = 0
    is_over: bool = False
    failures: list[str] = field(default_factory=list)
    # When each probe was asked, which it was, and the seconds until its answer.
    latencies: list[tuple[float, str, float]] = field(default_factory=list)

    async def prepare(self) -> None:
        """Contacts with a card that takes a second."""
        for number in range(CONTACTS):
            contact = await self._post("/v1/contacts", {"name": f"Customer {number}"})
            card = {"contact_id": contact["id"], "test_card": "slow"}
            await self._post("/v1/payment-methods/setup-intents", card)
            self.contacts.append(contact["id"])

    async def issue(self) -> None:
        """Issue invoices at the rate, ten times a second, until it is over."""
        began, before = time.monotonic(), self.issued_count
        while not self.is_over:
            due = int((time.monotonic() - began) * self.per_second) - (self.issued_count - before)
            if due > 0:
                await self._counted(self._issue(due))
            await asyncio.sleep(0.1)

    async def probe(self) -> None:
        """Ask the other services in turn, and note how long each took, until it is over."""
        while not self.is_over:
            for path in PROBES:
                started = time.monotonic()
                await self._counted(self._get(path))
                self.latencies.append((started, path, time.monotonic() - started))
            await asyncio.sleep(PROBE_SECONDS)

    async def pay(self, per_second: int) -> None:
        """Register payments of a cent at this rate through payment's API, until it is over."""
        body = {"contact_id": self.contacts[0], "amount_minor": 1, "currency": "EUR"}
        while not self.is_over:
            await self._counted(self._post("/v1/payments", body))
            self.paid_count += 1
            await asyncio.sleep(1 / per_second)

    async def _issue(self, count: int) -> None:
        invoices = [self._invoice(self.issued_count + number) for number in range(min(count, 100))]
        self.issued_count += len(invoices)
        self.batch_count += 1
        await self._post("/v1/invoices/batch", {"invoices": invoices})

    def _invoice(self, number: int) -> dict[str, Any]:
        line = {"description": "Seat", "quantity": 1, "unit_price": 10, "tax_rate": 21}
        return {
            "contact_id": self.contacts[number % len(self.contacts)],
            "status": "open",
            "collection_method": "charge_automatically",
            "lines": [line],
        }

    async def _counted(self, request: Any) -> None:
        try:
            await request
        except (aiohttp.ClientError, TimeoutError, RequestFailed) as error:
            self.failures.append(repr(error))

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        async with self.session.post(path, json=body) as reply:
            return await _answer(reply)

    async def _get(self, path: str) -> Any:
        async with self.session.get(path) as reply:
            return await _answer(reply)


class RequestFailed(Exception):
    """The platform answered, but not as it should."""


async def _answer(reply: aiohttp.ClientResponse) -> Any:
    if reply.status >= 300:
        raise RequestFailed(f"{reply.method} {reply.url.path} {reply.status}: {await reply.text()}")
    return await reply.json()


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values stays within; 0 without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

"""What tests of e-invoices share: a workspace that can send them, and a sender to be stepped by hand."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import httpx

from services.invoice.documents.rendering.factur_x import read_data
from services.invoice.e_invoices.domain.e_invoice import StepDelays
from services.invoice.e_invoices.operations.access_points import AccessPoints
from services.invoice.e_invoices.operations.document_data import FacturXData
from services.invoice.e_invoices.validation.rule_sets import rule_set
from services.invoice.e_invoices.validation.validation import Finding, Validator
from services.invoice.e_invoices.workers.send import EInvoiceLimits, EInvoiceSender
from shared.events.e_invoice import EInvoiceFinding
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import a_contact, an_invoice

AT_ONCE = (timedelta(0),) * 6
SELLER = {
    "name": "Bakkerij de Vries B.V.",
    "country": "NL",
    "vat_id": "NL123456782B90",
    "registration_number": "12345678",
    "iban": "NL91ABNA0417164300",
    "address": {"line1": "Dam 1", "postal_code": "1012 JS", "city": "Amsterdam"},
    "email": "billing@example.com",
}
BUYER = {
    "name": "Acme N.V.",
    "country": "BE",
    "vat_id": "BE0403170701",
    "address": {"line1": "Rue de la Loi 16", "postal_code": "1000", "city": "Bruxelles"},
}


class Rules:
    """The real rules within the test's process, or none; `version` stands for newer ones."""

    def __init__(self, validator: Validator | None) -> None:
        self.validator = validator
        self.version = ""
        self.forbidden: bytes | None = None

    def rule_set(self, syntax: Any) -> str:
        return rule_set("ubl" if syntax == "ubl" else "cii").label + self.version

    async def prepare(self, syntax: Any) -> None:
        """They are compiled."""

    async def findings(self, document: bytes, syntax: Any) -> list[EInvoiceFinding]:
        xml = read_data(document) if syntax == "factur_x" else document
        found = self.validator.findings(xml, "ubl" if syntax == "ubl" else "cii") if self.validator else []
        if self.forbidden and self.forbidden in document:
            found = [Finding("NEW-1", "fatal", "Not any more.", "/")]
        return [EInvoiceFinding(**asdict(one)) for one in found]

    async def close(self) -> None:
        """It ends with the tests."""


async def no_findings(document: bytes, syntax: Any) -> list[EInvoiceFinding]:
    """What was validated before it was queued."""
    return []


def a_sender(
    api: RunningService,
    reach: Callable[[str], None] = lambda _: None,
    lease_seconds: float = 60,
    **delays: Any,
) -> EInvoiceSender:
    """A worker's sender that waits for nothing; `delays` replaces some."""
    every = {"retries": AT_ONCE, "lookups": AT_ONCE, "polls": AT_ONCE, "replies": AT_ONCE[:1], **delays}
    limits = EInvoiceLimits(8, timedelta(seconds=lease_seconds))
    return EInvoiceSender(api.parts.worker, access_points(api), StepDelays(**every), limits, reach=reach)


def use_validation(api: RunningService, validation: Any) -> None:
    """Have e-invoices, and what PDFs carry, judged by this."""
    access_points(api).validation = validation
    api.app.state.document_data = FacturXData(validation)


def access_points(api: RunningService) -> AccessPoints:
    """Those of the running service."""
    found: AccessPoints = api.app.state.access_points
    return found


async def work(sender: EInvoiceSender, rounds: int = 20) -> None:
    """Step until nothing is due any more."""
    for _ in range(rounds):
        more = await sender.step()
        await sender.close()
        if not more:
            return
    raise AssertionError("something is always due")


async def a_bill(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """An invoice of a seller to a buyer, both as e-invoices need them."""
    reply = await client.patch("/v1/business", json=SELLER)
    assert reply.status_code == 200, reply.text
    contact = await a_contact(client, **BUYER)
    return await an_invoice(client, contact_id=contact["id"], **fields)


async def send(client: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    """Ask to send an e-invoice."""
    return await client.post("/v1/e-invoices/send", json=fields)


async def sent(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """An e-invoice, queued."""
    reply = await send(client, **fields)
    assert reply.status_code == 202, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def state_of(client: httpx.AsyncClient, e_invoice: dict[str, Any]) -> dict[str, Any]:
    """It as it is now."""
    found: dict[str, Any] = (await client.get(f"/v1/e-invoices/{e_invoice['id']}")).json()
    return found

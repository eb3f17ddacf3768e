"""What credit settled at issue is learned from the payment service before anything is given out."""

import asyncio
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader

from services.invoice import main
from services.invoice.invoices.workers.credit_at_issue import CreditAtIssue, payment_service
from services.payment import main as payment_main
from shared.http.client import ServiceClient
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import a_contact, a_sent_invoice, an_invoice
from tests.integration.invoice.mail_server import Inbox, a_sender, send_all
from tests.integration.invoice.sending_rig import Rig

PAUSE = timedelta(milliseconds=300)
NOBODY = "http://127.0.0.1:9"
OPENED = """INSERT INTO receivable (workspace_id, invoice_id, contact_id, number, currency, status,
    total_minor, paid_minor, credited_minor, issue_date, invoice_sequence, version, settled_at_opening_minor)
    VALUES ($1, $2, $3, 'X', 'EUR', $4, $5, $6, 0, '2026-11-30', 1, 2, $6)"""


@pytest.fixture(scope="session")
def schemas() -> list[str]:
    return ["invoice", "payment"]


class Asked:
    """A payment service, and what the invoice service asks it with."""

    def __init__(self, payment: RunningService, api: RunningService) -> None:
        self.payment, self._api = payment, api

    def openings(self, url: str | None = None) -> CreditAtIssue:
        """What asks there, or where nobody listens."""
        client = ServiceClient("payment", url or self.payment.url, 2.0)
        return CreditAtIssue(self._api.parts.worker, payment_service(client, self._api.parts.tokens, 0))

    async def opened(self, invoice: dict[str, Any], settled_minor: int) -> None:
        """The payment service hears of the invoice, and credit settles so much of it."""
        async with self._api.parts.worker.transaction() as tx:
            workspace_id = await tx.fetchval(
                "SELECT workspace_id FROM invoice WHERE id = $1", UUID(invoice["id"])
            )
        status = "settled" if settled_minor == invoice["total_minor"] else "open"
        values = (workspace_id, UUID(invoice["id"]), UUID(invoice["contact_id"]), status)
        async with self.payment.parts.worker.transaction() as tx:
            await tx.execute(OPENED, *values, invoice["total_minor"], settled_minor)

    async def has_credit(self, invoice: dict[str, Any]) -> None:
        """The invoice service has heard of money that the contact has to its credit."""
        async with self._api.parts.worker.transaction() as tx:
            await tx.execute(
                """INSERT INTO contact_credit_balance SELECT workspace_id, contact_id, currency, 100, 1
                FROM invoice WHERE id = $1""",
                UUID(invoice["id"]),
            )


def pdf_text(content: bytes) -> str:
    """What the PDF says."""
    return " ".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().replace("\u00a0", " ").split())


def said(inbox: Inbox) -> dict[str, tuple[str, str]]:
    """What each recipient's mail says, and its PDF."""
    return {
        str(mail["To"]).split("@")[0].split("<")[-1]: (
            mail.get_body(("plain",)).get_content(),
            pdf_text(next(mail.iter_attachments()).get_content()),
        )
        for mail in inbox.mails
    }


async def test_a_mail_waits_for_the_credit_and_asks_for_the_rest_alone(
    start_service: Callable[..., Any], a_principal: Callable[..., Any], inbox: Inbox
) -> None:
    payment = await start_service(payment_main.make, "payment", role="api", INVOICE_URL=NOBODY)
    url = {"PAYMENT_URL": payment.url, "OPENING_WAIT_SECONDS": "0"}
    api = await start_service(main.make, "invoice", role="api", SMTP_HOST="127.0.0.1", **url)
    rig, asked = Rig(api, a_principal, inbox), Asked(payment, api)
    client = await rig.workspace()
    await client.patch("/v1/business", json={"iban": "NL91ABNA0417164300"})
    part = await a_sent_invoice(client, "part@kunde.example")
    whole = await a_sent_invoice(client, "whole@kunde.example")
    await asked.has_credit(part)
    await asked.has_credit(whole)
    sender = a_sender(rig.database, inbox, openings=asked.openings(), delays=[PAUSE] * 9)

    await send_all(sender)
    waiting = [await rig.statuses(client, one) for one in (part, whole)]
    refused = await client.get(f"/v1/invoices/{part['id']}/pdf")
    await asked.opened(part, 10_000)
    await asked.opened(whole, whole["total_minor"])
    await asyncio.sleep(PAUSE.total_seconds())
    await send_all(sender)

    assert waiting == [["queued"], ["queued"]]
    assert (refused.status_code, refused.json()["code"]) == (503, "credit_unknown")
    texts = said(inbox)
    assert texts.keys() == {"part", "whole"}
    assert "Amount due: €239.00" in texts["part"][0]
    assert "Settled from your credit −€100.00 Amount due €239.00" in texts["part"][1]
    assert "Please pay €239.00" in texts["part"][1]
    assert "Nothing remains to be paid" in texts["whole"][0]
    assert "Nothing remains to be paid." in texts["whole"][1]
    for absent in ("Please pay", "NL91", "Scan to pay", "Pay online"):
        assert absent not in texts["whole"][1]
    again = await client.get(f"/v1/invoices/{part['id']}/pdf")
    assert again.headers["document-as-issued"] == "yes"
    assert pdf_text(again.content) == texts["part"][1]


async def test_without_credit_nobody_waits_for_a_payment_service_that_is_away(
    start_service: Callable[..., Any], a_principal: Callable[..., Any]
) -> None:
    api = await start_service(main.make, "invoice", role="api", PAYMENT_URL=NOBODY, OPENING_WAIT_SECONDS="0")
    client: httpx.AsyncClient = api.client(a_principal())
    invoice = await an_invoice(client, contact_id=(await a_contact(client))["id"])

    printed = await client.get(f"/v1/invoices/{invoice['id']}/pdf")

    assert printed.status_code == 200
    assert "Please pay €339.00" in pdf_text(printed.content)

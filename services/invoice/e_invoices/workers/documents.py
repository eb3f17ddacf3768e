"""The document of an e-invoice says what credit settled, though that is known only after it was queued."""

from dataclasses import dataclass

from services.invoice.common.domain.electronic_address import Participant
from services.invoice.e_invoices.domain.e_invoice import EInvoice
from services.invoice.e_invoices.operations import e_invoices as operations
from services.invoice.e_invoices.validation.process import ValidationProcess
from services.invoice.invoices.workers.credit_at_issue import CreditAtIssue, CreditUnknown
from shared.kernel.clock import Clock
from shared.postgres.transaction import Database


@dataclass(frozen=True, slots=True)
class Documents:
    """What documents are written again with, before they leave."""

    database: Database
    openings: CreditAtIssue | None
    validation: ValidationProcess

    async def with_credit(self, now: EInvoice, clock: Clock) -> EInvoice:
        """The e-invoice with a document that asks for what is due; may raise CreditUnknown."""
        if self.openings is None or now.credit_note_id is not None:
            return now
        if not await self.openings.learn(now.workspace_id, now.invoice_id):
            raise CreditUnknown
        async with self.database.transaction() as tx:
            return await operations.rewrite_with_credit(tx, now, self.validation, clock)


def address(text: str) -> Participant:
    """An address as e-invoices store it."""
    scheme, _, identifier = text.partition(":")
    return Participant(scheme, identifier)

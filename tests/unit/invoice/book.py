"""An invoice and the credit notes on it, kept as the service keeps them, but in memory."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.credit_notes.domain import crediting
from services.invoice.credit_notes.domain.credit_note import CreditNote, CreditRequest
from services.invoice.credit_notes.domain.crediting import Credited, LineCreditRequest
from services.invoice.invoices.domain import settling
from services.invoice.invoices.domain.invoice import Invoice
from tests.unit.invoice.builders import NOW, TODAY

Wanted = Sequence[Mapping[str, Any]] | None


class Book:
    """An invoice and the credit notes on it, as the service keeps them."""

    def __init__(self, invoice: Invoice) -> None:
        self.invoice = invoice
        self.notes: list[CreditNote] = []
        self.before: dict[UUID, Credited] = {}

    def credit(self, wanted: Wanted = None, **fields: Any) -> CreditNote:
        """One more credit note; raises what the service would answer."""
        credit_note_rules.require_creditable(self.invoice)
        lines = None if wanted is None else [LineCreditRequest(**one) for one in wanted]
        request = CreditRequest(**{"issue_date": TODAY, "lines": lines} | fields)
        taken = crediting.credit_lines(self.invoice.lines, self.before, lines, self.invoice.rounding)
        note = credit_note_rules.draft(self.invoice, taken, self.before, request, NOW)
        self.invoice = settling.credit(self.invoice, note.total_minor, NOW)
        self.notes.append(note)
        for one in taken:
            so_far = self.before.get(one.line.id, Credited())
            quantity = one.quantity or Decimal(0)
            self.before[one.line.id] = so_far.plus(quantity, one.amount_minor, one.taxes_minor)
        return note


def of_line(invoice: Invoice, index: int = 0, **wanted: Any) -> list[dict[str, Any]]:
    """What takes back of one line of the invoice."""
    return [{"invoice_line_id": invoice.lines[index].id, **wanted}]

"""Editions: an issued invoice on which something printed was edited is another edition of it, and says so.

What was given out stays what it was: an earlier edition can be printed again as long as the invoice exists.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.invoice.invoices.domain.invoice import Invoice, Status

_PRINTED = ("due_date", "notes", "reference", "pay_url")
"""What may change of an issued invoice and is printed."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What one edition of an invoice says where editions differ."""

    workspace_id: UUID
    invoice_id: UUID
    edition: int
    edited_at: datetime | None
    due_date: date | None
    notes: str | None
    reference: str | None
    pay_url: str | None


def follow(before: Invoice, after: Invoice, now: datetime) -> Invoice:
    """The changed invoice, as the next edition where it was issued and prints something else."""
    if before.status is Status.DRAFT:
        return after
    # An empty text is printed as none.
    if all((getattr(before, name) or None) == (getattr(after, name) or None) for name in _PRINTED):
        return after
    return replace(after, edition=before.edition + 1, edited_at=now)


def edition_of(invoice: Invoice) -> Edition:
    """The edition that the invoice is now."""
    said = {name: getattr(invoice, name) for name in _PRINTED}
    return Edition(invoice.workspace_id, invoice.id, invoice.edition, invoice.edited_at, **said)


def restore(invoice: Invoice, former: Edition) -> Invoice:
    """The invoice as that edition of it said."""
    said = {name: getattr(former, name) for name in _PRINTED}
    return replace(invoice, edition=former.edition, edited_at=former.edited_at, **said)

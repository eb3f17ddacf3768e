"""Quotes: offers that are sent, then accepted, declined or left to expire."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain import supply
from services.invoice.lines.domain.discount import Discount
from services.invoice.lines.domain.line import Line
from shared.events.invoice import ContactOnInvoice, Seller, TaxBreakdown
from shared.events.quote import QuoteData
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.moves import require_move
from shared.kernel.pricing import Rounding


class Status(StrEnum):
    """Where a quote stands."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.SENT}),
    Status.SENT: frozenset({Status.ACCEPTED, Status.DECLINED, Status.EXPIRED}),
    Status.ACCEPTED: frozenset(),
    Status.DECLINED: frozenset(),
    # A late yes is a yes: whoever sends it again gives it another date.
    Status.EXPIRED: frozenset({Status.SENT}),
}


class QuoteIsSent(Conflict):
    """A quote that was sent does not change: decline it and make another."""

    code = "quote_is_sent"


class QuoteExternalIdTaken(Conflict):
    """Another quote of the workspace has this external_id."""

    code = "quote_external_id_taken"


@dataclass(frozen=True, slots=True)
class Quote:
    """An offer of one workspace, at one version; amounts in minor units of `currency`."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    contact_id: UUID
    contact: ContactOnInvoice
    seller: Seller | None
    currency: str
    rounding: Rounding
    lines: tuple[Line, ...] = ()
    subtotal_minor: int = 0
    tax_minor: int = 0
    total_minor: int = 0
    tax_breakdown: tuple[TaxBreakdown, ...] = ()
    discount: Discount | None = None
    status: Status = Status.DRAFT
    number: str | None = None
    issue_date: date | None = None
    valid_until: date | None = None
    supply_date: date | None = None
    supply_start: date | None = None
    supply_end: date | None = None
    notes: str | None = None
    reference: str | None = None
    external_id: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    invoice_id: UUID | None = None
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    declined_at: datetime | None = None


def edit(quote: Quote, fields: Mapping[str, Any], now: datetime) -> Quote:
    """The draft with these fields changed; raises QuoteIsSent or Invalid."""
    if quote.status is not Status.DRAFT:
        raise QuoteIsSent(field=min(fields, default="status"), status_now=quote.status)
    changed = _changed(quote, now, **fields)
    supply.require_period(changed.supply_start, changed.supply_end)
    return changed


def require_sendable(quote: Quote, today: date) -> None:
    """Raise unless the quote may be sent: it has an item, and its validity has not passed."""
    require_move(MOVES, quote.status, Status.SENT)
    if not any(line.type == "item" for line in quote.lines):
        raise Invalid("A quote needs at least one item before it is sent.", field="lines")
    if quote.valid_until and quote.valid_until < today:
        raise Invalid("The quote's validity has passed.", field="valid_until")


def send(quote: Quote, number: str, today: date, now: datetime) -> Quote:
    """Offer it: it gets its number, or keeps the one it has."""
    return _changed(
        quote, now, status=Status.SENT, number=number, issue_date=quote.issue_date or today, sent_at=now
    )


def accept(quote: Quote, invoice_id: UUID, now: datetime) -> Quote:
    """The customer said yes: the invoice is made of it. Raises IllegalMove."""
    require_move(MOVES, quote.status, Status.ACCEPTED)
    return _changed(quote, now, status=Status.ACCEPTED, invoice_id=invoice_id, accepted_at=now)


def decline(quote: Quote, now: datetime) -> Quote:
    """The customer said no; raises IllegalMove."""
    require_move(MOVES, quote.status, Status.DECLINED)
    return _changed(quote, now, status=Status.DECLINED, declined_at=now)


def expire(quote: Quote, now: datetime) -> Quote:
    """Nobody answered in time; raises IllegalMove."""
    require_move(MOVES, quote.status, Status.EXPIRED)
    return _changed(quote, now, status=Status.EXPIRED)


def to_snapshot(quote: Quote) -> QuoteData:
    """The quote as the public API and events show it."""
    names = set(QuoteData.model_fields) - {"lines", "discount", "status", "tax_breakdown"}
    return QuoteData(
        lines=[line_rules.to_data(line) for line in quote.lines],
        discount=quote.discount.data if quote.discount else None,
        status=quote.status.value,
        tax_breakdown=list(quote.tax_breakdown),
        **{name: getattr(quote, name) for name in names},
    )


def _changed(quote: Quote, now: datetime, **fields: Any) -> Quote:
    return replace(quote, **fields, version=quote.version + 1, updated_at=now)

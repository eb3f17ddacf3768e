"""Quotes: offers that are sent, then accepted, declined or left to expire."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from services.invoice.business.domain import business as business_rules
from services.invoice.invoices.domain import drafting
from services.invoice.invoices.domain.drafting import DraftContext
from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain import supply, totals
from services.invoice.lines.domain.discount import Discount
from services.invoice.lines.domain.line import Line, LineEdit
from shared.events.invoice import ContactOnInvoice, Seller, TaxBreakdown
from shared.events.quote import QuoteData
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id
from shared.kernel.moves import require_move
from shared.kernel.pricing import Rounding
from shared.kernel.unset import UNSET, Unset, given


class QuoteStatus(StrEnum):
    """Where a quote stands."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


MOVES: Mapping[QuoteStatus, frozenset[QuoteStatus]] = {
    QuoteStatus.DRAFT: frozenset({QuoteStatus.SENT}),
    QuoteStatus.SENT: frozenset({QuoteStatus.ACCEPTED, QuoteStatus.DECLINED, QuoteStatus.EXPIRED}),
    QuoteStatus.ACCEPTED: frozenset(),
    QuoteStatus.DECLINED: frozenset(),
    # A late yes is a yes: whoever sends it again gives it another date.
    QuoteStatus.EXPIRED: frozenset({QuoteStatus.SENT}),
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
    status: QuoteStatus = QuoteStatus.DRAFT
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


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteEdit:
    """What is said of a new quote besides its lines, or changed of a draft."""

    contact_id: UUID | Unset = UNSET
    currency: str | Unset | None = UNSET
    issue_date: date | Unset | None = UNSET
    valid_until: date | Unset | None = UNSET
    supply_date: date | Unset | None = UNSET
    supply_start: date | Unset | None = UNSET
    supply_end: date | Unset | None = UNSET
    notes: str | Unset | None = UNSET
    reference: str | Unset | None = UNSET
    external_id: str | Unset | None = UNSET
    discount: Discount | Unset | None = UNSET
    metadata: dict[str, str] | Unset = UNSET


class _NextVersion(TypedDict):
    version: int
    updated_at: datetime


def draft(context: DraftContext, details: QuoteEdit, lines: Sequence[LineEdit], now: datetime) -> Quote:
    """A draft with its totals; raises Invalid or UnknownCurrency naming the field, or ContactArchived."""
    business = context.business
    assert not isinstance(details.contact_id, Unset)
    context.contact(details.contact_id)
    supply.require_period(details.supply_start or None, details.supply_end or None)
    currency = details.currency or business.currency
    contact = drafting.name_contact(context, currency, details.contact_id)
    assert contact is not None
    quote = Quote(
        workspace_id=business.workspace_id,
        id=new_id(),
        version=1,
        created_at=now,
        updated_at=now,
        contact=contact,
        seller=business_rules.to_seller(business),
        rounding=business.rounding,
        **given(details) | {"currency": currency},
    )
    return price(quote, drafting.make_lines(context, lines, currency))


def price(quote: Quote, lines: Sequence[Line]) -> Quote:
    """The quote with these lines and their totals; raises Invalid naming the line.

    Its tax is told in no other currency: the rate is that of the day on which it falls due.
    """
    priced = totals.price_lines(quote, lines)
    return replace(
        quote,
        lines=priced.lines,
        subtotal_minor=priced.subtotal_minor,
        tax_minor=priced.tax_minor,
        total_minor=priced.total_minor,
        tax_breakdown=priced.tax_breakdown,
    )


def edit(quote: Quote, changes: QuoteEdit, contact: ContactOnInvoice | None, now: datetime) -> Quote:
    """The draft with these fields changed, and what stands on it of another contact.

    Raises QuoteIsSent or Invalid.
    """
    fields = given(changes)
    if quote.status is not QuoteStatus.DRAFT:
        raise QuoteIsSent(field=min(fields, default="status"), status_now=quote.status)
    if contact:
        fields["contact"] = contact
    changed = replace(quote, **fields, version=quote.version + 1, updated_at=now)
    supply.require_period(changed.supply_start, changed.supply_end)
    return changed


def require_sendable(quote: Quote, today: date) -> None:
    """Raise unless the quote may be sent: it has an item, and its validity has not passed."""
    require_move(MOVES, quote.status, QuoteStatus.SENT)
    if not any(line.type == "item" for line in quote.lines):
        raise Invalid("A quote needs at least one item before it is sent.", field="lines")
    if quote.valid_until and quote.valid_until < today:
        raise Invalid("The quote's validity has passed.", field="valid_until")


def send(quote: Quote, number: str, today: date, now: datetime) -> Quote:
    """Offer it: it gets its number, or keeps the one it has."""
    return replace(
        quote,
        **_next_version(quote, now),
        status=QuoteStatus.SENT,
        number=number,
        issue_date=quote.issue_date or today,
        sent_at=now,
    )


def accept(quote: Quote, invoice_id: UUID, now: datetime) -> Quote:
    """The customer said yes: the invoice is made of it. Raises IllegalMove."""
    require_move(MOVES, quote.status, QuoteStatus.ACCEPTED)
    return replace(
        quote,
        **_next_version(quote, now),
        status=QuoteStatus.ACCEPTED,
        invoice_id=invoice_id,
        accepted_at=now,
    )


def decline(quote: Quote, now: datetime) -> Quote:
    """The customer said no; raises IllegalMove."""
    require_move(MOVES, quote.status, QuoteStatus.DECLINED)
    return replace(quote, **_next_version(quote, now), status=QuoteStatus.DECLINED, declined_at=now)


def expire(quote: Quote, now: datetime) -> Quote:
    """Nobody answered in time; raises IllegalMove."""
    require_move(MOVES, quote.status, QuoteStatus.EXPIRED)
    return replace(quote, **_next_version(quote, now), status=QuoteStatus.EXPIRED)


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


def _next_version(quote: Quote, now: datetime) -> _NextVersion:
    return {"version": quote.version + 1, "updated_at": now}

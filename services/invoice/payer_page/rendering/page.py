"""The public page of an invoice as HTML: finished texts, set into templates that escape all of them."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.invoice.business.domain.logo import Logo
from services.invoice.documents.domain import print_model
from services.invoice.documents.rendering import view
from services.invoice.documents.rendering.formatting import Formatter
from services.invoice.documents.rendering.wording import WORDS, language_of
from services.invoice.invoices.domain.snapshot import asked_minor
from services.invoice.payer_page.rendering.wording import PAGE_WORDS
from shared.events.credit_note import CreditNoteData
from shared.events.invoice import InvoiceData
from shared.kernel.json import JsonObject

PAGES = Path(__file__).parents[2] / "static" / "pages"
MAX_REFRESHES = 8
Checkout = Literal["done", "canceled", "unavailable", "not_due"]
"""How a payer comes back from paying."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What the page is asked for: by whose link, and what is known about paying online."""

    token: str
    zone: str
    can_pay: bool = False
    # Where the newest collection stands, as the payment service says.
    collection: str | None = None
    checkout: Checkout | None = None
    refreshes: int = 0


_SIZE = re.compile(r'width="(\d+)" height="(\d+)"')
_environment = Environment(
    loader=FileSystemLoader(PAGES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
ASSETS: Mapping[str, tuple[bytes, str]] = {
    path.name: (path.read_bytes(), {".css": "text/css", ".woff2": "font/woff2"}[path.suffix])
    for path in sorted(PAGES.iterdir())
    if path.suffix in (".css", ".woff2")
}
"""What pages load besides themselves, by name: the bytes and their media type."""
VERSION = hashlib.sha256(b"".join(content for content, _ in ASSETS.values())).hexdigest()[:12]


def invoice_page(
    data: InvoiceData, credit_notes: Sequence[CreditNoteData], logo: Logo | None, visit: Visit
) -> str:
    """The page of an issued invoice as it is now, in the language of its contact."""
    language = language_of(data.contact.locale)
    form, words = Formatter(language), {**WORDS[language], **PAGE_WORDS[language]}
    shown = view.build_view(print_model.from_invoice_data(data, visit.zone, is_current=True))
    qr = _scalable(shown["payment"]["qr"]) if shown["payment"] else ""
    return _environment.get_template("invoice.html").render(
        version=VERSION,
        language=language,
        words=words,
        doc=shown,
        qr=qr,
        logo=_logo(logo, data),
        badge=_badge(data, words),
        headline=_headline(data, words, form),
        subline=_subline(data, visit.zone, words, form),
        notice=_notice(data, visit, words),
        refresh=_refresh(data, visit),
        pay=words["pay_now"].format(amount=form.money(asked_minor(data), data.currency)),
        can_pay=visit.can_pay and asked_minor(data) > 0,
        credit_notes=[_credit_note(note, form, visit) for note in credit_notes],
        base=f"/i/{visit.token}",
        email=data.seller.email if data.seller else None,
    )


def not_found_page(language: str) -> str:
    """The page that every link gets that opens nothing, whatever the reason."""
    words = PAGE_WORDS[language]
    return _environment.get_template("not_found.html").render(version=VERSION, language=language, words=words)


def _scalable(svg: str) -> str:
    """The drawing with its own size as its coordinates: the style sheet says how large it is."""
    return _SIZE.sub(r'viewBox="0 0 \1 \2"', svg, count=1)


def _logo(logo: Logo | None, data: InvoiceData) -> JsonObject | None:
    if logo is None or data.seller is None:
        return None
    url = f"/i/logos/{logo.workspace_id}/{logo.sha256}"
    return {"url": url, "width": logo.width, "height": logo.height, "name": data.seller.name}


def _badge(data: InvoiceData, words: Mapping[str, str]) -> dict[str, str] | None:
    status = _displayed_status(data)
    if status in ("void", "credited"):
        return {"text": words[status], "tone": "muted"}
    if status in ("paid", "paid_and_credited"):
        return {"text": words[status], "tone": "good"}
    if data.is_overdue or data.status == "uncollectible":
        return {"text": words["overdue"], "tone": "bad"}
    if data.payment_status == "partially_paid":
        return {"text": words["partly_paid"], "tone": "calm"}
    return {"text": words["partly_credited"], "tone": "calm"} if data.amount_credited_minor else None


def _displayed_status(data: InvoiceData) -> str:
    return print_model.displayed_status(data.status, data.amount_paid_minor, data.amount_credited_minor)


def _headline(data: InvoiceData, words: Mapping[str, str], form: Formatter) -> JsonObject:
    is_over = data.status in ("paid", "void")
    label = words["total"] if is_over else words["amount_due"]
    amount = data.total_minor if is_over else asked_minor(data)
    return {
        "label": label,
        "amount": form.money(amount, data.currency),
        "is_struck": _displayed_status(data) in ("void", "credited"),
    }


def _subline(data: InvoiceData, zone: str, words: Mapping[str, str], form: Formatter) -> str:
    # What a credit note settled was not paid on any day.
    if data.status == "paid" and data.amount_paid_minor and data.paid_at:
        return words["paid_on"].format(date=form.date(data.paid_at.astimezone(ZoneInfo(zone)).date()))
    if data.status in ("void", "paid"):
        return ""
    if data.collection_method == "charge_automatically" and not data.is_overdue:
        return words["collected"]
    return words["due"].format(date=form.date(data.due_date)) if data.due_date else ""


def _notice(data: InvoiceData, visit: Visit, words: Mapping[str, str]) -> dict[str, str] | None:
    """What to tell a payer who comes back, or whose money is on its way."""
    if data.status == "paid":
        is_thanks = visit.checkout == "done"
        return {"text": words["thanks"], "tone": "good"} if is_thanks else None
    if visit.checkout in ("unavailable", "not_due"):
        return {"text": words[visit.checkout], "tone": "calm"}
    if asked_minor(data) == 0 or data.status == "void":
        return None
    if visit.collection in ("processing", "unknown", "needs_review"):
        return {"text": words["processing"], "tone": "calm"}
    if visit.checkout is None:
        return None
    if visit.collection == "failed":
        return {"text": words["failed"], "tone": "bad"}
    if visit.checkout == "canceled" or visit.collection in (None, "canceled"):
        return {"text": words["canceled"], "tone": "calm"}
    return {"text": words["processing"], "tone": "calm"}


def _refresh(data: InvoiceData, visit: Visit) -> JsonObject | None:
    """Look again soon, a few times, while a payment that was just made has not arrived."""
    is_waiting = visit.checkout == "done" and data.status not in ("paid", "void")
    is_coming = visit.collection in ("pending", "requires_action", "succeeded", "processing")
    if not (is_waiting and is_coming and visit.refreshes < MAX_REFRESHES):
        return None
    count = visit.refreshes + 1
    return {"seconds": 2 * count, "url": f"/i/{visit.token}?checkout=done&refreshes={count}"}


def _credit_note(note: CreditNoteData, form: Formatter, visit: Visit) -> dict[str, str]:
    return {
        "number": note.number,
        "date": form.date(note.issue_date),
        "total": form.money(-note.total_minor, note.currency),
        "url": f"/i/{visit.token}/credit-notes/{note.id}/pdf",
    }

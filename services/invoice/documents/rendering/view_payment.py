"""How a document says what is due: what was taken off, how to pay the rest, or that nothing is to be paid."""

from collections.abc import Mapping
from typing import Any

from stdnum import iban as iban_rules

from services.invoice.documents.domain.paper import Paper
from services.invoice.documents.rendering import payment_code
from services.invoice.documents.rendering.formatting import Formatter

Words = Mapping[str, str]


def of(paper: Paper, words: Words, form: Formatter) -> dict[str, Any]:
    """What is due, how it is paid, and what is said where nothing is to be paid."""
    return {
        "due": _due(paper, words, form),
        "payment": _payment(paper, words, form),
        "closing": _closing(paper, words),
    }


def _due(paper: Paper, words: Words, form: Formatter) -> dict[str, Any] | None:
    if paper.kind != "invoice" or paper.status == "void" or not (paper.paid_minor or paper.credited_minor):
        return None
    # What was paid by the time of its issue came from the contact's credit balance.
    paid = "amount_paid" if paper.is_current else "credit_applied"
    taken = ((paid, paper.paid_minor), ("amount_credited", paper.credited_minor))
    rows = [[words[label], form.money(-amount, paper.currency)] for label, amount in taken if amount]
    return {"rows": rows, "label": words["amount_due"], "value": form.money(paper.due_minor, paper.currency)}


def _closing(paper: Paper, words: Words) -> str:
    """The sentence in the place of a payment slip where there is nothing to pay."""
    if paper.kind != "invoice" or paper.is_draft:
        return ""
    if paper.status == "void":
        return words["void_note"]
    return words["nothing_due"] if paper.due_minor <= 0 else ""


def _payment(paper: Paper, words: Words, form: Formatter) -> dict[str, Any] | None:
    if paper.kind != "invoice" or paper.status not in ("open", "uncollectible") or paper.due_minor <= 0:
        return None
    amount = form.money(paper.due_minor, paper.currency)
    if paper.is_collected:
        # Whoever paid besides would pay twice.
        return {"rows": [], "terms": words["will_collect"].format(amount=amount), "qr": "", "url": ""}
    due_on = form.date(paper.due_date) if paper.due_date else ""
    terms = words["terms"].format(amount=amount, date=due_on) if due_on else ""
    text = payment_code.epc_text(paper)
    return {
        "rows": _transfer(paper, words),
        "terms": terms,
        "qr": payment_code.qr_svg(text) if text else "",
        "url": paper.pay_url or "",
    }


def _transfer(paper: Paper, words: Words) -> list[list[str]]:
    reference = payment_code.creditor_reference(paper.number or "") or paper.number or ""
    rows = []
    if paper.seller.iban:
        rows.append([words["pay_to"], iban_rules.format(paper.seller.iban)])
        rows += [["BIC", paper.seller.bic]] if paper.seller.bic else []
    return [*rows, [words["payment_reference"], _in_fours(reference)]]


def _in_fours(reference: str) -> str:
    if not reference.startswith("RF"):
        return reference
    return " ".join(reference[i : i + 4] for i in range(0, len(reference), 4))

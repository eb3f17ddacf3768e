"""How a document says what is due: what was taken off, how to pay the rest, or that nothing is to be paid."""

from collections.abc import Mapping

from stdnum import iban as iban_rules

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.rendering import payment_code
from services.invoice.documents.rendering.formatting import Formatter
from shared.kernel.json import JsonObject

Words = Mapping[str, str]


def build_payment(model: PrintModel, words: Words, form: Formatter) -> JsonObject:
    """What is due, how it is paid, and what is said where nothing is to be paid."""
    return {
        "due": _due(model, words, form),
        "payment": _payment(model, words, form),
        "closing": _closing(model, words),
    }


def _due(model: PrintModel, words: Words, form: Formatter) -> JsonObject | None:
    if model.kind != "invoice" or model.status == "void" or not (model.paid_minor or model.credited_minor):
        return None
    # What was paid by the time of its issue came from the contact's credit balance.
    paid = "amount_paid" if model.is_current else "credit_applied"
    taken = ((paid, model.paid_minor), ("amount_credited", model.credited_minor))
    rows = [[words[label], form.money(-amount, model.currency)] for label, amount in taken if amount]
    return {"rows": rows, "label": words["amount_due"], "value": form.money(model.due_minor, model.currency)}


def _closing(model: PrintModel, words: Words) -> str:
    """The sentence in the place of a payment slip where there is nothing to pay."""
    if model.kind != "invoice" or model.is_draft:
        return ""
    if model.status == "void":
        return words["void_note"]
    return words["nothing_due"] if model.due_minor <= 0 else ""


def _payment(model: PrintModel, words: Words, form: Formatter) -> JsonObject | None:
    if model.kind != "invoice" or model.status not in ("open", "uncollectible") or model.due_minor <= 0:
        return None
    amount = form.money(model.due_minor, model.currency)
    if model.is_collected:
        # Whoever paid besides would pay twice.
        return {"rows": [], "terms": words["will_collect"].format(amount=amount), "qr": "", "url": ""}
    due_on = form.date(model.due_date) if model.due_date else ""
    terms = words["terms"].format(amount=amount, date=due_on) if due_on else ""
    text = payment_code.epc_text(model)
    return {
        "rows": _transfer(model, words),
        "terms": terms,
        "qr": payment_code.qr_svg(text) if text else "",
        "url": model.pay_url or "",
    }


def _transfer(model: PrintModel, words: Words) -> list[list[str]]:
    reference = payment_code.creditor_reference(model.number or "") or model.number or ""
    rows = []
    if model.seller.iban:
        rows.append([words["pay_to"], iban_rules.format(model.seller.iban)])
        rows += [["BIC", model.seller.bic]] if model.seller.bic else []
    return [*rows, [words["payment_reference"], _in_fours(reference)]]


def _in_fours(reference: str) -> str:
    if not reference.startswith("RF"):
        return reference
    return " ".join(reference[i : i + 4] for i in range(0, len(reference), 4))

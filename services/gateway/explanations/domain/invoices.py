"""Findings about the invoice itself: where it stands, and what of it was paid, credited or given up."""

from services.gateway.explanations.domain.snapshot import (
    Finding,
    Findings,
    Rows,
    Severity,
    Snapshot,
    money,
    parse,
    several,
)


def find_draft(known: Snapshot) -> Findings:
    """A draft asks for nothing."""
    invoice = known.invoice
    if invoice and invoice["status"] == "draft":
        text = "It is a draft: it has no number, and nothing is asked for until it is issued."
        yield Finding("draft_has_no_number", "attention", text, {"invoice": invoice["id"]})


def find_void(known: Snapshot) -> Findings:
    """A void invoice is over."""
    invoice = known.invoice
    if invoice and invoice["status"] == "void":
        text = (
            f"It was cancelled on {known.day(invoice['voided_at'])}; it keeps its number, and nothing is due."
        )
        yield Finding("voided", "info", text, {"invoice": invoice["id"]})


def find_paid(known: Snapshot) -> Findings:
    """A paid invoice, by money or by a credit note alone."""
    invoice = known.invoice
    if not invoice or invoice["status"] != "paid":
        return
    if invoice["amount_paid_minor"] == 0 and invoice["amount_credited_minor"] > 0:
        total = money(invoice, "total_minor")
        text = f"It counts as paid because all of it ({total}) was credited; no money came in."
        yield Finding("marked_paid_by_credit_only", "info", text, {"invoice": invoice["id"]})
    elif invoice["total_minor"] == 0:
        text = "Its total is 0, so that it was paid when it was issued."
        yield Finding("nothing_to_pay", "info", text, {"invoice": invoice["id"]})
    else:
        since = f" on {known.day(invoice['paid_at'])}" if invoice.get("paid_at") else ""
        received, total = money(invoice, "amount_paid_minor"), money(invoice, "total_minor")
        text = f"It is paid: {received} of {total} came in, the last of it{since}."
        yield Finding("paid", "info", text, {"invoice": invoice["id"]} | _payers(known))


def find_unpaid(known: Snapshot) -> Findings:
    """What is still due, since when, and what came in."""
    invoice = known.unpaid_invoice
    if not invoice:
        return
    due = money(invoice, "amount_due_minor")
    if invoice["amount_paid_minor"] > 0:
        received = f"{money(invoice, 'amount_paid_minor')} of {money(invoice, 'total_minor')} was paid"
        code, text = "open_partly_paid", f"{received}{_by(known)}; {due} is {_due(known)}."
    else:
        code, text = "open_unpaid", f"Nothing was paid yet; {due} is {_due(known)}."
    severity: Severity = "attention" if _days_late(known) > 0 else "info"
    yield Finding(code, severity, text, {"invoice": invoice["id"]} | _payers(known))


def find_credited(known: Snapshot) -> Findings:
    """Part of it was credited."""
    invoice = known.issued_invoice
    if not invoice or not invoice["amount_credited_minor"]:
        return
    if invoice["amount_paid_minor"] or invoice["amount_credited_minor"] < invoice["total_minor"]:
        notes = known.credit_notes or ()
        named = ", ".join(note["number"] for note in notes)
        text = (
            f"{money(invoice, 'amount_credited_minor')} of it was credited{f' ({named})' if named else ''}."
        )
        yield Finding("credited", "info", text, {"credit_note": notes[0]["id"]} if notes else {})


def find_written_off(known: Snapshot) -> Findings:
    """All or part of it is not expected any more."""
    invoice = known.issued_invoice
    if not invoice or invoice["amount_written_off_minor"] == 0:
        return
    reason = f" ({invoice['write_off_reason']})" if invoice.get("write_off_reason") else ""
    given_up = money(invoice, "amount_written_off_minor")
    if invoice["status"] == "uncollectible":
        text = (
            f"{given_up} was written off{reason}: nobody is asked for it any more, but it can still be paid."
        )
        yield Finding("written_off", "info", text, {"invoice": invoice["id"]})
    else:
        text = f"{given_up} of it was written off{reason}; the rest is still asked for."
        yield Finding("partly_written_off", "info", text, {"invoice": invoice["id"]})


def find_edited(known: Snapshot) -> Findings:
    """Something printed was edited after issue."""
    invoice = known.issued_invoice
    if invoice and invoice["edition"] > 1:
        text = f"Something printed on it was edited after issue: this is edition {invoice['edition']}"
        at = f", of {known.day(invoice['edited_at'])}" if invoice.get("edited_at") else ""
        yield Finding("edited_after_issue", "info", f"{text}{at}.", {"invoice": invoice["id"]})


def find_opened(known: Snapshot) -> Findings:
    """Whether the payer has looked at it."""
    invoice = known.unpaid_invoice
    if invoice and invoice.get("opened_at"):
        text = f"It was looked at through its link on {known.moment(invoice['opened_at'])}."
        yield Finding("opened_by_payer", "info", text, {"invoice": invoice["id"]})


def find_behind(known: Snapshot) -> Findings:
    """The payment service knows more than the invoice shows, or has not heard of it."""
    invoice, receivable = known.issued_invoice, known.receivable
    if invoice and not known.knows_receivable and invoice["status"] == "open":
        text = "The payment service has not heard of it yet: the event of its issue is on its way."
        yield Finding("receivable_not_known_yet", "attention", text, {"invoice": invoice["id"]})
    if not invoice or not receivable:
        return
    names = ("amount_paid_minor", "amount_credited_minor", "amount_written_off_minor")
    differing = [name for name in names if receivable[name] != invoice[name]]
    if differing and receivable["status"] != "closed":
        what = differing[0].removeprefix("amount_").removesuffix("_minor").replace("_", " ")
        text = (
            f"The payment service says {money(receivable, differing[0])} was {what}, the invoice shows "
            f"{money(invoice, differing[0])}: the event between them is on its way."
        )
        yield Finding("invoice_behind_receivable", "attention", text, {"invoice": invoice["id"]})


def _days_late(known: Snapshot) -> int:
    due = known.invoice and known.invoice.get("due_date")
    return (known.today - parse(due)).days if due else 0


def _due(known: Snapshot) -> str:
    due, late = known.invoice and known.invoice.get("due_date"), _days_late(known)
    if not due:
        return "due at once"
    return (
        f"due since {known.day(due)}, {several(late, 'day')} late" if late > 0 else f"due on {known.day(due)}"
    )


def _by(known: Snapshot) -> str:
    counted = _counted(known)
    if not counted:
        return ""
    days = ", ".join(dict.fromkeys(known.day(payment["paid_on"]) for payment in counted))
    return f" on {days} ({several(len(counted), 'payment')})"


def _payers(known: Snapshot) -> dict[str, str]:
    counted = _counted(known)
    return {"payment": counted[-1]["id"]} if counted else {}


def _counted(known: Snapshot) -> Rows:
    return [payment for payment in known.payments or () if payment["state"] == "succeeded"]

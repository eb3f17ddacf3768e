"""Findings about money: what came in and went back, what is being collected, and what could be used."""

from collections.abc import Iterator

from services.gateway.explanations.domain.snapshot import (
    Finding,
    Findings,
    Severity,
    Snapshot,
    amount,
    money,
    several,
)
from shared.kernel.json import JsonMapping

_ADVICE = {
    "retry": "trying again later may help",
    "new_method": "it takes another payment method",
    "never": "the bank will not pay by this method, ever",
}


def find_credit_not_applied(known: Snapshot) -> Findings:
    """The contact has credit in this currency that would settle some of it."""
    invoice = known.unpaid_invoice
    if not invoice:
        return
    for balance in known.credit_balances or ():
        if balance["currency"] == invoice["currency"] and balance["amount_minor"] > 0:
            credit, refs = money(balance, "amount_minor"), {"contact": balance["contact_id"]}
            text = f"The contact has {credit} of credit that no invoice took; allocate it to use it here."
            yield Finding("credit_exists_but_not_applied", "attention", text, refs)


def find_overpaid(known: Snapshot) -> Findings:
    """More came in than the invoice asked for."""
    for payment in _succeeded(known):
        if payment["unallocated_minor"] > 0 and not known.unpaid_invoice:
            rest, day = money(payment, "unallocated_minor"), known.day(payment["paid_on"])
            text = f"{rest} of the payment of {day} was more than was due: it is the contact's credit."
            yield Finding("overpaid_rest_is_credit", "info", text, _ref(payment))


def find_refunds(known: Snapshot) -> Findings:
    """Money that went, goes, or should have gone back."""
    for payment in known.payments or ():
        yield from _refunds_of(known, payment)


def _refunds_of(known: Snapshot, payment: JsonMapping) -> Findings:
    invoice = known.unpaid_invoice
    if invoice and payment["state"] == "succeeded" and payment["amount_refunded_minor"] > 0:
        given = money(payment, "amount_refunded_minor")
        text = f"It is open because {given} of what had been paid was given back."
        yield Finding("reopened_by_refund", "attention", text, _ref(payment))
    for refund in payment["refunds"]:
        given = amount(refund["amount_minor"], payment["currency"])
        refs = _ref(payment) | {"refund": refund["id"]}
        if refund["state"] == "pending":
            text = f"A refund of {given} is on its way to the payer."
            yield Finding("refund_pending", "info", text, refs)
        elif refund["state"] == "failed":
            why = f" ({refund['failure_reason']})" if refund.get("failure_reason") else ""
            text = f"A refund of {given} failed{why}: the money is still here."
            yield Finding("refund_failed", "problem", text, refs)


def find_disputes(known: Snapshot) -> Findings:
    """What the payer's bank says of a payment."""
    verdicts: dict[str, tuple[str, Severity, str]] = {
        "open": ("payment_disputed", "problem", "the bank has the money until it is decided"),
        "lost": ("dispute_lost", "attention", "it was lost, and the money is gone"),
        "won": ("dispute_won", "info", "it was won, and the money came back"),
    }
    for payment in known.payments or ():
        for dispute in payment["disputes"]:
            code, severity, outcome = verdicts[dispute["status"]]
            disputed = amount(dispute["amount_minor"], payment["currency"])
            text = f"The payer disputed {disputed} on {known.day(dispute['opened_at'])}: {outcome}."
            yield Finding(code, severity, text, _ref(payment))


def find_undone(known: Snapshot) -> Findings:
    """A payment that was registered by mistake, or for somebody else."""
    for payment in known.payments or ():
        if payment["state"] == "voided":
            why = f" ({payment['void_reason']})" if payment.get("void_reason") else ""
            text = f"A payment of {money(payment, 'amount_minor')} was voided{why}: it never came in."
            yield Finding("payment_voided", "info", text, _ref(payment))
        elif payment.get("moved_from_contact_id"):
            text = f"A payment of {money(payment, 'amount_minor')} was moved here from another contact."
            yield Finding("payment_moved", "info", text, _ref(payment))


def find_collection(known: Snapshot) -> Findings:
    """The newest attempt to collect it, where money is still due."""
    payment = next(_collected(known), None)
    if payment is None or not (known.unpaid_invoice or known.invoice is None):
        return
    asked, refs = money(payment, "amount_minor"), _ref(payment)
    since = f" since {known.moment(payment['updated_at'])}"
    match payment["state"]:
        case "pending" | "processing":
            text = f"{asked} is being collected{since}; some banks take days to tell."
            yield Finding("collection_under_way", "info", text, refs)
        case "requires_action":
            text = f"The collection of {asked} waits for the customer to confirm it{since}."
            yield Finding("collected_waits_for_customer_action", "attention", text, refs)
        case "needs_review":
            rule = "no other one begins until a person resolves it"
            text = f"The collection of {asked} is in review{since}: {rule}."
            yield Finding("in_review_no_other_collection", "problem", text, refs)
        case "unknown":
            text = f"The provider did not say what became of the collection of {asked}; it is asked again."
            yield Finding("collection_unknown", "attention", text, refs)
        case "failed":
            text = f"The collection of {asked} failed: {_why(payment)}."
            yield Finding("collection_failed", "problem", text, refs)
        case "canceled":
            yield Finding("collection_canceled", "info", f"The collection of {asked} was canceled.", refs)


def find_methods(known: Snapshot) -> Findings:
    """What it could be collected from."""
    invoice = known.unpaid_invoice
    if not invoice or invoice["collection_method"] != "charge_automatically" or known.payment_methods is None:
        return
    usable = [method for method in known.payment_methods if method["status"] == "active"]
    named = next(
        (one for one in known.payment_methods if one["id"] == invoice.get("payment_method_id")), None
    )
    refs = {"contact": invoice["contact_id"]}
    if named and named["status"] != "active":
        text = f"It is to be collected from a {named['type']} that is {_state(named)}."
        yield Finding("payment_method_not_usable", "problem", text, refs | {"payment_method": named["id"]})
    elif not usable and known.payment_methods:
        state = _state(known.payment_methods[0])
        text = f"It is collected automatically, but the contact's {state} method cannot be used."
        yield Finding("payment_method_not_usable", "problem", text, refs)
    elif not usable:
        text = "It is collected automatically, but the contact has no payment method."
        yield Finding("no_payment_method", "problem", text, refs)


def find_bank_lines(known: Snapshot) -> Findings:
    """Money of a bank's file that may be for it, and waits for somebody's word."""
    invoice = known.unpaid_invoice
    if not invoice:
        return
    for line in known.bank_lines or ():
        if any(candidate.get("invoice_id") == invoice["id"] for candidate in line["candidates"]):
            received = f"{money(line, 'amount_minor')} of {known.day(line['booked_on'])}"
            text = f"A bank line over {received} may be for it and waits to be matched."
            yield Finding("bank_line_proposed", "attention", text, {"bank_line": line["id"]})


def find_dunning(known: Snapshot) -> Findings:
    """The retries after a collection that failed."""
    for campaign in (known.dunning or ())[:1]:
        refs = {"dunning": campaign["id"]}
        match campaign["status"]:
            case "active":
                left = several(len(campaign["remaining_attempts"]), "attempt")
                next_at = campaign.get("next_attempt_at")
                at = f" the next on {known.moment(next_at)}" if next_at else " none planned"
                why = campaign.get("last_failure_code") or "no reason told"
                text = f"Collection is tried again after it failed ({why}): {left} left,{at}."
                yield Finding("dunning_under_way", "attention", text, refs)
            case "waiting_for_payment_method":
                text = "Nothing is tried until the customer gives another payment method."
                yield Finding("dunning_waits_for_payment_method", "problem", text, refs)
            case "exhausted":
                count, action = campaign["attempt_count"], campaign["terminal_action"]
                text = f"Automatic retries are over ({count} failed); what follows is `{action}`."
                yield Finding("dunning_exhausted", "problem", text, refs)
            case "recovered":
                yield Finding("dunning_recovered", "info", "It was collected in the end, by a retry.", refs)
            case "canceled":
                yield Finding("dunning_canceled", "info", "Retries were stopped.", refs)


def _succeeded(known: Snapshot) -> list[JsonMapping]:
    return [payment for payment in known.payments or () if payment["state"] == "succeeded"]


def _collected(known: Snapshot) -> Iterator[JsonMapping]:
    """Collections, newest first; what succeeded or was undone is told elsewhere."""
    newest = sorted(known.payments or (), key=lambda payment: payment["created_at"], reverse=True)
    return (one for one in newest if one.get("provider") and one["state"] not in ("succeeded", "voided"))


def _why(payment: JsonMapping) -> str:
    failure = payment.get("failure")
    if not failure:
        return "no reason was told"
    said = failure.get("message") or failure["code"]
    return f"{said} ({failure['code']}); {_ADVICE.get(failure['advice'], failure['advice'])}"


def _state(method: JsonMapping) -> str:
    return "expired" if method["status"] == "expired" else "failing"


def _ref(payment: JsonMapping) -> dict[str, str]:
    return {"payment": payment["id"]}

"""Findings about how the payer was told: mails, texts, reminders and e-invoices."""

from services.gateway.explanations.domain.snapshot import Finding, Findings, Severity, Snapshot
from shared.kernel.json import JsonMapping

_OBSTACLES: dict[str, tuple[str, Severity, str]] = {
    "disabled": ("not_reminded_disabled", "info", "this workspace sends no reminders by itself"),
    "collected_automatically": (
        "not_reminded_collected_automatically",
        "info",
        "it is collected automatically",
    ),
    "not_sent": ("not_reminded_not_sent", "attention", "it was never sent"),
    "paused": ("not_reminded_paused", "attention", "its reminders are paused"),
    "partial_payment": ("not_reminded_part_payment", "attention", "part of it was paid"),
    "dispute": ("not_reminded_dispute", "attention", "a payment of it is disputed"),
    "collection": ("not_reminded_collection", "info", "it is being collected"),
}
_E_INVOICE: dict[str, tuple[str, Severity, str]] = {
    "invalid": ("e_invoice_invalid", "problem", "its data breaks a rule, so that it was not handed in"),
    "rejected": ("e_invoice_rejected", "problem", "the receiver's side rejected it"),
    "refused": ("e_invoice_refused", "problem", "the buyer refused it"),
    "failed": ("e_invoice_failed", "problem", "it could not be delivered"),
    "unknown": ("e_invoice_unknown", "attention", "the access point did not say what became of it"),
}
_UNDER_WAY = frozenset({"queued", "validating", "submitting", "submitted"})


def find_not_sent(known: Snapshot) -> Findings:
    """It was never sent to anybody."""
    invoice = known.unpaid_invoice
    if not invoice or invoice.get("sent_at") or known.deliveries is None or known.deliveries:
        return
    text = "It was never sent: its payer does not know of it from this platform."
    yield Finding("not_sent", "attention", text, {"invoice": invoice["id"]})


def find_failed_delivery(known: Snapshot) -> Findings:
    """The newest message of each channel bounced or failed."""
    for delivery in _newest(known):
        refs = {"delivery": delivery["id"]}
        to, why = delivery.get("recipient") or "its contact", delivery.get("failure_code") or "no reason told"
        present = known.contact and known.contact.get("email")
        if delivery["status"] == "bounced" and present and present != delivery.get("recipient"):
            text = (
                f"The mail to {to} bounced ({why}); the contact's address is {present} since: send it again."
            )
            yield Finding("mail_bounced_address_changed_since", "problem", text, refs)
        elif delivery["status"] == "bounced":
            yield Finding("mail_bounced", "problem", f"The mail to {to} bounced ({why}).", refs)
        elif delivery["status"] == "failed":
            text = f"The {_message(delivery)} to {to} could not be sent ({why})."
            yield Finding("sending_failed", "problem", text, refs)


def find_waiting_delivery(known: Snapshot) -> Findings:
    """A message that is not out yet, or of which nobody told how it went."""
    for delivery in _newest(known):
        refs, to = {"delivery": delivery["id"]}, delivery.get("recipient") or "its contact"
        if delivery["status"] in ("queued", "sending"):
            at = delivery.get("next_attempt_at")
            then = f", next on {known.moment(at)}" if at else ""
            text = f"The {_message(delivery)} to {to} waits to be sent{then}."
            yield Finding("sending_under_way", "info", text, refs)
        elif delivery["status"] == "unknown":
            text = (
                f"Nobody told whether the {_message(delivery)} to {to} went out: send it again if it matters."
            )
            yield Finding("sending_unknown", "attention", text, refs)


def find_unreachable(known: Snapshot) -> Findings:
    """The contact has no address, or is no customer any more."""
    contact = known.contact
    if not contact or not known.unpaid_invoice:
        return
    refs = {"contact": contact["id"]}
    if not contact.get("email"):
        yield Finding("contact_has_no_email", "attention", f"{contact['name']} has no e-mail address.", refs)
    if contact.get("archived_at"):
        yield Finding("contact_archived", "info", f"{contact['name']} is archived.", refs)


def find_reminders(known: Snapshot) -> Findings:
    """Why it was not reminded of, how often it was, and when it will be."""
    plan, invoice = known.reminders, known.unpaid_invoice
    if not plan or not invoice:
        return
    refs = {"invoice": invoice["id"]}
    for obstacle in plan["obstacles"]:
        if obstacle in _OBSTACLES:
            code, severity, why = _OBSTACLES[obstacle]
            yield Finding(code, severity, f"No reminder goes out by itself: {why}.", refs)
    if plan["level"] >= _HANDED_OVER:
        text = "All reminders were sent without success: it is ready to be handed over for collection."
        yield Finding("ready_to_hand_over", "attention", text, refs)
    elif plan["level"] and plan.get("reminded_at"):
        text = f"Reminder {plan['level']} went out on {known.day(plan['reminded_at'])}."
        yield Finding("reminded", "info", text, refs)
    if plan["state"] == "scheduled" and plan.get("next_due_at"):
        text = f"Reminder {plan['next_level']} goes out on {known.moment(plan['next_due_at'])}."
        yield Finding("reminder_planned", "info", text, refs)


def find_e_invoices(known: Snapshot) -> Findings:
    """The newest hand-in of its data."""
    newest = max(known.e_invoices or (), key=lambda one: one["created_at"], default=None)
    if newest is None:
        return
    refs, to = {"e_invoice": newest["id"]}, newest["receiver"]
    if newest["status"] in _E_INVOICE:
        code, severity, what = _E_INVOICE[newest["status"]]
        failure = newest.get("failure") or {}
        why = failure.get("message") or failure.get("code")
        text = f"The e-invoice to {to} did not arrive: {what}{f' ({why})' if why else ''}."
        yield Finding(code, severity, text, refs)
    elif newest["status"] in _UNDER_WAY:
        yield Finding("e_invoice_under_way", "info", f"The e-invoice to {to} is on its way.", refs)


_HANDED_OVER = 4


def _newest(known: Snapshot) -> list[JsonMapping]:
    """The newest delivery by mail and by text, where money is still due."""
    if not known.unpaid_invoice:
        return []
    newest: dict[str, JsonMapping] = {}
    for delivery in sorted(known.deliveries or (), key=lambda one: one["created_at"]):
        if delivery["channel"] != "link":
            newest[delivery["channel"]] = delivery
    return list(newest.values())


def _message(delivery: JsonMapping) -> str:
    name = "mail" if delivery["channel"] == "email" else "text"
    return f"reminder by {name}" if delivery["level"] else name

"""Explains a snapshot: every finding, those first that wait for somebody."""

from collections.abc import Callable, Sequence

from services.gateway.explanations.domain import invoices, payments, renewing, sending, webhooks
from services.gateway.explanations.domain.snapshot import Finding, Findings, Snapshot

FINDERS: Sequence[Callable[[Snapshot], Findings]] = (
    invoices.find_draft,
    invoices.find_void,
    invoices.find_paid,
    invoices.find_unpaid,
    invoices.find_credited,
    invoices.find_written_off,
    invoices.find_behind,
    payments.find_collection,
    payments.find_methods,
    payments.find_dunning,
    payments.find_bank_lines,
    payments.find_credit_not_applied,
    payments.find_overpaid,
    payments.find_refunds,
    payments.find_disputes,
    payments.find_undone,
    sending.find_not_sent,
    sending.find_failed_delivery,
    sending.find_waiting_delivery,
    sending.find_unreachable,
    sending.find_reminders,
    sending.find_e_invoices,
    renewing.find_subscription,
    renewing.find_parked,
    renewing.find_waiting,
    webhooks.find_dead,
    webhooks.find_failing,
    webhooks.find_held,
    webhooks.find_dropped,
    webhooks.find_under_way,
    webhooks.find_arrived,
    webhooks.find_unheard,
    webhooks.find_endpoints,
    invoices.find_edited,
    invoices.find_opened,
)
MAX_OF_A_CODE = 10
_ORDER = {"problem": 0, "attention": 1, "info": 2}


def explain(known: Snapshot) -> list[Finding]:
    """What explains where it stands: problems first, else in the order of the finders."""
    found = [finding for find in FINDERS for finding in _first(find(known))]
    return sorted(found, key=lambda finding: _ORDER[finding.severity])


def state_of(known: Snapshot) -> str:
    """One word for where the subject stands."""
    if known.message:
        states = {delivery["state"] for delivery in known.webhooks or ()}
        return states.pop() if len(states) == 1 else "mixed" if states else "not_sent"
    subject = known.invoice or known.subscription
    if subject:
        return str(subject["status"])
    return str(known.payments[0]["state"]) if known.payments else "unknown"


def _first(findings: Findings) -> list[Finding]:
    counts: dict[str, int] = {}
    kept = []
    for finding in findings:
        counts[finding.code] = counts.get(finding.code, 0) + 1
        if counts[finding.code] <= MAX_OF_A_CODE:
            kept.append(finding)
    return kept

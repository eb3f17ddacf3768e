"""Prometheus metrics of the payment service."""

from prometheus_client import Counter, Gauge

PAYMENTS_REGISTERED = Counter("billing_payments_registered_total", "Payments registered.", ["kind"])
"""`kind` is what the caller named: `invoice`, `allocations` or `contact`; `batch` for bank statements."""
UPSTREAM_LOOKUPS = Counter(
    "billing_payment_upstream_lookups_total",
    "Times the owner of an invoice or contact was asked.",
    ["outcome"],
)
"""`outcome` is `found`, `unknown` or `unavailable`."""
INVOICES_HEARD = Counter(
    "billing_payment_invoices_heard_total", "Snapshots of issued invoices heard.", ["event"]
)
COLLECTION_STEPS = Counter(
    "billing_payment_collection_steps_total", "Steps of collections taken by workers.", ["outcome"]
)
"""`outcome` is the state that the step left, or `lease_lost` or `error`."""
PROVIDER_EVENTS = Counter(
    "billing_payment_provider_events_total", "Hints of payment providers received.", ["outcome"]
)
"""`outcome` is `new`, `repeated` or `refused`."""
REFUNDS_SENT = Counter("billing_payment_refunds_sent_total", "Refunds that a provider answered.", ["outcome"])
"""`outcome` is `succeeded`, `failed`, `pending` or `unanswered`."""
PROVIDER_FAILURES = Counter(
    "billing_payment_provider_failures_total",
    "Calls of collections that a provider did not answer.",
    ["kind"],
)
"""`kind` is `unavailable`, `unknown_outcome`, `rejected` or `auth`."""
COLLECTIONS = Gauge("billing_payment_collections", "Collections under way.", ["state", "mode"])
UNKNOWN_OLDEST = Gauge(
    "billing_payment_unknown_oldest_seconds", "For how long the oldest live collection has been unknown."
)
OVERDUE = Gauge("billing_payment_overdue_seconds", "For how long the most overdue step has waited.", ["work"])
"""`work` is `collection`, `provider_event` or `refund` (since the oldest pending one was asked for)."""
BANK_LINES = Counter("billing_payment_bank_lines_total", "Lines of banks' files.", ["outcome"])
"""`outcome` is `imported`, or `matched`, `proposed` or `unknown` once the rules have looked at it."""
LEDGER_WRONG = Gauge(
    "billing_ledger_wrong_workspaces", "Workspaces whose ledger differs from their receivables and payments."
)
for _kind in ("unavailable", "unknown_outcome", "rejected", "auth"):
    PROVIDER_FAILURES.labels(_kind)
for _outcome in ("succeeded", "failed", "unknown", "needs_review", "lease_lost", "error"):
    COLLECTION_STEPS.labels(_outcome)
for _outcome in ("succeeded", "failed", "pending", "unanswered"):
    REFUNDS_SENT.labels(_outcome)
for _outcome in ("new", "repeated", "refused"):
    PROVIDER_EVENTS.labels(_outcome)
for _outcome in ("found", "unknown", "unavailable"):
    UPSTREAM_LOOKUPS.labels(_outcome)
for _outcome in ("imported", "matched", "proposed", "unknown"):
    BANK_LINES.labels(_outcome)
for _kind in ("invoice", "allocations", "contact", "batch"):
    PAYMENTS_REGISTERED.labels(_kind)

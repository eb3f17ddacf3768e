"""Prometheus metrics of the payment service."""

from prometheus_client import Counter

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

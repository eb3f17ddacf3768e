"""Prometheus metrics of the payment service."""

from prometheus_client import Counter

PAYMENTS_REGISTERED = Counter("billing_payments_registered_total", "Payments registered.", ["kind"])
"""`kind` is what the caller named: `invoice`, `allocations` or `contact`."""
UPSTREAM_LOOKUPS = Counter(
    "billing_payment_upstream_lookups_total",
    "Times the owner of an invoice or contact was asked.",
    ["outcome"],
)
"""`outcome` is `found`, `unknown` or `unavailable`."""
INVOICES_HEARD = Counter(
    "billing_payment_invoices_heard_total", "Snapshots of issued invoices heard.", ["event"]
)

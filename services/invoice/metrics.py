"""Prometheus metrics of the invoice service."""

from prometheus_client import Counter, Gauge

E_INVOICE_STEPS = Counter(
    "billing_invoice_e_invoice_steps_total", "Steps of e-invoices taken by workers.", ["outcome"]
)
"""`outcome` is the state that the step left, or `lease_lost` or `error`."""
E_INVOICES_REFUSED = Counter(
    "billing_invoice_e_invoices_refused_total", "E-invoices that were not queued, for the rules they break."
)
E_INVOICE_RULES_SUPERSEDED = Gauge(
    "billing_invoice_e_invoice_rules_superseded_timestamp_seconds",
    "When newer Peppol rules than those in use are compulsory, since 1970; infinite where nobody can tell.",
)
DELIVERIES = Counter(
    "billing_invoice_deliveries_total", "Attempts to send a document.", ["channel", "outcome"]
)
"""`outcome`: `sent`, `delivered`, `temporary`, `bounced`, `failed`, `unknown`, `canceled`, `lease_lost`."""
WAITING_BILLINGS = Gauge(
    "billing_invoice_waiting_billings",
    "Billings of subscriptions that wait for their workspace.",
)
DELIVERY_OLDEST_DUE = Gauge(
    "billing_invoice_delivery_oldest_due_seconds", "For how long the oldest delivery has been due."
)

"""Prometheus metrics of webhook delivery."""

from prometheus_client import Counter, Gauge, Histogram

ACCEPT_TO_FIRST_ATTEMPT = Histogram(
    "billing_webhook_accept_to_first_attempt_seconds",
    "Time from a message's acceptance to the first attempt to deliver it.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300, 3600),
)
ATTEMPTS = Counter("billing_webhook_attempts_total", "Attempts by what came of them.", ["outcome"])
HTTP_SECONDS = Histogram(
    "billing_webhook_http_seconds",
    "Time of one attempt, from the dial to the last byte read.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30),
)
ENDPOINTS_DISABLED = Counter(
    "billing_webhook_endpoints_disabled_total", "Endpoints disabled because nothing arrived.", ["reason"]
)
BLOCKED = Counter(
    "billing_webhook_blocked_total", "Attempts at an address that must not be dialled, by reason.", ["reason"]
)
INFLIGHT = Gauge("billing_webhook_inflight", "Attempts under way in this process.")
QUEUED = Gauge("billing_webhook_queued", "Deliveries leased by this process and not yet under way.")
ENDPOINTS_OPEN = Gauge(
    "billing_webhook_endpoints_open", "Endpoints that this process leaves alone because they fail."
)
HELD = Gauge("billing_webhook_held", "Deliveries put aside while their endpoint takes none, up to 100,000.")
DUE_DEAD_TUPLES = Gauge("billing_webhook_due_dead_tuples", "Dead rows of the queue that wait for a vacuum.")
DUE_ROWS = Gauge("billing_webhook_due_rows", "Deliveries in the queue, counted up to 100,000.")
OLDEST_DUE = Gauge(
    "billing_webhook_oldest_due_age_seconds", "For how long the most overdue delivery has waited."
)
FLUSH_ROWS = Histogram(
    "billing_webhook_flush_rows",
    "Outcomes written in one transaction.",
    buckets=(1, 2, 5, 10, 25, 50, 100, 200, 500),
)
LEASES_EXPIRED = Counter(
    "billing_webhook_lease_expired_total", "Deliveries taken over from a worker that did not finish them."
)
PARTITIONS_AHEAD = Gauge(
    "billing_webhook_partitions_ahead_days", "For how many days to come there are partitions."
)
for _outcome in ("success", "4xx", "5xx", "timeout", "ours"):
    ATTEMPTS.labels(_outcome)
for _reason in ("loopback", "private", "link_local", "metadata"):
    BLOCKED.labels(_reason)
for _reason in ("gone", "failing"):
    ENDPOINTS_DISABLED.labels(_reason)

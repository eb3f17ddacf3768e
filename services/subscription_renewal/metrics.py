"""Prometheus metrics of the subscription-renewal service."""

from prometheus_client import Counter, Gauge

RENEWALS = Counter("billing_renewals_total", "Subscriptions that a worker dealt with.", ["outcome"])
"""`outcome` is `renewed`, `ended` or `parked`."""
OLDEST_DUE_SECONDS = Gauge("billing_renewal_oldest_due_seconds", "Age of the oldest renewal that is due.")
PARKED = Gauge("billing_renewal_parked", "Subscriptions that wait for somebody to look at them.")
RUNS_PAUSED = Gauge("billing_renewal_runs_paused", "Runs that are paused, by hand or by the breaker.")
UPSTREAM_LOOKUPS = Counter(
    "billing_renewal_upstream_lookups_total",
    "Times the invoice service was asked.",
    ["outcome"],
)
"""`outcome` is `found`, `unknown` or `unavailable`."""
DUNNING_RETRIES = Counter("billing_dunning_retries_total", "Automatic retries that were asked for.")
DUNNING_ENDED = Counter("billing_dunning_ended_total", "Dunning campaigns that ended.", ["status"])
"""`status` is `recovered`, `exhausted` or `canceled`."""
for _outcome in ("renewed", "ended", "parked"):
    RENEWALS.labels(_outcome)
for _outcome in ("found", "unknown", "unavailable"):
    UPSTREAM_LOOKUPS.labels(_outcome)
for _status in ("recovered", "exhausted", "canceled"):
    DUNNING_ENDED.labels(_status)
USAGE_EVENTS = Counter("billing_usage_events_total", "Usage events that were told.", ["outcome"])
"""`outcome` is `accepted` (in Kafka), `counted`, `repeated`, `conflicting` (an id again with other content)
or `rejected`."""
for _outcome in ("accepted", "counted", "repeated", "conflicting", "rejected"):
    USAGE_EVENTS.labels(_outcome)
USAGE_PARTITIONS_AHEAD = Gauge(
    "billing_usage_partitions_ahead", "Days ahead that raw usage has partitions for."
)
USAGE_BILLS = Counter(
    "billing_usage_bills_total", "Times that a subscription's usage was billed.", ["outcome"]
)
"""`outcome` is `billed` or `postponed` (something was wrong; it is tried again an hour later)."""
for _outcome in ("billed", "postponed"):
    USAGE_BILLS.labels(_outcome)

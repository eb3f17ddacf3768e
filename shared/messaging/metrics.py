"""Prometheus metrics of the outbox, the relay and the consumers."""

from prometheus_client import Counter, Gauge, Histogram

OUTBOX_PUBLISHED = Counter("billing_outbox_published_total", "Events published to Kafka.", ["service"])
OUTBOX_OLDEST = Gauge(
    "billing_outbox_oldest_seconds", "Age of the oldest event not yet published.", ["service"]
)
RELAY_RESTARTS = Counter(
    "billing_relay_restarts_total", "Times the relay began again after an error.", ["service"]
)
EVENTS_CONSUMED = Counter(
    "billing_events_consumed_total", "Events whose effect is committed.", ["service", "type"]
)
EVENTS_REPEATED = Counter(
    "billing_events_repeated_total", "Events that came again and did nothing.", ["service"]
)
EVENTS_DEAD = Counter(
    "billing_events_dead_lettered_total", "Events sent to the dead-letter topic.", ["service", "reason"]
)
BATCH_SECONDS = Histogram(
    "billing_consumer_batch_seconds",
    "Time to apply and commit one batch of events.",
    ["service"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
EVENT_AGE = Histogram(
    "billing_event_age_seconds",
    "Time from an event's publication to its effect.",
    ["service"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300),
)

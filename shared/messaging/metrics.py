"""Prometheus metrics of the outbox, the relay and the consumers."""

from collections.abc import Mapping

from prometheus_client import Counter, Gauge, Histogram

REASONS = ("undecodable", "unknown_version", "poison")
LANE = "lane_set_aside"

OUTBOX_PUBLISHED = Counter("billing_outbox_published_total", "Events published to Kafka.", ["service"])
OUTBOX_OLDEST = Gauge(
    "billing_outbox_oldest_seconds", "Age of the oldest event not yet published.", ["service"]
)
OUTBOX_ROWS = Gauge("billing_outbox_rows", "Events not yet published, counted up to 100,000.", ["service"])
LEASES_UNOWNED = Gauge(
    "billing_relay_leases_unowned", "Shards of the outbox that no living relay owns.", ["service"]
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
LAG = Gauge(
    "billing_consumer_lag_events", "Events of this process's partitions yet to be applied.", ["service"]
)
LAG_OLDEST = Gauge(
    "billing_consumer_oldest_seconds",
    "For how long the oldest event yet to be applied has waited.",
    ["service"],
)
STALLED = Gauge(
    "billing_consumer_stalled_seconds",
    "For how long a partition with events to apply has made no progress.",
    ["service"],
)
PARTITIONS = Gauge("billing_consumer_partitions", "Partitions that the group has given us.", ["service"])
PARTITIONS_EXPECTED = Gauge(
    "billing_consumer_partitions_expected", "Partitions of all topics that the service hears.", ["service"]
)
REBALANCES = Counter(
    "billing_consumer_rebalances_total", "Times the group has given us partitions anew.", ["service"]
)
STOPPED = Gauge(
    "billing_consumer_stopped",
    "1 while too many events fail and the consumer waits for a person.",
    ["service"],
)
LETTERS_WAITING = Gauge(
    "billing_dead_letters_waiting",
    "Dead letters that nobody has replayed or dropped yet.",
    ["service", "reason"],
)
LANES_ASIDE = Gauge("billing_lanes_set_aside", "Workspaces whose events are set aside.", ["service"])
DUPLICATES = Counter(
    "billing_duplicate_effects_total",
    "Effects that the inbox let pass a second time and a unique key prevented.",
    ["service", "guard"],
)


def begin_producing(service: str) -> None:
    """Show the relay's figures from the start, before there is anything to count."""
    for metric in (OUTBOX_PUBLISHED, OUTBOX_OLDEST, OUTBOX_ROWS, LEASES_UNOWNED, RELAY_RESTARTS):
        metric.labels(service)


def begin_consuming(service: str) -> None:
    """The same for a consumer's figures."""
    for metric in (EVENTS_REPEATED, BATCH_SECONDS, EVENT_AGE, LAG, LAG_OLDEST, STALLED, REBALANCES, STOPPED):
        metric.labels(service)
    for reason in REASONS:
        EVENTS_DEAD.labels(service, reason)
    note_letters(service, {}, 0)


def note_letters(service: str, waiting: Mapping[str, int], lane_count: int) -> None:
    """Show how many dead letters wait, by reason, and how many lanes are set aside."""
    for reason in {*REASONS, LANE, *waiting}:
        LETTERS_WAITING.labels(service, reason).set(waiting.get(reason, 0))
    LANES_ASIDE.labels(service).set(lane_count)

"""Kafka and outbox: how events get from the transaction that made them to their effects."""

from deploy.monitoring.panels import Dashboard, Panel, Row

_AGE = (
    "histogram_quantile(%s, sum by (service, le) "
    '(rate(billing_event_age_seconds_bucket{service=~"$service"}[$__rate_interval])))'
)
_BATCH = (
    "histogram_quantile(0.99, sum by (service, le) "
    '(rate(billing_consumer_batch_seconds_bucket{service=~"$service"}[$__rate_interval])))'
)


def _by_service(metric: str, how: str = "max") -> list[tuple[str, str]]:
    return [(f'{how} by (service) ({metric}{{service=~"$service"}})', "{{service}}")]


def _rate(metric: str) -> list[tuple[str, str]]:
    return [(f'sum by (service) (rate({metric}{{service=~"$service"}}[$__rate_interval]))', "{{service}}")]


def _increase(metric: str, label: str, window: str) -> list[tuple[str, str]]:
    found = f'increase({metric}{{service=~"$service"}}[{window}])'
    return [(f"sum by ({label}) ({found})", f"{{{{{label}}}}}")]


DASHBOARD = Dashboard(
    name="kafka-and-outbox",
    title="Billing / Kafka and outbox",
    description="Events on their way: outbox, relay, consumers, dead letters.",
    by_service=True,
    rows=[
        Row(
            "Out",
            [
                Panel(
                    "Oldest event in the outbox",
                    "s",
                    "Age of the oldest event that Kafka does not have yet. Pages above 60 s.",
                    _by_service("billing_outbox_oldest_seconds"),
                    red_from=60,
                ),
                Panel(
                    "Events in the outbox",
                    "short",
                    "Rows that wait to be published, counted up to 100,000.",
                    _by_service("billing_outbox_rows"),
                ),
                Panel(
                    "Published",
                    "eps",
                    "Events a second that Kafka has acknowledged.",
                    _rate("billing_outbox_published_total"),
                ),
                Panel(
                    "Shards without a relay",
                    "short",
                    "Shards of the outbox that no living relay owns; 16 when no worker runs.",
                    _by_service("billing_relay_leases_unowned"),
                    red_from=1,
                ),
                Panel(
                    "Restarts of the relay",
                    "short",
                    "Times in five minutes that the relay began again after an error.",
                    _increase("billing_relay_restarts_total", "service", "5m"),
                ),
            ],
        ),
        Row(
            "In",
            [
                Panel(
                    "Events behind",
                    "short",
                    "Events of the group's partitions that are not applied yet.",
                    _by_service("billing_consumer_lag_events", "sum"),
                ),
                Panel(
                    "Seconds behind",
                    "s",
                    "How long the oldest of them has waited. Pages above 120 s.",
                    _by_service("billing_consumer_oldest_seconds"),
                    red_from=120,
                ),
                Panel(
                    "Without progress",
                    "s",
                    "How long some partition has had events and applied none. Pages above 180 s.",
                    _by_service("billing_consumer_stalled_seconds"),
                    red_from=180,
                ),
                Panel(
                    "Applied",
                    "eps",
                    "Events a second whose effect is committed.",
                    _rate("billing_events_consumed_total"),
                ),
                Panel(
                    "From publication to effect",
                    "s",
                    "Median and slowest hundredth of the events' age when they are applied.",
                    [(_AGE % "0.5", "{{service}} median"), (_AGE % "0.99", "{{service}} p99")],
                ),
                Panel(
                    "Time for a batch",
                    "s",
                    "99 of 100 batches are applied and committed within this time.",
                    [(_BATCH, "{{service}}")],
                ),
                Panel(
                    "Partitions",
                    "short",
                    "Partitions that the living workers hold; fewer than all: some are read by nobody.",
                    _by_service("billing_consumer_partitions", "sum"),
                ),
                Panel(
                    "Rebalances",
                    "short",
                    "Times in ten minutes that the group was given partitions anew, summed over its workers.",
                    _increase("billing_consumer_rebalances_total", "service", "10m"),
                ),
            ],
        ),
        Row(
            "What went wrong",
            [
                Panel(
                    "Dead letters",
                    "short",
                    "Letters that nobody has replayed or dropped yet, by reason. Each one pages.",
                    [
                        (
                            'max by (service, reason) (billing_dead_letters_waiting{service=~"$service"})',
                            "{{service}} {{reason}}",
                        )
                    ],
                    red_from=1,
                ),
                Panel(
                    "Came again",
                    "eps",
                    "Events a second that the inbox knew already: expected after a rebalance or restart.",
                    _rate("billing_events_repeated_total"),
                ),
                Panel(
                    "Duplicate effects prevented",
                    "short",
                    "Events that passed the inbox a second time and ran into a unique key. Must be 0.",
                    _increase("billing_duplicate_effects_total", "guard", "15m"),
                    red_from=1,
                ),
            ],
        ),
    ],
)

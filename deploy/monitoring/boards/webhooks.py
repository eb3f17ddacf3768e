"""Webhooks: whether they arrive, how soon, and what waits."""

from deploy.monitoring.panels import Dashboard, Panel, Row

_QUANTILE = "histogram_quantile(%s, sum by (le) (rate(%s_bucket[$__rate_interval])))"
_FIRST = "billing_webhook_accept_to_first_attempt_seconds"
_ATTEMPTS = "sum(rate(billing_webhook_attempts_total[$__rate_interval]))"
_ARRIVED = 'sum(rate(billing_webhook_attempts_total{outcome="success"}[$__rate_interval]))'

DASHBOARD = Dashboard(
    name="webhooks",
    title="Billing / Webhooks",
    description="Delivery to integrators' endpoints.",
    rows=[
        Row(
            "Arriving",
            [
                Panel(
                    "Attempts",
                    "ops",
                    "Attempts a second by what came of them.",
                    [
                        (
                            "sum by (outcome) (rate(billing_webhook_attempts_total[$__rate_interval]))",
                            "{{outcome}}",
                        )
                    ],
                    is_stacked=True,
                ),
                Panel(
                    "Share that arrives",
                    "percentunit",
                    "Successes among all attempts, receivers that are down included. Objective: 95 %.",
                    [(f"{_ARRIVED} / {_ATTEMPTS}", "arrived")],
                ),
                Panel(
                    "Budget burnt",
                    "short",
                    "Failures over what is allowed: 14.4 over an hour and 6 over six hours are alerts.",
                    [
                        ("billing:webhook_failures:ratio_rate1h / 0.05", "1 h"),
                        ("billing:webhook_failures:ratio_rate6h / 0.05", "6 h"),
                    ],
                    red_from=6,
                ),
                Panel(
                    "To the first attempt",
                    "s",
                    "From a message's acceptance to its first attempt: median and slowest hundredth.",
                    [(_QUANTILE % ("0.5", _FIRST), "median"), (_QUANTILE % ("0.99", _FIRST), "p99")],
                ),
                Panel(
                    "Time of an attempt",
                    "s",
                    "From the dial to the last byte read.",
                    [
                        (_QUANTILE % ("0.5", "billing_webhook_http_seconds"), "median"),
                        (_QUANTILE % ("0.99", "billing_webhook_http_seconds"), "p99"),
                    ],
                ),
                Panel(
                    "Blocked addresses",
                    "ops",
                    "Dials refused because the address is not public, by reason.",
                    [
                        (
                            "sum by (reason) (rate(billing_webhook_blocked_total[$__rate_interval]))",
                            "{{reason}}",
                        )
                    ],
                ),
            ],
        ),
        Row(
            "Waiting",
            [
                Panel(
                    "Most overdue",
                    "s",
                    "How long the most overdue delivery has waited. Pages above 120 s; scale on it.",
                    [("max(billing_webhook_oldest_due_age_seconds)", "oldest")],
                    red_from=120,
                ),
                Panel(
                    "Queue",
                    "short",
                    "Deliveries to be made, and those held while their endpoint takes none.",
                    [("max(billing_webhook_due_rows)", "due"), ("max(billing_webhook_held)", "held")],
                ),
                Panel(
                    "In the processes",
                    "short",
                    "Attempts under way, and deliveries leased that wait for a place.",
                    [
                        ("sum(billing_webhook_inflight)", "under way"),
                        ("sum(billing_webhook_queued)", "waiting"),
                    ],
                ),
                Panel(
                    "Endpoints left alone",
                    "short",
                    "Endpoints whose breaker is open.",
                    [("sum(billing_webhook_endpoints_open)", "endpoints")],
                ),
                Panel(
                    "Endpoints disabled",
                    "short",
                    "Endpoints disabled in an hour, because they are gone or nothing arrived for five days.",
                    [
                        (
                            "sum by (reason) (increase(billing_webhook_endpoints_disabled_total[1h]))",
                            "{{reason}}",
                        )
                    ],
                ),
                Panel(
                    "Taken over",
                    "short",
                    "Deliveries in 15 minutes taken over from a worker that did not finish them.",
                    [("sum(increase(billing_webhook_lease_expired_total[15m]))", "leases expired")],
                    red_from=1,
                ),
            ],
        ),
        Row(
            "Tables",
            [
                Panel(
                    "Dead rows of the queue",
                    "short",
                    "They slow every fetch; autovacuum should keep them below 10,000.",
                    [("max(billing_webhook_due_dead_tuples)", "dead rows")],
                    red_from=200_000,
                ),
                Panel(
                    "Outcomes of a transaction",
                    "short",
                    "Median number of outcomes written at once: near 1 when idle, near 200 under load.",
                    [(_QUANTILE % ("0.5", "billing_webhook_flush_rows"), "median")],
                ),
                Panel(
                    "Partitions ahead",
                    "d",
                    "Days to come for which there are partitions. Pages below 2.",
                    [("min(billing_webhook_partitions_ahead_days)", "days")],
                ),
            ],
        ),
    ],
)

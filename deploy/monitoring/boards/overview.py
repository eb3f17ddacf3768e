"""Is all well? One screen of what users feel and what alerts watch."""

from deploy.monitoring.panels import Dashboard, Panel, Row

_ANSWERED = 'sum by (service) (rate(billing_http_requests_total{service=~"$service"}[$__rate_interval]))'
_FAILED = _ANSWERED.replace('"$service"', '"$service",status=~"5.."')
_P99 = (
    "histogram_quantile(0.99, sum by (service, le) "
    '(rate(billing_http_request_seconds_bucket{service=~"$service"}[$__rate_interval])))'
)

DASHBOARD = Dashboard(
    name="overview",
    title="Billing / Overview",
    description="Whether requests are answered, events travel, money is right and webhooks arrive.",
    by_service=True,
    rows=[
        Row(
            "Now",
            [
                Panel(
                    "Oldest unpublished event",
                    "s",
                    "The oldest row of any outbox. Pages above 60 s.",
                    [("max(billing_outbox_oldest_seconds)", "")],
                    red_from=60,
                    is_number=True,
                ),
                Panel(
                    "Furthest behind",
                    "s",
                    "How long the oldest event that some service has to apply has waited. Pages above 120 s.",
                    [("max(billing_consumer_oldest_seconds)", "")],
                    red_from=120,
                    is_number=True,
                ),
                Panel(
                    "Dead letters",
                    "short",
                    "Events of all services that wait to be replayed or dropped.",
                    [("sum(max by (service, reason) (billing_dead_letters_waiting))", "")],
                    red_from=1,
                    is_number=True,
                ),
                Panel(
                    "Unknown payments",
                    "short",
                    "Live collections of which the provider has not said what became.",
                    [('max(billing_payment_collections{state="unknown",mode="live"})', "")],
                    red_from=20,
                    is_number=True,
                ),
                Panel(
                    "Ledgers that are wrong",
                    "short",
                    "Workspaces whose ledger differs from their receivables and payments. Must be 0.",
                    [("max(billing_ledger_wrong_workspaces)", "")],
                    red_from=1,
                    is_number=True,
                ),
                Panel(
                    "Webhooks late by",
                    "s",
                    "How long the most overdue delivery has waited. Pages above 120 s.",
                    [("max(billing_webhook_oldest_due_age_seconds)", "")],
                    red_from=120,
                    is_number=True,
                ),
            ],
        ),
        Row(
            "Requests",
            [
                Panel("Requests", "reqps", "Answered requests a second.", [(_ANSWERED, "{{service}}")]),
                Panel(
                    "Failed requests",
                    "percentunit",
                    "Share of requests answered with 5xx. Pages above 1 %.",
                    [(f"{_FAILED} / {_ANSWERED}", "{{service}}")],
                    red_from=0.01,
                ),
                Panel(
                    "Slowest hundredth",
                    "s",
                    "99 of 100 requests are answered faster than this.",
                    [(_P99, "{{service}}")],
                    red_from=2.5,
                ),
            ],
        ),
        Row(
            "Postgres and processes",
            [
                Panel(
                    "Connections in use",
                    "percentunit",
                    "Share of each pool; at 100 % requests wait, then answer 503.",
                    [
                        (
                            'max by (service, pool) (billing_postgres_pool_busy_ratio{service=~"$service"})',
                            "{{service}} {{pool}}",
                        )
                    ],
                    red_from=0.95,
                ),
                Panel(
                    "Oldest transaction",
                    "s",
                    "How long the oldest writing transaction has been open. Vacuum waits for it.",
                    [("max(billing_postgres_oldest_transaction_seconds)", "oldest")],
                    red_from=300,
                ),
                Panel(
                    "Dead rows",
                    "short",
                    "Rows that wait for a vacuum, in the tables that are deleted from all day.",
                    [
                        (
                            'max by (service, table) (billing_postgres_dead_rows{service=~"$service"})',
                            "{{service}} {{table}}",
                        )
                    ],
                    red_from=200_000,
                ),
                Panel(
                    "Memory",
                    "bytes",
                    "Resident memory of each process.",
                    [("process_resident_memory_bytes", "{{pod}} {{instance}}")],
                ),
                Panel(
                    "CPU",
                    "short",
                    "Cores that each process uses; one is all that a process can use.",
                    [("rate(process_cpu_seconds_total[$__rate_interval])", "{{pod}} {{instance}}")],
                    red_from=0.9,
                ),
                Panel(
                    "Failing workers",
                    "short",
                    "Steps of workers that raised, in five minutes.",
                    [("sum by (worker) (increase(billing_worker_failures_total[5m])) > 0", "{{worker}}")],
                ),
            ],
        ),
    ],
)

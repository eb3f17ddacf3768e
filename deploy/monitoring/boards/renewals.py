"""Renewals and dunning: what is due, what was billed, what waits for a person."""

from deploy.monitoring.panels import Dashboard, Panel, Row

_LOOKUPS = "billing_renewal_upstream_lookups_total"

DASHBOARD = Dashboard(
    name="renewals",
    title="Billing / Renewals",
    description="Subscriptions that are billed, late, parked or chased.",
    rows=[
        Row(
            "Renewals",
            [
                Panel(
                    "Oldest that is due",
                    "s",
                    "How late the oldest renewal is. Pages above 15 min.",
                    [("max(billing_renewal_oldest_due_seconds)", "oldest")],
                    red_from=900,
                ),
                Panel(
                    "Dealt with",
                    "ops",
                    "Subscriptions a second: renewed, ended or parked.",
                    [("sum by (outcome) (rate(billing_renewals_total[$__rate_interval]))", "{{outcome}}")],
                    is_stacked=True,
                ),
                Panel(
                    "Since the last step",
                    "s",
                    "How long ago a worker last looked for what is due. Pages above 5 min.",
                    [
                        (
                            'time() - max(billing_worker_stepped_timestamp_seconds{worker="renew_due"})',
                            "renew_due",
                        ),
                        (
                            'time() - max(billing_worker_stepped_timestamp_seconds{worker="retry_due"})',
                            "retry_due",
                        ),
                    ],
                    red_from=300,
                ),
            ],
        ),
        Row(
            "For a person",
            [
                Panel(
                    "Parked",
                    "short",
                    "Not billed until somebody has looked: GET /v1/subscriptions?parked=true.",
                    [("max(billing_renewal_parked)", "parked")],
                    red_from=1,
                ),
                Panel(
                    "Paused runs",
                    "short",
                    "Runs paused by hand or by the breaker.",
                    [("max(billing_renewal_runs_paused)", "paused")],
                    red_from=1,
                ),
                Panel(
                    "Billed twice, prevented",
                    "short",
                    "Periods that a unique key kept from being billed again. Must be 0.",
                    [
                        (
                            "sum by (guard) (increase("
                            'billing_duplicate_effects_total{guard=~"billing_once_a_period|invoice_one_per_cycle"}[1h]))',
                            "{{guard}}",
                        )
                    ],
                    red_from=1,
                ),
            ],
        ),
        Row(
            "Dunning",
            [
                Panel(
                    "Retries asked for",
                    "ops",
                    "Automatic retries a second.",
                    [("sum(rate(billing_dunning_retries_total[$__rate_interval]))", "retries")],
                ),
                Panel(
                    "Campaigns that ended",
                    "short",
                    "In a day: recovered, exhausted or canceled.",
                    [("sum by (status) (increase(billing_dunning_ended_total[1d]))", "{{status}}")],
                    is_stacked=True,
                ),
                Panel(
                    "Asked the invoice service",
                    "ops",
                    "Look-ups of contacts and products whose event was still under way.",
                    [(f"sum by (outcome) (rate({_LOOKUPS}[$__rate_interval]))", "{{outcome}}")],
                ),
            ],
        ),
    ],
)

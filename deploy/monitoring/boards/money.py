"""Payments: what comes in, what is collected, how the provider answers, whether the ledger is right."""

from deploy.monitoring.panels import Dashboard, Panel, Row

_RATE = "sum by (%s) (rate(%s[$__rate_interval]))"

DASHBOARD = Dashboard(
    name="payments",
    title="Billing / Payments",
    description="Payments registered and collected, the provider, refunds and the ledger.",
    rows=[
        Row(
            "Payments",
            [
                Panel(
                    "Registered",
                    "ops",
                    "Payments a second, by what the caller named: invoice, allocations, contact, batch.",
                    [(_RATE % ("kind", "billing_payments_registered_total"), "{{kind}}")],
                    is_stacked=True,
                ),
                Panel(
                    "Steps of collections",
                    "ops",
                    "Steps a second, by the state that each left.",
                    [(_RATE % ("outcome", "billing_payment_collection_steps_total"), "{{outcome}}")],
                    is_stacked=True,
                ),
                Panel(
                    "Under way",
                    "short",
                    "Live collections by state.",
                    [('max by (state) (billing_payment_collections{mode="live"})', "{{state}}")],
                    is_stacked=True,
                ),
            ],
        ),
        Row(
            "Unknown and overdue",
            [
                Panel(
                    "Unknown for",
                    "s",
                    "Since when the oldest unknown live payment is unknown. Pages above 15 min.",
                    [("max(billing_payment_unknown_oldest_seconds)", "oldest")],
                    red_from=900,
                ),
                Panel(
                    "Overdue steps",
                    "s",
                    "How long the most overdue step has waited. Pages above 5 min; refunds: 2 days.",
                    [("max by (work) (billing_payment_overdue_seconds)", "{{work}}")],
                    red_from=300,
                ),
                Panel(
                    "For a person",
                    "short",
                    "Payments in needs_review: GET /v1/payments?state=needs_review.",
                    [('max by (mode) (billing_payment_collections{state="needs_review"})', "{{mode}}")],
                    red_from=1,
                ),
            ],
        ),
        Row(
            "Provider",
            [
                Panel(
                    "Calls without an answer",
                    "ops",
                    "By kind; unavailable: surely not executed; rejected and auth: our fault.",
                    [(_RATE % ("kind", "billing_payment_provider_failures_total"), "{{kind}}")],
                ),
                Panel(
                    "Hints",
                    "ops",
                    "Webhooks of providers a second: new, repeated, or refused for their signature.",
                    [(_RATE % ("outcome", "billing_payment_provider_events_total"), "{{outcome}}")],
                ),
                Panel(
                    "Refunds",
                    "ops",
                    "Answers to refunds a second.",
                    [(_RATE % ("outcome", "billing_payment_refunds_sent_total"), "{{outcome}}")],
                ),
            ],
        ),
        Row(
            "Right?",
            [
                Panel(
                    "Ledgers that are wrong",
                    "short",
                    "Workspaces whose ledger differs from their rows. Must be 0; prove at once.",
                    [("max(billing_ledger_wrong_workspaces)", "workspaces")],
                    red_from=1,
                ),
                Panel(
                    "Asked the invoice service",
                    "ops",
                    "Look-ups of invoices and contacts whose event was still under way.",
                    [(_RATE % ("outcome", "billing_payment_upstream_lookups_total"), "{{outcome}}")],
                ),
                Panel(
                    "Invoices heard",
                    "ops",
                    "Snapshots of issued invoices applied a second.",
                    [(_RATE % ("event", "billing_payment_invoices_heard_total"), "{{event}}")],
                ),
            ],
        ),
    ],
)

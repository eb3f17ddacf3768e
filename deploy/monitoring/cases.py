"""For each alert the series that must set it off, and the nearest ones that must not.

Values are promtool's: `60+60x9` is 60, 120 … a minute each; the clock of a test begins at 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Series = Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """An alert's test: `firing` sets it off with these labels by minute `at`, `quiet` never does."""

    firing: Series
    quiet: Series
    labels: Mapping[str, str] = field(default_factory=dict)
    at: int = 15


def _gauge(name: str, firing: str, quiet: str, labels: Mapping[str, str] | None = None, at: int = 15) -> Case:
    return Case({name: f"{firing}x500"}, {name: f"{quiet}x500"}, labels or {}, at)


_PAYMENT = {"service": "payment"}
_FAILURES = "billing_payment_provider_failures_total"
_STEPS = 'billing_payment_collection_steps_total{outcome="succeeded"}'
_ATTEMPTS = "billing_webhook_attempts_total"
_REQUESTS = 'billing_http_requests_total{service="payment",status="%s"}'
_SECONDS = 'billing_http_request_seconds_bucket{service="payment",le="%s"}'
_FREE = 'kubelet_volume_stats_%s_bytes{persistentvolumeclaim="postgres-wal-1"}'

_SERVICES = ("gateway", "invoice", "payment", "subscription_renewal", "webhook_delivery")

CASES: Mapping[str, Case] = {
    "WorkersMissing": Case(
        {f'billing_outbox_rows{{service="{one}"}}': "0+0x60" for one in _SERVICES if one != "payment"},
        {f'billing_outbox_rows{{service="{one}"}}': "0+0x60" for one in _SERVICES},
        _PAYMENT,
    ),
    "OutboxStuck": _gauge('billing_outbox_oldest_seconds{service="payment"}', "61+0", "60+0", _PAYMENT),
    "RelayShardsUnowned": _gauge('billing_relay_leases_unowned{service="payment"}', "16+0", "0+0", _PAYMENT),
    "RelayRestarting": _gauge(
        'billing_relay_restarts_total{service="payment"}', "0+2", "0+0.5", _PAYMENT, at=30
    ),
    "ConsumerBehind": _gauge(
        'billing_consumer_oldest_seconds{service="payment"}', "121+0", "120+0", _PAYMENT
    ),
    "ConsumerStalled": _gauge(
        'billing_consumer_stalled_seconds{service="payment"}', "181+60", "1+0", _PAYMENT
    ),
    "ConsumerStopped": _gauge('billing_consumer_stopped{service="payment"}', "1+0", "0+0", _PAYMENT),
    "PartitionsUnassigned": Case(
        {
            'billing_consumer_partitions{service="payment",pod="a"}': "20+0x60",
            'billing_consumer_partitions_expected{service="payment",pod="a"}': "36+0x60",
            'billing_consumer_partitions_expected{service="payment",pod="b"}': "0+0x60",
        },
        {
            'billing_consumer_partitions{service="payment",pod="a"}': "20+0x60",
            'billing_consumer_partitions{service="payment",pod="b"}': "16+0x60",
            'billing_consumer_partitions_expected{service="payment",pod="a"}': "36+0x60",
        },
        _PAYMENT,
    ),
    "RebalanceStorm": _gauge(
        'billing_consumer_rebalances_total{service="payment"}', "0+1", "0+0.5", _PAYMENT, at=30
    ),
    "DeadLettersWait": Case(
        {'billing_dead_letters_waiting{service="payment",reason="poison"}': "0 0 0 1+0x60"},
        {'billing_dead_letters_waiting{service="payment",reason="lane_set_aside"}': "7+0x60"},
        {"service": "payment", "reason": "poison"},
        at=6,
    ),
    "LaneSetAside": _gauge('billing_lanes_set_aside{service="payment"}', "1+0", "0+0", _PAYMENT, at=10),
    "AuditLogBroken": _gauge('billing_audit_broken_chains{service="payment"}', "1+0", "0+0", _PAYMENT),
    "AuditLogUnsealed": _gauge(
        'billing_audit_unsealed_oldest_seconds{service="payment"}', "301+0", "300+0", _PAYMENT, at=10
    ),
    "DuplicateEffectPrevented": Case(
        {'billing_duplicate_effects_total{service="invoice",guard="invoice_one_per_cycle"}': "0 0 0 1+0x60"},
        {'billing_duplicate_effects_total{service="invoice",guard="invoice_one_per_cycle"}': "3+0x60"},
        {"service": "invoice", "guard": "invoice_one_per_cycle"},
        at=6,
    ),
    "PaymentsUnknownTooLong": _gauge("billing_payment_unknown_oldest_seconds", "901+0", "900+0"),
    "PaymentsUnknownMany": Case(
        {'billing_payment_collections{state="unknown",mode="live"}': "21+0x60"},
        {
            'billing_payment_collections{state="unknown",mode="live"}': "20+0x60",
            'billing_payment_collections{state="unknown",mode="test"}': "500+0x60",
        },
    ),
    "PaymentsNeedReview": Case(
        {'billing_payment_collections{state="needs_review",mode="live"}': "1+0x60"},
        {'billing_payment_collections{state="needs_review",mode="test"}': "9+0x60"},
        at=20,
    ),
    "CollectionsStalled": Case(
        {'billing_payment_overdue_seconds{work="collection"}': "301+0x60"},
        {
            'billing_payment_overdue_seconds{work="collection"}': "300+0x60",
            'billing_payment_overdue_seconds{work="refund"}': "9000+0x60",
        },
        {"work": "collection"},
    ),
    "RefundPendingTooLong": _gauge(
        'billing_payment_overdue_seconds{work="refund"}', "172801+0", "172800+0", at=70
    ),
    "ProviderFailing": Case(
        {f'{_FAILURES}{{kind="unavailable"}}': "0+30x60", _STEPS: "0+60x60"},
        {f'{_FAILURES}{{kind="unavailable"}}': "0+30x60", _STEPS: "0+600x60"},
    ),
    "ProviderRefusesUs": Case(
        {f'{_FAILURES}{{kind="auth"}}': "0 0 0 1+0x60"},
        {f'{_FAILURES}{{kind="auth"}}': "4+0x60", f'{_FAILURES}{{kind="unavailable"}}': "0+30x60"},
        {"kind": "auth"},
        at=6,
    ),
    "LedgerWrong": _gauge("billing_ledger_wrong_workspaces", "1+0", "0+0"),
    "WebhooksFailingFast": Case(
        {f'{_ATTEMPTS}{{outcome="timeout"}}': "0+90x90", f'{_ATTEMPTS}{{outcome="success"}}': "0+10x90"},
        {f'{_ATTEMPTS}{{outcome="timeout"}}': "0+70x90", f'{_ATTEMPTS}{{outcome="success"}}': "0+30x90"},
        at=70,
    ),
    "WebhooksFailingSlowly": Case(
        {f'{_ATTEMPTS}{{outcome="5xx"}}': "0+40x400", f'{_ATTEMPTS}{{outcome="success"}}': "0+60x400"},
        {f'{_ATTEMPTS}{{outcome="5xx"}}': "0+20x400", f'{_ATTEMPTS}{{outcome="success"}}': "0+80x400"},
        at=390,
    ),
    "WebhooksLate": _gauge("billing_webhook_oldest_due_age_seconds", "121+0", "120+0"),
    "WebhookFaultsOfOurs": _gauge(f'{_ATTEMPTS}{{outcome="ours"}}', "0+2", "0+0.5", at=30),
    "WebhookEndpointDisabled": Case(
        {'billing_webhook_endpoints_disabled_total{reason="gone"}': "0 0 0 1+0x60"},
        {'billing_webhook_endpoints_disabled_total{reason="gone"}': "5+0x60"},
        {"reason": "gone"},
        at=6,
    ),
    "WebhookLeasesExpire": _gauge("billing_webhook_lease_expired_total", "0+1", "5+0", at=40),
    "WebhookPartitionsMissing": _gauge("billing_webhook_partitions_ahead_days", "1+0", "2+0"),
    "RenewalsNotRun": _gauge("billing_renewal_oldest_due_seconds", "901+0", "900+0"),
    "RenewalWorkerStopped": _gauge(
        'billing_worker_stepped_timestamp_seconds{worker="renew_due"}', "30+0", "0+60", at=20
    ),
    "SubscriptionsParked": _gauge("billing_renewal_parked", "1+0", "0+0", at=40),
    "RenewalRunPaused": _gauge("billing_renewal_runs_paused", "1+0", "0+0", at=40),
    "UsagePartitionsMissing": _gauge("billing_usage_partitions_ahead", "1+0", "2+0"),
    "UsageNotBilled": _gauge('billing_usage_bills_total{outcome="postponed"}', "0+1", "5+0", at=40),
    "RequestsFailing": Case(
        {_REQUESTS % 500: "0+12x60", _REQUESTS % 200: "0+600x60"},
        {_REQUESTS % 500: "0+5x60", _REQUESTS % 404: "0+100x60", _REQUESTS % 200: "0+600x60"},
        _PAYMENT,
    ),
    "RequestsSlow": Case(
        {_SECONDS % "2.5": "0+900x60", _SECONDS % "5": "0+1000x60", _SECONDS % "+Inf": "0+1000x60"},
        {_SECONDS % "2.5": "0+999x60", _SECONDS % "5": "0+1000x60", _SECONDS % "+Inf": "0+1000x60"},
        _PAYMENT,
        at=40,
    ),
    "RequestsShed": _gauge("billing_gateway_shed_total", "0+5", "0+1", at=30),
    "IssuerKeysNotFetched": Case(
        {'billing_gateway_key_sets_total{outcome="failed"}': "0+1x60"},
        {
            'billing_gateway_key_sets_total{outcome="failed"}': "2+0x60",
            'billing_gateway_key_sets_total{outcome="fetched"}': "0+1x60",
        },
        at=40,
    ),
    "DocumentsLate": _gauge("billing_invoice_delivery_oldest_due_seconds", "901+0", "900+0"),
    "EInvoiceRulesSuperseded": _gauge(
        "billing_invoice_e_invoice_rules_superseded_timestamp_seconds", "2592000+0", "2600000+0"
    ),
    "WorkerStuck": Case(
        {
            'billing_worker_stepped_timestamp_seconds{worker="deliver"}': "0+0x60",
            'billing_worker_interval_seconds{worker="deliver"}': "1+0x60",
        },
        {
            'billing_worker_stepped_timestamp_seconds{worker="retention"}': "0+0x60",
            'billing_worker_interval_seconds{worker="retention"}': "3600+0x60",
        },
        {"worker": "deliver"},
    ),
    "WorkerFailing": _gauge(
        'billing_worker_failures_total{worker="deliver"}', "0+1", "0+0.2", {"worker": "deliver"}, at=40
    ),
    "PoolExhausted": _gauge(
        'billing_postgres_pool_busy_ratio{service="payment",pool="api"}',
        "1+0",
        "0.9+0",
        {"service": "payment", "pool": "api"},
    ),
    "PostgresOldTransaction": _gauge(
        'billing_postgres_oldest_transaction_seconds{service="payment"}', "301+60", "20+0"
    ),
    "PostgresDeadRows": _gauge(
        'billing_postgres_dead_rows{service="payment",table="outbox"}',
        "200001+0",
        "200000+0",
        {"service": "payment", "table": "outbox"},
        at=30,
    ),
    "PostgresSlotLag": _gauge(
        'billing_postgres_slot_lag_bytes{service="payment"}', "10737418241+0", "10737418240+0"
    ),
    "DiskNearlyFull": Case(
        {_FREE % "available": "19+0x60", _FREE % "capacity": "100+0x60"},
        {_FREE % "available": "20+0x60", _FREE % "capacity": "100+0x60"},
        {"persistentvolumeclaim": "postgres-wal-1"},
    ),
    "MigrationFailed": _gauge(
        'kube_job_status_failed{namespace="billing",job_name="billing-migrate-7"}',
        "1+0",
        "0+0",
        {"namespace": "billing", "job_name": "billing-migrate-7"},
    ),
    "CertificateExpires": _gauge(
        'certmanager_certificate_expiration_timestamp_seconds{name="gateway"}',
        "604800+0",
        "700000+0",
        {"name": "gateway"},
        at=70,
    ),
}

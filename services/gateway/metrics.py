"""Prometheus metrics of the gateway."""

from prometheus_client import Counter

CREDENTIALS = Counter(
    "billing_gateway_credentials_total",
    "Credentials looked up (a cached one is not), by kind and outcome.",
    ["kind", "outcome"],
)
UPSTREAM_FAILURES = Counter(
    "billing_gateway_upstream_failures_total", "Requests that a service did not answer.", ["service"]
)
CLOCK_ROUNDS = Counter(
    "billing_gateway_clock_rounds_total",
    "Times that all services were asked where they stand with a sandbox whose clock is being moved.",
    ["outcome"],
)
KEY_SETS = Counter(
    "billing_gateway_key_sets_total",
    "Looks for the public keys of issuers of tokens, by outcome.",
    ["outcome"],
)
LIMITED = Counter(
    "billing_gateway_limited_total",
    "Requests refused with 429, by limit: rate, in_flight, address or failed_attempts.",
    ["limit"],
)
SHED = Counter("billing_gateway_shed_total", "Requests refused because others wait too long already.")
EXCHANGE_FAILURES = Counter(
    "billing_gateway_limit_exchange_failures_total",
    "Times that the replicas' shared limits were out of reach.",
)
for _outcome in ("fetched", "failed"):
    KEY_SETS.labels(_outcome)

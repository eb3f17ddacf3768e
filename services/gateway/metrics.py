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

"""Which metrics an expression names, and those of other programs that we may name."""

import re

# Grafana's own: replaced before Prometheus sees an expression.
VARIABLES = {"$__rate_interval": "5m", "$__interval": "1m", "$__range": "1h", "$service": ".*"}
# Metrics of what surrounds the platform: name → whose it is.
OUTSIDE = {
    "kubelet_volume_stats_available_bytes": "the kubelet",
    "kubelet_volume_stats_capacity_bytes": "the kubelet",
    "kube_job_status_failed": "kube-state-metrics",
    "certmanager_certificate_expiration_timestamp_seconds": "cert-manager",
}
_BRACES = re.compile(r"\{[^}]*\}")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_TEXT = re.compile(r'"[^"]*"')
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_NOT_METRICS = set(
    """sum max min avg count rate increase histogram_quantile time absent and or unless on by clamp_min
    topk sort_desc vector label_replace bool offset""".split()
)


def plain(expression: str) -> str:
    """The expression with Grafana's variables filled in."""
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


def metrics(expression: str) -> set[str]:
    """The metrics that it reads."""
    text = _GROUPING.sub(" ", _BRACES.sub(" ", _TEXT.sub(" ", plain(expression))))
    text = re.sub(r"\[[^\]]*\]", " ", text)
    names = {name for name in _NAME.findall(text) if name not in _NOT_METRICS}
    # What is left of numbers such as 1e9.
    return {name for name in names if "_" in name or ":" in name}

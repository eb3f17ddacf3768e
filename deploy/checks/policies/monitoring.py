"""Whatever runs is scraped once, and its own labels stay as they are."""

from deploy.checks.policies.objects import Object, Workload, of_kind, selects, services


def faults(objects: list[Object]) -> list[str]:
    """Workloads that nobody scrapes or two do; [] where the release has no monitors at all."""
    monitors = of_kind(objects, "ServiceMonitor", "PodMonitor")
    if not monitors:
        return []
    found = [
        f"{one.name}: is scraped by {count} monitors, not one"
        for one in services(objects)
        if (count := sum(_scrapes(objects, monitor, one) for monitor in monitors)) != 1
    ]
    found += [
        f"{monitor['kind']} {monitor['metadata']['name']}: scrapes another port than that of the metrics"
        for monitor in monitors
        for endpoint in monitor["spec"].get("endpoints") or monitor["spec"]["podMetricsEndpoints"]
        if endpoint.get("port") != "metrics"
    ]
    return found + [
        f"{monitor['kind']} {monitor['metadata']['name']}: renames our label `service`"
        for monitor in monitors
        for endpoint in monitor["spec"].get("endpoints") or monitor["spec"]["podMetricsEndpoints"]
        if endpoint.get("honorLabels") is not True
    ]


def _scrapes(objects: list[Object], monitor: Object, one: Workload) -> bool:
    selector = monitor["spec"]["selector"]
    if monitor["kind"] == "PodMonitor":
        return selects(selector, one.labels)
    return any(
        selects(selector, service["metadata"]["labels"])
        and selects({"matchLabels": service["spec"]["selector"]}, one.labels)
        for service in of_kind(objects, "Service")
    )

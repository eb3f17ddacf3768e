"""What every pod of ours has: probes, limits, no privileges, time to stop, a budget."""

from collections.abc import Iterator

from deploy.checks.policies.objects import (
    Object,
    Workload,
    fewest_replicas,
    of_kind,
    selects,
    services,
    workloads,
)

USER = 10001
# Of the grace, for what comes after open work: closing pools, flushing logs.
SPARE_SECONDS = 5


def faults(objects: list[Object]) -> list[str]:
    """Everything that is missing, by workload."""
    found = []
    for one in workloads(objects):
        found += [f"{one.name}: {fault}" for fault in [*_secured(one), *_contained(one)]]
    for one in services(objects):
        lasting = [*_probed(one), *_stopping(one), *_spread(one), *_budgeted(objects, one)]
        found += [f"{one.name}: {fault}" for fault in lasting]
    return found


def _secured(one: Workload) -> Iterator[str]:
    pod, context = one.pod, one.pod.get("securityContext", {})
    if context.get("runAsNonRoot") is not True or context.get("runAsUser") != USER:
        yield f"does not run as {USER}"
    if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "has no seccomp profile"
    if pod.get("automountServiceAccountToken") is not False:
        yield "mounts a token"
    if pod.get("enableServiceLinks") is not False:
        yield "is told of every Service by its environment"
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(key):
            yield f"has {key}"
    for volume in pod.get("volumes", []):
        if "hostPath" in volume:
            yield f"mounts the node's {volume['hostPath'].get('path')}"
        if "emptyDir" in volume and "sizeLimit" not in (volume["emptyDir"] or {}):
            yield f"may fill the node's disk by {volume['name']}"


def _contained(one: Workload) -> Iterator[str]:
    for container in one.containers:
        name, context = container["name"], container.get("securityContext", {})
        if context.get("readOnlyRootFilesystem") is not True:
            yield f"{name} can write to its root"
        if context.get("allowPrivilegeEscalation") is not False or context.get("privileged"):
            yield f"{name} can gain privileges"
        if context.get("capabilities", {}).get("drop") != ["ALL"] or context["capabilities"].get("add"):
            yield f"{name} keeps capabilities"
        if ":" not in container["image"].rpartition("/")[2] or container["image"].endswith(":latest"):
            yield f"{name} has an image without a version"
        yield from _limited(name, container.get("resources", {}))


def _limited(name: str, resources: Object) -> Iterator[str]:
    requests, limits = resources.get("requests", {}), resources.get("limits", {})
    for what in ("memory", "ephemeral-storage"):
        if not limits.get(what) or limits[what] != requests.get(what):
            yield f"{name} has no {what} of its own, reserved and limited alike"
    if "cpu" not in requests:
        yield f"{name} reserves no processor"
    if "cpu" in limits:
        yield f"{name} has a limit to its processor, which makes it wait while others idle"


def _probed(one: Workload) -> Iterator[str]:
    for container in one.pod["containers"]:
        for probe, path in (("startup", "/livez"), ("liveness", "/livez"), ("readiness", "/readyz")):
            found = container.get(f"{probe}Probe", {}).get("httpGet", {}).get("path")
            if found != path:
                yield f"{container['name']}'s {probe} probe asks {found}, not {path}"


def _stopping(one: Workload) -> Iterator[str]:
    """Pause, requests, Kafka and workers, one after the other, end before the pod is killed."""
    grace = one.pod.get("terminationGracePeriodSeconds", 30)
    container = one.pod["containers"][0]
    values = {variable["name"]: variable.get("value") for variable in container["env"]}
    pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    work = int(values.get("GRACEFUL_TIMEOUT_SECONDS", 25))
    kafka = float(values.get("KAFKA_GRACEFUL_TIMEOUT_SECONDS", 25))
    needed = pause + {"api": work, "worker": kafka + work, "all": work + kafka + work}[one.role]
    if needed + SPARE_SECONDS > grace:
        yield f"is killed after {grace} s, may need {needed:g} s"
    if one.role != "worker" and not pause:
        yield "stops listening before load balancers know"


def _spread(one: Workload) -> Iterator[str]:
    for constraint in one.pod.get("topologySpreadConstraints", []):
        if constraint.get("matchLabelKeys") != ["pod-template-hash"]:
            yield f"spreads over {constraint['topologyKey']} around the pods that it replaces"
    keys = {one["topologyKey"] for one in one.pod.get("topologySpreadConstraints", [])}
    if keys != {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}:
        yield "does not spread over zones and nodes"


def _budgeted(objects: list[Object], one: Workload) -> Iterator[str]:
    budgets = [
        budget
        for budget in of_kind(objects, "PodDisruptionBudget")
        if selects(budget["spec"]["selector"], one.labels)
    ]
    wanted = int(fewest_replicas(objects, one) > 1)
    if len(budgets) != wanted:
        yield f"has {len(budgets)} disruption budgets, not {wanted}"
    for budget in budgets:
        if budget["spec"].get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield "keeps a node from being drained while its pods are unhealthy"

"""Who scales: by what, up to how many, and with steps that leave a group of consumers time to work."""

from collections.abc import Collection, Iterator, Mapping

from deploy.checks.policies.objects import Object, of_kind, services

LONGEST_POLL_SECONDS = 30
SLOWEST_DOWN_SECONDS = 300


def faults(objects: list[Object], partitions: int, heard: Mapping[str, Collection[str]]) -> list[str]:
    """What is wrong with autoscalers; `heard` are the topics of each service's consumer, by its name here."""
    found = [*_targets(objects), *_sign_in(objects)]
    for one in of_kind(objects, "ScaledObject"):
        service = one["metadata"]["labels"]["app.kubernetes.io/component"].removesuffix("-worker")
        checks = (*_bounds(one, partitions), *_triggers(one, service, heard.get(service, ())), *_steps(one))
        found += [f"ScaledObject {one['metadata']['name']}: {fault}" for fault in checks]
    return found


def _targets(objects: list[Object]) -> Iterator[str]:
    deployments = {one.object["metadata"]["name"]: one for one in services(objects)}
    seen = set()
    for one in of_kind(objects, "HorizontalPodAutoscaler", "ScaledObject"):
        name = one["spec"]["scaleTargetRef"]["name"]
        if name not in deployments:
            yield f"{one['kind']} {one['metadata']['name']}: scales {name}, which is not there"
        elif "replicas" in deployments[name].object["spec"]:
            yield f"{name}: says how many replicas it has, and so does its autoscaler"
        if name in seen:
            yield f"{name}: has two autoscalers"
        seen.add(name)
    for name, workload in deployments.items():
        if name not in seen and "replicas" not in workload.object["spec"]:
            yield f"{name}: nobody says how many replicas it has"


def _sign_in(objects: list[Object]) -> Iterator[str]:
    """KEDA comes to Kafka as the workload does whose events it counts."""
    env = {one.object["metadata"]["name"]: one.pod["containers"][0]["env"] for one in services(objects)}
    for one in of_kind(objects, "ScaledObject"):
        values = {
            found["name"]: found.get("value", "")
            for found in env.get(one["spec"]["scaleTargetRef"]["name"], [])
        }
        protocol = values.get("KAFKA_SECURITY_PROTOCOL", "PLAINTEXT")
        wanted = ("SSL" in protocol, "SASL" in protocol)
        for trigger in one["spec"]["triggers"]:
            about = trigger["metadata"]
            if trigger["type"] == "kafka" and (about.get("tls") == "enable", "sasl" in about) != wanted:
                yield f"ScaledObject {one['metadata']['name']}: does not come to Kafka by {protocol}"


def _bounds(one: Object, partitions: int) -> Iterator[str]:
    spec = one["spec"]
    if not 1 <= spec["minReplicaCount"] <= spec["maxReplicaCount"]:
        yield "would stop all of its pods, or has fewer at most than at least"
    if spec["maxReplicaCount"] > partitions:
        yield f"goes up to {spec['maxReplicaCount']} pods for {partitions} partitions"
    if spec.get("fallback", {}).get("behavior") != "currentReplicasIfHigher":
        yield "shrinks while Kafka does not answer"
    if spec.get("pollingInterval", 30) > LONGEST_POLL_SECONDS:
        yield "looks too seldom"


def _triggers(one: Object, service: str, heard: Collection[str]) -> Iterator[str]:
    by_lag = [trigger for trigger in one["spec"]["triggers"] if trigger["type"] == "kafka"]
    if not by_lag:
        yield "does not look at Kafka"
    for trigger in by_lag:
        about = trigger["metadata"]
        if about["consumerGroup"] != service:
            yield f"counts for the group {about['consumerGroup']}, not {service}"
        if about.get("topic") not in heard:
            yield f"counts {about.get('topic')}, which {service} does not hear"
        for key in ("limitToPartitionsWithLag", "excludePersistentLag"):
            if about.get(key) != "true":
                yield f"{about.get('topic')}: without {key} a stuck partition asks for pods in vain"


def _steps(one: Object) -> Iterator[str]:
    behavior = one["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    if behavior["scaleDown"]["stabilizationWindowSeconds"] < SLOWEST_DOWN_SECONDS:
        yield "shrinks at once: each step makes the whole group stop"
    for direction in ("scaleUp", "scaleDown"):
        for policy in behavior[direction]["policies"]:
            if policy["type"] != "Pods" or policy["periodSeconds"] < 60:
                yield f"{direction}: by more than some pods a minute"

"""Our own rules for rendered objects, each seen to find the fault that it is there for."""

from collections.abc import Callable
from typing import Any

import pytest

from deploy.checks.matrix import Objects
from tests.contract.deploy.conftest import Judge

Plant = Callable[[Objects], Any]


def one(objects: Objects, kind: str, name: str) -> dict[str, Any]:
    return next(found for found in objects if (found["kind"], found["metadata"]["name"]) == (kind, name))


def pod(objects: Objects, name: str = "billing-payment-worker") -> dict[str, Any]:
    return one(objects, "Deployment", name)["spec"]["template"]["spec"]


def container(objects: Objects, name: str = "billing-payment-worker") -> dict[str, Any]:
    return pod(objects, name)["containers"][0]


def env(objects: Objects, name: str = "billing-payment-worker") -> list[dict[str, Any]]:
    return container(objects, name)["env"]


def scaled(objects: Objects) -> dict[str, Any]:
    return one(objects, "ScaledObject", "billing-payment-worker")["spec"]


def egress(objects: Objects, name: str) -> list[dict[str, Any]]:
    return one(objects, "NetworkPolicy", name)["spec"]["egress"]


def without(objects: Objects, kind: str, name: str) -> None:
    objects.remove(one(objects, kind, name))


def drop_env(objects: Objects, name: str) -> None:
    env(objects)[:] = [variable for variable in env(objects) if variable["name"] != name]


ANYWHERE = {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 443}]}
PLANTED: dict[str, tuple[Plant, str]] = {
    "a probe is missing": (lambda o: container(o).pop("readinessProbe"), "readiness probe asks None"),
    "a probe asks the wrong question": (
        lambda o: container(o)["livenessProbe"]["httpGet"].update(path="/readyz"),
        "liveness probe asks /readyz",
    ),
    "memory is not reserved": (
        lambda o: container(o)["resources"]["requests"].pop("memory"),
        "no memory of its own",
    ),
    "a limit to the processor": (
        lambda o: container(o)["resources"]["limits"].update(cpu="1"),
        "has a limit to",
    ),
    "root": (lambda o: pod(o)["securityContext"].update(runAsUser=0), "does not run as 10001"),
    "a root that can be written": (
        lambda o: container(o)["securityContext"].update(readOnlyRootFilesystem=False),
        "can write to its root",
    ),
    "a capability": (
        lambda o: container(o)["securityContext"]["capabilities"].update(add=["NET_RAW"]),
        "keeps capabilities",
    ),
    "the node's disk": (
        lambda o: pod(o)["volumes"].append({"name": "docker", "hostPath": {"path": "/var/run"}}),
        "mounts the node's /var/run",
    ),
    "a token": (lambda o: pod(o).update(automountServiceAccountToken=True), "mounts a token"),
    "an image without a version": (lambda o: container(o).update(image="billing"), "without a version"),
    "a grace too short": (lambda o: pod(o).update(terminationGracePeriodSeconds=60), "is killed after 60 s"),
    "no pause before the end": (
        lambda o: container(o, "billing-payment-api").pop("lifecycle"),
        "stops listening",
    ),
    "no budget": (
        lambda o: without(o, "PodDisruptionBudget", "billing-payment-api"),
        "has 0 disruption budgets",
    ),
    "a spread around old pods": (
        lambda o: pod(o)["topologySpreadConstraints"][0].pop("matchLabelKeys"),
        "around the pods that it replaces",
    ),
    "a variable that nothing reads": (
        lambda o: env(o).append({"name": "COLLECTION_SLOTZ", "value": "4"}),
        "COLLECTION_SLOTZ is read by nothing",
    ),
    "another service's variable": (
        lambda o: env(o).append({"name": "DELIVERY_SLOTS", "value": "4"}),
        "DELIVERY_SLOTS is read by nothing",
    ),
    "a variable set twice": (lambda o: env(o).append({"name": "PORT", "value": "1"}), "PORT is set twice"),
    "a variable missing": (lambda o: drop_env(o, "ENCRYPTION_KEYS"), "ENCRYPTION_KEYS is needed"),
    "Kafka's address missing": (
        lambda o: drop_env(o, "KAFKA_BOOTSTRAP_SERVERS"),
        "KAFKA_BOOTSTRAP_SERVERS is needed",
    ),
    "a secret in the open": (
        lambda o: [drop_env(o, "ENCRYPTION_KEYS"), env(o).append({"name": "ENCRYPTION_KEYS", "value": "k"})],
        "ENCRYPTION_KEYS stands in the open",
    ),
    "an API that speaks to Kafka": (
        lambda o: env(o, "billing-payment-api").append({"name": "KAFKA_BOOTSTRAP_SERVERS", "value": "a:1"}),
        "an API has nothing to say to Kafka",
    ),
    "more pods than partitions": (
        lambda o: scaled(o).update(maxReplicaCount=13),
        "13 pods for 12 partitions",
    ),
    "scaled to nothing": (lambda o: scaled(o).update(minReplicaCount=0), "would stop all of its pods"),
    "a trigger without a topic": (
        lambda o: scaled(o)["triggers"][0]["metadata"].pop("topic"),
        "counts None, which payment does not hear",
    ),
    "a topic that the service does not hear": (
        lambda o: scaled(o)["triggers"][0]["metadata"].update(topic="payment.created"),
        "counts payment.created, which payment does not hear",
    ),
    "another group": (
        lambda o: scaled(o)["triggers"][0]["metadata"].update(consumerGroup="invoice"),
        "counts for the group invoice",
    ),
    "a poison partition that asks for pods": (
        lambda o: scaled(o)["triggers"][0]["metadata"].pop("excludePersistentLag"),
        "without excludePersistentLag",
    ),
    "KEDA without encryption": (
        lambda o: scaled(o)["triggers"][0]["metadata"].pop("tls"),
        "does not come to Kafka by SASL_SSL",
    ),
    "steps without a pause": (
        lambda o: scaled(o)["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"].update(
            stabilizationWindowSeconds=0
        ),
        "shrinks at once",
    ),
    "two who say how many": (
        lambda o: one(o, "Deployment", "billing-payment-worker")["spec"].update(replicas=2),
        "and so does its autoscaler",
    ),
    "an autoscaler of nothing": (
        lambda o: without(o, "Deployment", "billing-payment-worker"),
        "scales billing-payment-worker, which is not there",
    ),
    "a worker that nobody scrapes": (
        lambda o: without(o, "PodMonitor", "billing-workers"),
        "billing-payment-worker: is scraped by 0 monitors",
    ),
    "a label taken from us": (
        lambda o: one(o, "ServiceMonitor", "billing")["spec"]["endpoints"][0].pop("honorLabels"),
        "renames our label",
    ),
    "no default": (
        lambda o: without(o, "NetworkPolicy", "billing-default-deny"),
        "0 policies deny everything",
    ),
    "a workload that no policy knows": (
        lambda o: without(o, "NetworkPolicy", "billing-payment-worker"),
        "Deployment billing-payment-worker: no policy",
    ),
    "another way out": (
        lambda o: egress(o, "billing-subscription-renewal-worker").append(ANYWHERE),
        "subscription-renewal-worker: may leave the cluster",
    ),
    "a worker of the gateway that leaves": (
        lambda o: egress(o, "billing-gateway-worker").append(ANYWHERE),
        "gateway-worker: may leave the cluster",
    ),
    "a way to the cloud's secrets": (
        lambda o: egress(o, "billing-webhook-delivery-worker").append(ANYWHERE),
        "may reach 169.254.0.0/16 by 0.0.0.0/0",
    ),
    "a private network": (
        lambda o: egress(o, "billing-payment-worker").append(
            {"to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}], "ports": [{"port": 443}]}
        ),
        "may reach 10.0.0.0/8 by 10.1.0.0/16",
    ),
    "every port": (
        lambda o: [rule.pop("ports") for rule in egress(o, "billing-webhook-delivery-worker")],
        "on any port",
    ),
    "an entrance for all": (
        lambda o: one(o, "NetworkPolicy", "billing-payment-api")["spec"]["ingress"][0].pop("from"),
        "can be reached from anywhere",
    ),
    "a worker that is called": (
        lambda o: one(o, "NetworkPolicy", "billing-payment-worker")["spec"]["ingress"][0]["from"].append(
            {"podSelector": {}}
        ),
        "is a worker, which nobody calls",
    ),
    "metrics that callers see": (
        lambda o: one(o, "NetworkPolicy", "billing-payment-api")["spec"]["ingress"][1]["from"].extend(
            one(o, "NetworkPolicy", "billing-payment-api")["spec"]["ingress"][0]["from"]
        ),
        "shows its metrics to its callers",
    ),
    "metrics on the port of the API": (
        lambda o: one(o, "ServiceMonitor", "billing")["spec"]["endpoints"][0].update(port="http"),
        "scrapes another port than that of the metrics",
    ),
}


@pytest.mark.parametrize("plant, expected", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_fault_is_found(production: Objects, judge: Judge, plant: Plant, expected: str) -> None:
    plant(production)

    found = judge(production)

    assert any(expected in fault for fault in found), found


def test_what_production_runs_has_no_fault(production: Objects, judge: Judge) -> None:
    assert judge(production) == []
